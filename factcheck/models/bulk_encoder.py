"""The encoder for many texts at once: torch in bfloat16, where the processor computes in it.

Loading torch takes seconds, so a query never comes here; building an index of thousands of passages does. The graph
is BERT's (Devlin et al., 2019) with mean pooling, written out so that nothing is computed that is not needed. It is
used only if it agrees with the exported encoder on every probe.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from factcheck.models.encoder import OnnxEncoder
from factcheck.models.export import LOWEST_AGREEMENT, PROBES, unit_rows
from factcheck.models.onnx import CHUNK_TEXTS, padded_arrays, sorted_batches
from factcheck.protocols import FloatArray
from factcheck.settings import threads

if TYPE_CHECKING:
    from tokenizers import Encoding
    from torch import Tensor

BATCH_TOKENS = 512  # small batches stay in a core's cache: a fifth faster than 8,192
_LAYER = "encoder.layer.{}."


class BulkEncoder:
    """An Encoder with the name and fingerprint of the exported one: their vectors are the same within rounding."""

    def __init__(self, folder: Path, exported: OnnxEncoder) -> None:
        """Load the weights of a sentence-transformers folder. Raises ValueError if the model is not of this kind."""
        import torch

        config = _read_config(folder)
        self.name = exported.name
        self.fingerprint = exported.fingerprint
        self.dimension = exported.dimension
        self._exported = exported
        self._layers = int(config["num_hidden_layers"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        # A batch a core: cores that share one batch wait for each other after every operation, a fifth of the time.
        self._workers = ThreadPoolExecutor(threads(), initializer=torch.set_num_threads, initargs=(1,))
        self._weights = self._prepared(folder / "model.safetensors")

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Compute unit vectors, shape (len(texts), dimension); (0, dimension) for none. Raises ModelError."""
        import torch

        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), CHUNK_TEXTS):
            encodings = self._exported.tokens(texts[start : start + CHUNK_TEXTS])

            def fill(batch: list[int], start: int = start, encodings: Sequence[Encoding] = encodings) -> None:
                arrays = padded_arrays([encodings[i] for i in batch])
                with torch.inference_mode():
                    output = self._forward(*(torch.from_numpy(arrays[key]) for key in ("input_ids", "attention_mask")))
                rows[[start + i for i in batch]] = output.numpy()

            batches = sorted_batches([len(encoding.ids) for encoding in encodings], BATCH_TOKENS)
            for _ in self._workers.map(fill, batches):
                pass
        return unit_rows(rows)

    def _prepared(self, file: Path) -> dict[str, Tensor]:
        """The weights in bfloat16; query, key and value as one product, with the scale of attention in the query."""
        import torch
        from safetensors.torch import load_file

        weights: dict[str, Tensor] = load_file(str(file))
        for layer in map(_LAYER.format, range(self._layers)):
            for kind in ("weight", "bias"):
                parts = [weights.pop(f"{layer}attention.self.{part}.{kind}") for part in ("query", "key", "value")]
                parts[0] = parts[0] / (len(parts[0]) / self._heads) ** 0.5
                weights[f"{layer}attention.self.{kind}"] = torch.cat(parts)
        return {name: tensor.to(torch.bfloat16) for name, tensor in weights.items() if tensor.is_floating_point()}

    def _forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Mean of the last layer over the tokens, shape (batch, dimension), from ids and mask (batch, length)."""
        from torch.nn import functional

        weights = self._weights
        length = ids.shape[1]
        hidden = functional.embedding(ids, weights["embeddings.word_embeddings.weight"])
        hidden = hidden + weights["embeddings.position_embeddings.weight"][:length]
        hidden = self._normed(hidden + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.")
        outside = None if bool(mask.all()) else ((1 - mask) * -10_000.0).to(hidden.dtype)[:, None, None, :]
        for layer in map(_LAYER.format, range(self._layers)):
            attended = self._linear(self._attended(hidden, outside, layer), f"{layer}attention.output.dense")
            hidden = self._normed(hidden + attended, f"{layer}attention.output.")
            inner = functional.gelu(self._linear(hidden, f"{layer}intermediate.dense"))
            hidden = self._normed(hidden + self._linear(inner, f"{layer}output.dense"), f"{layer}output.")
        kept = mask[:, :, None].to(hidden.dtype)
        mean: Tensor = (hidden * kept).float().sum(dim=1) / mask.sum(dim=1, keepdim=True)
        return mean

    def _attended(self, hidden: Tensor, outside: Tensor | None, layer: str) -> Tensor:
        batch, length, width = hidden.shape
        parts = self._linear(hidden, f"{layer}attention.self").view(batch, length, 3, self._heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(2, 3)
        if outside is not None:
            scores += outside
        mixed: Tensor = scores.softmax(dim=-1) @ value
        return mixed.transpose(1, 2).reshape(batch, length, width)

    def _linear(self, hidden: Tensor, name: str) -> Tensor:
        from torch.nn import functional

        return functional.linear(hidden, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _normed(self, hidden: Tensor, place: str) -> Tensor:
        from torch.nn import functional

        weight, bias = (self._weights[f"{place}LayerNorm.{kind}"] for kind in ("weight", "bias"))
        return functional.layer_norm(hidden, (self.dimension,), weight, bias, self._epsilon)


def open_bulk(folder: Path, exported: OnnxEncoder) -> BulkEncoder | None:
    """The encoder for many texts; None where the processor, the model or the installation is not made for it."""
    # Threads that wait actively for each other stop each other where something else runs on the cores, too: ten times
    # slower was seen. Torch's runtime reads this when it is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import torch

        if not (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
            return None
        bulk = BulkEncoder(folder, exported)
        cosines = np.sum(bulk.embed(PROBES) * exported.embed(PROBES), axis=1)
    except (ImportError, AttributeError, OSError, KeyError, ValueError, RuntimeError):
        return None
    return bulk if float(cosines.min()) > LOWEST_AGREEMENT else None


def _read_config(folder: Path) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
    if (config["model_type"], config["hidden_act"]) != ("bert", "gelu") or not pooling["pooling_mode_mean_tokens"]:
        raise ValueError("not a BERT with mean pooling")
    return config
