"""How the parameters of a step of the fusion are fitted: by cross-entropy, and their biases and shares by accuracy.

A set is a dictionary with "labels" (n,), what the step's logits are computed from, and its weight beside other sets in
"share" (), which is 1 if it is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax

from training.scoring import accuracy

Array = NDArray[np.float64]
Sets = Sequence[dict[str, Array]]
PRIOR = 0.02  # strength of the pull towards the start
KINDS = ("retrieved", "given")  # of evidence, as in FusionParameters

# Biases that win on the sets at hand lose on others: of two the nearer to 0 is taken unless it costs so much accuracy,
# in points a unit squared. Held out by set, mean of ten, for 0, 1, 2, 4, 8: first opinion 62.9, 63.2, 63.9, 64.3, 64.6,
# after the reviewer 68.6, 70.0, 70.2, 69.7, 69.6 %.
BIAS_COST = 4.0
_BIASES = np.round(np.arange(-1.0, 1.05, 0.1), 1)
FORM_COST = 0.5  # the same for how a form of evidence differs: known from few sets, but it does much
_MOVES = np.round(np.arange(-2.0, 2.55, 0.1), 1)
_SHARES = np.round(np.arange(0.0, 0.75, 0.05), 2)  # of the opinion before, beside a further judge's


class Step(NamedTuple):
    """One step of the fusion: its logits (n, 3), linear in the parameters, whose names and first guess these are."""

    logits: Callable[[Array, dict[str, Array]], Array]
    fields: tuple[str, ...]
    start: Array

    def named(self, theta: Array) -> dict[str, float]:
        """The parameters by name, as they are stored."""
        return dict(zip(self.fields, (np.round(theta, 3) + 0.0).tolist(), strict=True))  # no "-0.0"


Fit = Callable[[Step, Sets], Array]


def fit_retrieved(step: Step, sets: Sets) -> Array:
    """Parameters for passages that a search brought up, of least mean cross-entropy, each set weighing the same.

    A set without silent pairs had them taken out, so it says nothing of how common silence is: there only the choice
    between its own labels counts. The biases of the first opinion are then those of the best mean accuracy; each
    point of the grid is judged with its eight neighbours, since single points differ by chance.
    """
    theta = _least_entropy(step, sets, silence_counts=False)
    if "before" in step.fields:
        return theta
    steps = np.round(np.arange(-0.4, 0.75, 0.1), 1)
    right = _accuracies(step, theta, sets, steps)
    row, column = _peak(uniform_filter(right, size=3)[1:-1, 1:-1])
    return _with_biases(step, theta, steps[row + 1], steps[column + 1])


def fit_given(step: Step, sets: Sets) -> Array:
    """Parameters for evidence that somebody chose for the claim, of the best mean accuracy over the sets.

    Cross-entropy says what the rules weigh; then the share of the opinion before a further judge's, and the biases,
    are those of the best accuracy less what the biases cost; and one factor makes the probabilities mean what they
    say, again by cross-entropy.
    """
    theta = _least_entropy(step, sets, silence_counts=True)
    cost = BIAS_COST * (_BIASES[:, None] ** 2 + _BIASES[None, :] ** 2)
    if "before" not in step.fields:
        row, column = _peak(_smoothed(_accuracies(step, theta, sets, _BIASES)) - cost)
        return _with_biases(step, theta, _BIASES[row], _BIASES[column])
    before, judge = step.fields.index("before"), step.fields.index("judge")
    theta = theta / (theta[before] + theta[judge])
    shared = []
    for share in _SHARES:
        mixed = theta.copy()
        mixed[before], mixed[judge] = share, 1.0 - share
        shared.append(mixed)
    right = np.stack([_accuracies(step, mixed, sets, _BIASES) for mixed in shared])
    place, row, column = _peak(_smoothed(right) - cost)
    theta = _with_biases(step, shared[place], _BIASES[row], _BIASES[column])
    return theta * _temperature(step, theta, sets)


def fit_moves(opinions: Sequence[tuple[Array, dict[str, Array]]]) -> tuple[float, float, float]:
    """By how much a form of evidence moves support and refutation, and the accuracy so reached, less what moving costs.

    opinions: of each set, the logits (n, 3) of its pairs of that form, and the set.
    """
    cost = FORM_COST * (_MOVES[:, None] ** 2 + _MOVES[None, :] ** 2)
    reached = _smoothed(_moved(opinions, _MOVES)) - cost
    row, column = _peak(reached)
    return float(_MOVES[row]), float(_MOVES[column]), float(reached[row, column])


def fit_multiple(step: Step, theta: Array, field: str, sets: Sets) -> float:
    """What a parameter has to be multiplied by for these sets, 0 to 4 in quarters, by cross-entropy."""

    def loss(multiple: float) -> float:
        changed = theta.copy()
        changed[step.fields.index(field)] *= multiple
        return sum(_share(data) * _entropy(step.logits(changed, data), data["labels"].astype(int)) for data in sets)

    return float(min(np.arange(0.0, 4.25, 0.25), key=loss))


FITS: dict[str, Fit] = {"retrieved": fit_retrieved, "given": fit_given}


def report(name: str, step: Step, sets: dict[str, dict[str, Array]], before: str, fit: Fit) -> Array:
    """Fits on all sets, prints what each set reaches with parameters fitted on the others, and returns the fit."""
    reached = []
    for key, data in sets.items():
        others = [other for name_, other in sets.items() if name_ != key]
        base = accuracy(data[before], data["labels"])
        reached.append(accuracy(step.logits(fit(step, others), data), data["labels"]))
        print(f"{name:5} {key:20} n={len(data['labels']):5} {before} {base:5} -> {reached[-1]:5}")
    theta = fit(step, list(sets.values()))
    print(name, f"mean {np.mean(reached):.1f}", step.named(theta))
    return theta


def _least_entropy(step: Step, sets: Sets, *, silence_counts: bool) -> Array:
    def loss(theta: Array) -> float:
        total = 0.0
        for data in sets:
            labels = data["labels"].astype(int)
            logits = step.logits(theta, data)
            if not silence_counts:
                logits[:, np.setdiff1d(np.arange(3), labels)] = -np.inf
            total += _share(data) * _entropy(logits, labels)
        return total / sum(map(_share, sets)) + PRIOR * float(((theta - step.start) ** 2).sum()) / len(theta)

    return np.asarray(minimize(loss, step.start, method="L-BFGS-B").x)


def _share(data: dict[str, Array]) -> float:
    return float(data.get("share", 1.0))


def _entropy(logits: Array, labels: NDArray[np.int64]) -> float:
    return -float(log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean())


def _temperature(step: Step, theta: Array, sets: Sets) -> float:
    def loss(factor: float) -> float:
        return sum(
            _share(data) * _entropy(factor * step.logits(theta, data), data["labels"].astype(int)) for data in sets
        )

    return float(minimize_scalar(loss, bounds=(0.1, 2.0), method="bounded").x)


def _accuracies(step: Step, theta: Array, sets: Sets, biases: Array) -> Array:
    """Mean accuracy in % over the sets, shape (biases, biases): one axis for each of the two biases."""
    plain = _with_biases(step, theta, 0.0, 0.0)
    return _moved(((step.logits(plain, data), data) for data in sets), biases)


def _moved(opinions: Iterable[tuple[Array, dict[str, Array]]], moves: Array) -> Array:
    """Mean accuracy in % over the sets, shape (moves, moves), with the logits of support and refutation moved so."""
    moved = np.zeros((len(moves), len(moves), 3))
    moved[..., 0], moved[..., 1] = moves[:, None], moves[None, :]
    total, shares = np.zeros(moved.shape[:2]), 0.0
    for logits, data in opinions:
        right = (logits[:, None, None, :] + moved).argmax(-1) == data["labels"].astype(int)[:, None, None]
        total += _share(data) * 100 * right.mean(axis=0)
        shares += _share(data)
    return np.asarray(total / shares)


def _with_biases(step: Step, theta: Array, supports: float, refutes: float) -> Array:
    changed = theta.copy()
    changed[step.fields.index("bias_supports")] = supports
    changed[step.fields.index("bias_refutes")] = refutes
    return changed


def _smoothed(grid: Array) -> Array:
    """Every point with its neighbours, since single points differ by chance."""
    return np.asarray(uniform_filter(grid, size=3, mode="nearest"))


def _peak(grid: Array) -> tuple[int, ...]:
    return tuple(int(place) for place in np.unravel_index(int(grid.argmax()), grid.shape))
