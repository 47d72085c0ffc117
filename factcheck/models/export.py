"""Converts a sentence-transformers model to ONNX, once, so that a query needs neither it nor torch."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from factcheck.errors import ModelError, ModelMissingError
from factcheck.models.digest import file_digest, folder_digest
from factcheck.models.onnx import OnnxModel
from factcheck.protocols import FloatArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
CARD_FILE = "encoder.json"
LOWEST_AGREEMENT = 0.999  # cosine of export and original, for each probe
_OPSET = 17

# Texts of many lengths, with the signs that tokenizers treat differently; the last is cut by most models.
PROBES = (
    "Yes.",
    "183 drones",
    "Russia launched 183 drones and 29 missiles overnight.",
    "What is the capital of Australia?",
    "She said: “We won’t go back” — and left at 7.45 p.m.",
    "GDP grew 2.3% in Q4, against 1.9% a year before (€1,204bn).",
    "Zürich, São Paulo, Łódź and Kraków took part; Москва and 東京 did not.",
    "THE COURT DISMISSED THE APPEAL",
    "The bridge, which had been closed since the flood of 1997, was opened to lorries again on Monday.",
    "A spokesman for the ministry declined to comment. " * 4,
    "Prices of wheat, maize and rice fell for the third month running, the agency's index shows. " * 8,
    "The committee met again, heard two witnesses, and put off its decision until the spring. " * 40,
)


class EncoderCard(BaseModel):
    """What is known of an exported encoder without reading its weights."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    source_sha256: str
    dimension: int
    max_length: int
    pad_id: int
    onnx_bytes: int
    onnx_sha256: str
    tokenizer_sha256: str


def read_card(folder: Path) -> EncoderCard:
    """Read the card of an exported encoder. Raises ModelMissingError or ModelError."""
    path = folder / CARD_FILE
    try:
        return EncoderCard.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ModelMissingError(f"{folder.name} has not been converted yet; run: factcheck models pull") from error
    except (OSError, ValidationError) as error:
        raise ModelError(f"{path} is damaged; delete {folder} and run: factcheck models pull") from error


def export_encoder(model_folder: Path, target: Path) -> EncoderCard:
    """Convert a sentence-transformers folder to ONNX files in the folder `target`, replacing an older one.

    The graph is the chain of the model's own modules (transformer, pooling, normalisation). The folder gets
    its final name only if the export agrees with sentence-transformers on every probe. Raises ModelError.
    """
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    with _quiet():
        original = _load(model_folder)
        _write_graph(original, partial / MODEL_FILE)
        expected = original.encode(list(PROBES), normalize_embeddings=True, show_progress_bar=False)
    _write_tokenizer(original, partial / TOKENIZER_FILE)
    card = EncoderCard(
        source_sha256=folder_digest(model_folder)[0],
        dimension=int(expected.shape[1]),
        max_length=int(original.max_seq_length or 512),
        pad_id=int(original.tokenizer.pad_token_id or 0),
        onnx_bytes=(partial / MODEL_FILE).stat().st_size,
        onnx_sha256=file_digest(partial / MODEL_FILE),
        tokenizer_sha256=file_digest(partial / TOKENIZER_FILE),
    )
    _check_agreement(open_export(partial, card), expected, model_folder)
    (partial / CARD_FILE).write_text(card.model_dump_json(indent=2), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
    return card


def open_export(folder: Path, card: EncoderCard, max_length: int | None = None) -> OnnxModel:
    """Open an exported encoder; texts are cut at `max_length` tokens, at most at the model's own maximum."""
    return OnnxModel(
        folder / MODEL_FILE,
        folder / TOKENIZER_FILE,
        max_length=min(max_length or card.max_length, card.max_length),
        pad_id=card.pad_id,
    )


def unit_rows(rows: FloatArray) -> FloatArray:
    """Scale rows to length 1; a row of zeros stays."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, np.finfo(np.float32).tiny), dtype=np.float32)


def _load(folder: Path) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    try:
        # Eager attention is plain matrix products, which every ONNX operator set knows.
        model = SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"}
        )
    except Exception as error:  # transformers raises whatever its loaders raise
        raise ModelError(f"{folder} is not a sentence-transformers model ({_line(error)})") from error
    return model.float().eval()


def _write_graph(model: SentenceTransformer, path: Path) -> None:
    import torch

    features = {k: v for k, v in _features(model).items() if isinstance(v, torch.Tensor)}
    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in features]

    class Chain(torch.nn.Module):
        """The model's modules as a function of plain tensors, as the exporter wants it."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            embedding: torch.Tensor = self.model(dict(zip(names, tensors, strict=True)))["sentence_embedding"]
            return embedding

    axes: dict[str, dict[int, str]] = {name: {0: "batch", 1: "length"} for name in names}
    axes["embedding"] = {0: "batch"}
    try:
        torch.onnx.export(
            Chain(),
            tuple(features[name] for name in names),
            str(path),
            input_names=names,
            output_names=["embedding"],
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,  # the newer exporter needs onnxscript
        )
    except Exception as error:  # the exporter raises many unrelated classes
        raise ModelError(f"{path.parent.name} cannot be converted to ONNX ({_line(error)})") from error


def _features(model: SentenceTransformer) -> dict[str, Any]:
    """Two tokenized texts of different lengths, so that the traced graph holds the padding."""
    texts = [PROBES[0], PROBES[2]]
    prepare = getattr(model, "preprocess", None) or model.tokenize  # sentence-transformers 6, and before
    features: dict[str, Any] = prepare(texts)
    return features


def _write_tokenizer(model: SentenceTransformer, path: Path) -> None:
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ModelError(f"the tokenizer of {path.parent.name} has no fast form; choose another encoder")
    backend.save(str(path))


def _check_agreement(export: OnnxModel, expected: FloatArray, source: Path) -> None:
    cosines = np.sum(unit_rows(export.run(PROBES)) * expected, axis=1)
    if not float(cosines.min()) > LOWEST_AGREEMENT:
        raise ModelError(
            f"the ONNX form of {source} disagrees with the original (cosine {cosines.min():.4f}); "
            "choose another encoder in models.toml"
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's warnings and the loader's progress bars off the terminal."""
    from transformers.utils import logging as untyped

    logging: Any = untyped
    shown = logging.is_progress_bar_enabled()
    level = logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
