"""The encoder of a query's path: an exported model run by onnxruntime, without torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from factcheck.models.download import model_path, source_path
from factcheck.models.export import open_export, read_card, unit_rows
from factcheck.models.registry import Registry, load_registry
from factcheck.models.spec import ModelSpec, Role
from factcheck.protocols import Encoder, FloatArray

if TYPE_CHECKING:
    from tokenizers import Encoding

MANY_TEXTS = 1_500  # after so many texts, what is left is probably worth the seconds that torch takes to load


def open_encoder(registry: Registry | None = None) -> OnnxEncoder:
    """Open the encoder in use; its weights are loaded at the first `embed`. Raises ModelMissingError."""
    spec = (registry or load_registry()).selected(Role.ENCODER)
    return OnnxEncoder(spec, model_path(spec))


def open_indexing_encoder(registry: Registry | None = None) -> IndexingEncoder:
    """The encoder in use, for a run that may embed many texts. Raises ModelMissingError."""
    spec = (registry or load_registry()).selected(Role.ENCODER)
    return IndexingEncoder(OnnxEncoder(spec, model_path(spec)), source_path(spec))


class OnnxEncoder:
    """An Encoder whose fingerprint comes from the model as its makers published it.

    So it does not change when the conversion to ONNX is done again by other versions of the exporter, whose
    vectors are the same within rounding (the export is checked for that), and an index remains valid.
    """

    def __init__(self, spec: ModelSpec, folder: Path) -> None:
        card = read_card(folder)
        self.name = spec.name
        self.dimension = card.dimension
        self._model = open_export(folder, card, spec.context)
        decides = f"{card.source_sha256} max_length={self._model.max_length}"
        self.fingerprint = hashlib.sha256(decides.encode()).hexdigest()

    def load(self) -> None:
        """Load now (safe to call from a thread, and twice). Raises ModelError."""
        self._model.load()

    def tokens(self, texts: Sequence[str]) -> list[Encoding]:
        """Tokens of the texts, cut at the longest that the model reads. Raises ModelError."""
        return self._model.encode(texts)

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Compute unit vectors, shape (len(texts), dimension); (0, dimension) for none. Raises ModelError."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return unit_rows(self._model.run(texts))


class IndexingEncoder:
    """An Encoder that begins at once and changes over to a faster one, where there is one, after MANY_TEXTS texts."""

    def __init__(self, first: OnnxEncoder, source: Path) -> None:
        self.name = first.name
        self.fingerprint = first.fingerprint
        self.dimension = first.dimension
        self._first = first
        self._source = source
        self._now: Encoder = first
        self._embedded = 0

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Compute unit vectors, shape (len(texts), dimension); (0, dimension) for none. Raises ModelError."""
        if self._embedded < MANY_TEXTS <= self._embedded + len(texts):
            from factcheck.models.bulk_encoder import open_bulk

            self._now = open_bulk(self._source, self._first) or self._first
        self._embedded += len(texts)
        return self._now.embed(texts)
