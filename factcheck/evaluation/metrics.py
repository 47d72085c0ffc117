"""Figures from predictions, all pure. Formulas are written out where a name has several readings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, sqrt
from typing import NamedTuple

import numpy as np

from factcheck.types import Label

Z_95 = 1.959963984540054  # 97.5 % quantile of the standard normal distribution
ECE_BINS = 15  # as in Guo et al., "On Calibration of Modern Neural Networks", 2017


@dataclass(frozen=True)
class Outcome:
    """What was predicted for one item, and what is right."""

    id: int | str
    label: Label
    predicted: Label
    confidence: float  # probability of `predicted`, 0..1

    @property
    def correct(self) -> bool:
        """Whether the prediction is the gold label. CONFLICTING is wrong where gold does not say so."""
        return self.label is self.predicted


@dataclass(frozen=True)
class LabelScores:
    """Precision, recall and F1 of one label, and its number of items in gold. 0 stands for 0 / 0."""

    precision: float
    recall: float
    f1: float
    support: int


class RiskPoint(NamedTuple):
    """Share of items answered at a confidence threshold, and the share of those that is wrong."""

    coverage: float
    risk: float


class McNemar(NamedTuple):
    """Two runs over the same items: right only in the first (b), only in the second (c), and the p-value."""

    b: int
    c: int
    p: float


def accuracy(outcomes: Sequence[Outcome]) -> float:
    """Share of correct predictions."""
    return sum(o.correct for o in outcomes) / len(outcomes)


def majority_baseline(outcomes: Sequence[Outcome]) -> float:
    """Accuracy of always answering the commonest gold label."""
    return max(Counter(o.label for o in outcomes).values()) / len(outcomes)


def confusion(outcomes: Sequence[Outcome]) -> dict[Label, dict[Label, int]]:
    """Count as [gold][predicted]; rows are the labels that occur in gold, columns all four."""
    counts = Counter((o.label, o.predicted) for o in outcomes)
    gold = {o.label for o in outcomes}
    return {row: {column: counts[row, column] for column in Label} for row in Label if row in gold}


def per_label(outcomes: Sequence[Outcome]) -> dict[Label, LabelScores]:
    """Scores of each label that occurs in gold or among the predictions."""
    support = Counter(o.label for o in outcomes)
    predicted = Counter(o.predicted for o in outcomes)
    hits = Counter(o.label for o in outcomes if o.correct)
    return {
        label: LabelScores(
            precision=_ratio(hits[label], predicted[label]),
            recall=_ratio(hits[label], support[label]),
            f1=_ratio(2 * hits[label], support[label] + predicted[label]),
            support=support[label],
        )
        for label in Label
        if support[label] or predicted[label]
    }


def macro_f1(outcomes: Sequence[Outcome]) -> float:
    """Mean F1 over the labels that occur in gold; others lower it only by the recall they cost."""
    scores = [s.f1 for s in per_label(outcomes).values() if s.support]
    return sum(scores) / len(scores)


def wilson_interval(successes: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson score interval of a share (Wilson 1927), without continuity correction."""
    share = successes / n
    centre = share + z * z / (2 * n)
    spread = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def expected_calibration_error(outcomes: Sequence[Outcome], bins: int = ECE_BINS) -> float:
    """Mean gap between confidence and accuracy, weighted by the number of items in each bin.

    The confidence is the one of the predicted label; the bins are ]i/bins, (i+1)/bins], equally wide, and 0
    belongs to the first.
    """
    confidence, correct = _arrays(outcomes)
    bin_of = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(bin_of, weights=correct - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(outcomes))


def brier_score(outcomes: Sequence[Outcome]) -> float:
    """Mean squared gap between the predicted label's confidence and being right (1) or wrong (0)."""
    confidence, correct = _arrays(outcomes)
    return float(np.mean((confidence - correct) ** 2))


def risk_coverage(outcomes: Sequence[Outcome]) -> list[RiskPoint]:
    """One point a distinct confidence, the most confident first: answer only at that confidence or above."""
    confidence, correct = _arrays(outcomes)
    values, inverse = np.unique(-confidence, return_inverse=True)
    answered = np.cumsum(np.bincount(inverse, minlength=len(values)))
    wrong = np.cumsum(np.bincount(inverse, weights=1 - correct, minlength=len(values)))
    return [RiskPoint(float(a / len(outcomes)), float(w / a)) for a, w in zip(answered, wrong, strict=True)]


def area_under_risk_coverage(outcomes: Sequence[Outcome]) -> float:
    """AURC (Geifman & El-Yaniv 2017): mean over k = 1..n of the risk among the k most confident items.

    Items of equal confidence count with their mean error, so that the order of the file does not matter.
    """
    confidence, correct = _arrays(outcomes)
    _, inverse, size = np.unique(-confidence, return_inverse=True, return_counts=True)
    mean_error = np.bincount(inverse, weights=1 - correct) / size
    risks = np.cumsum(np.repeat(mean_error, size)) / np.arange(1, len(outcomes) + 1)
    return float(risks.mean())


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> McNemar:
    """Test, exactly and two-sided, whether the items that only one run gets right are split evenly.

    `first[i]` and `second[i]` say whether the runs are right on item i; raises ValueError if lengths differ.
    """
    b = sum(x and not y for x, y in zip(first, second, strict=True))
    c = sum(y and not x for x, y in zip(first, second, strict=True))
    tail = sum(comb(b + c, k) for k in range(min(b, c) + 1))
    return McNemar(b, c, min(1.0, 2 * tail / 2 ** (b + c)))


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _arrays(outcomes: Sequence[Outcome]) -> tuple[np.ndarray, np.ndarray]:
    """Confidence and correctness (1 or 0), both of shape (n,)."""
    return (
        np.array([o.confidence for o in outcomes], dtype=np.float64),
        np.array([o.correct for o in outcomes], dtype=np.float64),
    )
