"""Cross-encoders over (passage, claim) that run as ONNX: the verifier, shipped with the package, and the reviewer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from factcheck.models.download import is_present, model_path
from factcheck.models.export import MODEL_FILE, read_card
from factcheck.models.onnx import OnnxModel
from factcheck.models.registry import Registry, load_registry
from factcheck.probabilities import softmax
from factcheck.protocols import FloatArray, Pair

MAX_TOKENS = 256


def open_verifier(registry: Registry | None = None) -> OnnxVerifier:
    """The verifier that models.toml selects; its tokenizer.json lies beside it. Raises ConfigError, ModelError."""
    spec = (registry or load_registry()).selected("verifier")
    return OnnxVerifier(spec.name, model_path(spec), max_length=spec.context or MAX_TOKENS)


def open_reviewer(registry: Registry | None = None) -> OnnxVerifier | None:
    """The reviewer that models.toml selects; None if it selects none, or it has not been fetched."""
    registry = registry or load_registry()
    if not registry.use.reviewer or not is_present(spec := registry.selected("reviewer")):
        return None
    folder = model_path(spec)
    padding = read_card(folder).pad_id
    return OnnxVerifier(spec.name, folder / MODEL_FILE, max_length=spec.context or MAX_TOKENS, padding=padding)


class OnnxVerifier:
    """StanceJudge over a trained cross-encoder; loads at the first call."""

    def __init__(self, name: str, file: Path, *, max_length: int = MAX_TOKENS, padding: int = 0) -> None:
        self.name = name
        self._model = OnnxModel(file, file.with_name("tokenizer.json"), max_length=max_length, pad_id=padding)

    def load(self) -> None:
        """Load now (safe to call from a thread, and twice). Raises ModelError."""
        self._model.load()

    def judge(self, pairs: Sequence[Pair]) -> FloatArray:
        """Probabilities, shape (n, 3), columns SUPPORTS, REFUTES, NEUTRAL. Raises ModelError."""
        if not pairs:
            return np.zeros((0, 3), dtype=np.float32)
        return softmax(self._model.run([(pair.premise, pair.claim) for pair in pairs]))
