"""Rows of probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from factcheck.protocols import FloatArray


def softmax(logits: NDArray[np.floating[Any]]) -> FloatArray:
    """Rows of logits, shape (n, k), as probabilities that sum to 1."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)
