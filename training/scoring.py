"""What the fitting scripts share: rows of a pairs file, and the share of right labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def read_pairs(path: Path) -> list[dict[str, Any]]:
    """The rows of a pairs file; none for a file of claims, which gives no evidence."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return rows if "evidence" in rows[0] else []


def accuracy(scores: ArrayLike, labels: ArrayLike) -> float:
    """Share of rows whose highest score (n, labels) is the right label (n,), in %."""
    right = np.argmax(np.asarray(scores), axis=1) == np.asarray(labels)
    return round(100 * float(right.mean()), 1)
