"""The reviewer: a larger cross-encoder than the verifier, asked where the verifier is unsure.

Its base, all-mpnet-base-v2, is fetched as its makers published it. What it learned travels with the package:
corrections of low rank to the base's layers (LoRA: Hu et al. 2021), and an ONNX graph without its large tensors, whose
metadata say how each of them is made. `assemble` puts the two together, once.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from factcheck.errors import ModelError
from factcheck.models.digest import file_digest
from factcheck.models.export import CARD_FILE, MODEL_FILE, TOKENIZER_FILE, EncoderCard

if TYPE_CHECKING:
    from onnx import ModelProto

WEIGHTS = Path(__file__).resolve().parent.parent / "verdict" / "weights"
GRAPH_FILE = WEIGHTS / "reviewer.onnx"
CORRECTIONS_FILE = WEIGHTS / "reviewer.npz"
TENSORS_KEY = "tensors"
CORRECTIONS_KEY = "corrections_sha256"
WEIGHT_LEVELS = 63  # 7 bits: with 8, processors without VNNI overflow 16-bit sums
ROW_LEVELS = 127

Array = NDArray[np.float32]


class Tensor(BaseModel):
    """How one large tensor of the graph is made of a parameter of the base.

    product: the transposed weight of a linear layer, corrected, times `factors` row by row, as bytes in units of
    `scale`, one a column; rows: an embedding table as bytes with a scale a row, which is made with it; plain: as it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    parameter: str
    kind: Literal["product", "rows", "plain"]
    factors: str = ""
    scale: str = ""


_TENSORS = TypeAdapter(list[Tensor])


def recipe_digest(base_sha256: str, graph: Path | None = None) -> str:
    """What an assembled reviewer is made of, in one hash: the base, and the graph, which names its corrections."""
    return hashlib.sha256(f"{base_sha256} {file_digest(graph or GRAPH_FILE)}".encode()).hexdigest()


def assemble(
    base: Path, target: Path, *, base_sha256: str, graph: Path | None = None, corrections: Path | None = None
) -> EncoderCard:
    """Make the folder `target` (model.onnx, tokenizer.json, card) from the zip file of the base.

    `graph` and `corrections` are the package's own unless others are given. Raises ModelError if the files do not
    belong together.
    """
    import onnx

    graph, corrections = graph or GRAPH_FILE, corrections or CORRECTIONS_FILE

    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        model = onnx.load(str(graph))
        tokenizer, parameters, padding = _read_base(base)
        with np.load(corrections, allow_pickle=False) as stored:
            learned = {name: stored[name] for name in stored.files}
        if _metadata(model).get(CORRECTIONS_KEY) != file_digest(corrections):
            raise ModelError(f"{graph.name} and {corrections.name} do not belong together; reinstall factcheck")
        fill(model, parameters, learned)
    except (KeyError, OSError, ValueError, zipfile.BadZipFile, ValidationError) as error:
        raise ModelError(f"{base.name} and {graph.name} do not fit ({error}); reinstall factcheck") from error
    onnx.save(model, str(partial / MODEL_FILE))
    (partial / TOKENIZER_FILE).write_bytes(tokenizer)
    card = EncoderCard(
        source_sha256=recipe_digest(base_sha256, graph),
        dimension=3,
        max_length=512,
        pad_id=padding,
        onnx_bytes=(partial / MODEL_FILE).stat().st_size,
        onnx_sha256=file_digest(partial / MODEL_FILE),
        tokenizer_sha256=file_digest(partial / TOKENIZER_FILE),
    )
    (partial / CARD_FILE).write_text(card.model_dump_json(indent=2), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
    return card


def fill(model: ModelProto, parameters: dict[str, Array], learned: dict[str, NDArray[np.float16]]) -> None:
    """Add the large tensors to the graph. Raises KeyError if a parameter that one is made of is missing."""
    from onnx import numpy_helper

    there = {tensor.name: tensor for tensor in model.graph.initializer}
    for tensor in _TENSORS.validate_json(_metadata(model)[TENSORS_KEY]):
        weight = as_bfloat16(parameters[tensor.parameter])
        made: NDArray[np.generic] = weight
        if tensor.kind == "product":
            factors = numpy_helper.to_array(there[tensor.factors]).astype(np.float64)
            scale = numpy_helper.to_array(there[tensor.scale]).astype(np.float64)
            made = as_bytes(corrected(weight, tensor.parameter, learned).T / factors[:, None], scale, WEIGHT_LEVELS)
        elif tensor.kind == "rows":
            scales = row_scales(weight)
            made = as_bytes(weight, scales.astype(np.float64), ROW_LEVELS)
            model.graph.initializer.append(numpy_helper.from_array(scales, tensor.scale))
        model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(made), tensor.name))


def corrected(weight: Array, parameter: str, learned: dict[str, NDArray[np.float16]]) -> NDArray[np.float64]:
    """The layer's weight with what was learned, shape (out_features, in_features)."""
    layer = parameter.removesuffix(".weight")
    up, down = learned[f"{layer}.up"].astype(np.float64), learned[f"{layer}.down"].astype(np.float64)
    return np.asarray(weight + up @ down, dtype=np.float64)


def row_scales(table: Array) -> Array:
    """The unit of each row's bytes, shape (rows, 1)."""
    return np.asarray(np.maximum(np.abs(table).max(axis=1, keepdims=True) / ROW_LEVELS, 1e-12), dtype=np.float32)


def as_bytes(values: NDArray[np.floating], scale: NDArray[np.floating], levels: int) -> NDArray[np.int8]:
    """Values in units of `scale`, at most `levels` of them."""
    return np.asarray(np.clip(np.round(values / scale), -levels, levels), dtype=np.int8)


def as_bfloat16(values: Array) -> Array:
    """The values rounded as the corrections met them in training; half-way cases to even."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)
    return np.asarray(rounded.view(np.float32))


def _metadata(model: ModelProto) -> dict[str, str]:
    return {item.key: item.value for item in model.metadata_props}


def _read_base(path: Path) -> tuple[bytes, dict[str, Array], int]:
    """The tokenizer, the parameters by name, and the id of padding, of a zip of a sentence-transformers folder."""
    from safetensors.numpy import load

    with zipfile.ZipFile(path) as archive:
        inside = {Path(name).name: name for name in archive.namelist() if Path(name).parent.name != "1_Pooling"}
        config = json.loads(archive.read(inside["config.json"]))
        parameters: dict[str, Array] = load(archive.read(inside["model.safetensors"]))
        return archive.read(inside["tokenizer.json"]), parameters, int(config["pad_token_id"])
