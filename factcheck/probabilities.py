"""Probabilities from logits."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from factcheck.protocols import FloatArray


def logistic(log_odds: float) -> float:
    """The probability with these log-odds, however long they are: a fit tries very long ones."""
    return exp(min(log_odds, 0.0)) / (1.0 + exp(-abs(log_odds)))


def softmax(logits: NDArray[np.floating[Any]]) -> FloatArray:
    """Rows of logits, shape (n, k), as probabilities that sum to 1."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)
