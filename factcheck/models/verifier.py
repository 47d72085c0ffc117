"""The verifier: a small cross-encoder over (passage, claim), shipped with the package as ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from factcheck.models.onnx import OnnxModel
from factcheck.protocols import FloatArray, Pair

WEIGHTS = Path(__file__).resolve().parent.parent / "verdict" / "weights"
MAX_TOKENS = 256


class OnnxVerifier:
    """StanceJudge over the trained cross-encoder; loads at the first call."""

    name = "factcheck-verifier-1"

    def __init__(self, folder: Path = WEIGHTS) -> None:
        self._model = OnnxModel(
            folder / "verifier.onnx",
            folder / "tokenizer.json",
            max_length=MAX_TOKENS,
            truncation="longest_first",
        )

    def load(self) -> None:
        """Load now (safe to call from a thread, and twice). Raises ModelError."""
        self._model.load()

    def judge(self, pairs: Sequence[Pair]) -> FloatArray:
        """Probabilities, shape (n, 3), columns SUPPORTS, REFUTES, NEUTRAL. Raises ModelError."""
        if not pairs:
            return np.zeros((0, 3), dtype=np.float32)
        logits = self._model.run([(pair.premise, pair.claim) for pair in pairs])
        shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)
