r"""Fits the handful of parameters of factcheck/verdict/fusion.json on the dev pairs.

    python -m training.fit_fusion --dev DEV_FOLDER --extra NUMBERS.jsonl --cache CACHE_FOLDER \
        [--vectors VECTORS.npz] [--write]

Every set weighs the same: least cross-entropy, and for the first opinion the two biases by accuracy. Cross-validated by
set: each set is judged with parameters fitted on the others, which is what a user's own texts will meet. The
verifier's and the reviewer's opinions are kept in the cache folder; the LLM's come from `training.llm_vectors`, read by
`training.fit_readout` and by their letters.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from factcheck.prompting import load_prompt
from factcheck.protocols import Pair
from factcheck.types import Claim
from factcheck.verdict import fusion
from factcheck.verdict.fusion import (
    FastParameters,
    FurtherParameters,
    ReviewerParameters,
    first_logits,
    further_logits,
    reviewed_logits,
    rule_signals,
)
from factcheck.verdict.given import GivenTexts
from factcheck.verdict.judging import Question, numbers_of, pair_of
from factcheck.verdict.readout import find_readout
from training.data import LABELS
from training.scoring import accuracy, read_pairs

Array = NDArray[np.float64]
LogitsOf = Callable[[Array, dict[str, Array]], Array]
_START = {"before": 1.0, "judge": 0.5}  # of a further judge; its other parameters start at 0
PRIOR = 0.02  # strength of the pull towards "trust the verifier as it is"


def first_questions(rows: list[dict[str, Any]]) -> list[Question]:
    """The first window of each pair: all its evidence, or the first piece of it."""
    cases = [GivenTexts(Claim(text=row["claim"]), row["evidence"]) for row in rows]
    return [Question(number, case.claim, case.windows()[0]) for number, case in enumerate(cases)]


def question_pair(question: Question) -> Pair:
    """The question as a judge reads it."""
    return pair_of(question, numbers_of(question))


def first_opinions(rows: list[dict[str, Any]]) -> dict[str, Array]:
    """Verifier probabilities (n, 3), rule signals (n, 3) and labels (n,) of a set."""
    from factcheck.models.verifier import open_verifier

    questions = first_questions(rows)
    pairs = [question_pair(question) for question in questions]
    signals = [rule_signals(numbers_of(question)) for question in questions]
    labels = np.array([LABELS.index(row["label"]) for row in rows], dtype=np.float64)
    return {
        "verifier": open_verifier().judge(pairs).astype(np.float64),
        "signals": np.array(signals, dtype=np.float64).reshape(-1, 3),
        "labels": labels,
    }


def reviewer_opinions(rows: list[dict[str, Any]]) -> dict[str, Array]:
    """The reviewer's probabilities (n, 3) for the pairs of a set."""
    from factcheck.models.verifier import open_reviewer

    reviewer = open_reviewer()
    assert reviewer is not None, "run: factcheck models pull"
    return {
        "opinions": reviewer.judge([question_pair(question) for question in first_questions(rows)]).astype(np.float64)
    }


def llm_opinions(rows: list[dict[str, Any]], vectors: dict[str, Array], kind: str) -> tuple[NDArray[np.int64], Array]:
    """Which rows the LLM was asked about, and its opinions: "letters", or "readout" by the trained head."""
    places = {(row["claim"], " ".join(row["evidence"])): number for number, row in enumerate(rows)}
    chosen, opinions = [], []
    head = find_readout(str(vectors["model"]), load_prompt("verdict").fingerprint) if kind == "readout" else None
    for claim, premise, letters, hidden in zip(
        *(vectors[name] for name in ("claims", "premises", "letters", "hidden")), strict=True
    ):
        place = places.get((str(claim), str(premise)))
        if place is not None:
            chosen.append(place)
            opinions.append(letters if head is None else head.probabilities(hidden.astype(np.float32)))
    return np.array(chosen, dtype=np.int64), np.array(opinions, dtype=np.float64).reshape(-1, 3)


def cached(path: Path, make: Callable[[], dict[str, Array]]) -> dict[str, Array]:
    """What `make` returns, kept in a file."""
    if path.exists():
        with np.load(path) as stored:
            return dict(stored)
    made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **made)  # type: ignore[arg-type]
    return made


def fast_logits(theta: Array, data: dict[str, Array]) -> Array:
    """Logits (n, 3) of the first opinion; theta in the order of FastParameters."""
    p = FastParameters(**dict(zip(FastParameters.model_fields, theta.tolist(), strict=True)))
    return first_logits(p, data["verifier"], data["signals"])


def later_logits(theta: Array, data: dict[str, Array]) -> Array:
    """Logits (n, 3) after a further judge; theta in the order of FurtherParameters."""
    p = FurtherParameters(**dict(zip(FurtherParameters.model_fields, theta.tolist(), strict=True)))
    return further_logits(p, data["before"], data["judge"])


def reviewer_logits(theta: Array, data: dict[str, Array]) -> Array:
    """Logits (n, 3) after the reviewer; theta in the order of ReviewerParameters."""
    p = ReviewerParameters(**dict(zip(ReviewerParameters.model_fields, theta.tolist(), strict=True)))
    return reviewed_logits(p, data["before"], data["judge"], data["signals"])


def fit(logits_of: LogitsOf, start: Array, sets: list[dict[str, Array]]) -> Array:
    """Parameters of least mean cross-entropy over the sets, each weighing the same.

    A set without silent pairs had them taken out, so it says nothing of how common silence is: there only the choice
    between its own labels counts.
    """

    def loss(theta: Array) -> float:
        total = 0.0
        for data in sets:
            labels = data["labels"].astype(int)
            logits = logits_of(theta, data)
            logits[:, np.setdiff1d(np.arange(3), labels)] = -np.inf
            logs = log_softmax(logits, axis=1)
            total -= float(logs[np.arange(len(labels)), labels].mean())
        return total / len(sets) + PRIOR * float(((theta - start) ** 2).sum()) / len(theta)

    return np.asarray(minimize(loss, start, method="L-BFGS-B").x)


def fit_with_biases(logits_of: LogitsOf, start: Array, sets: list[dict[str, Array]]) -> Array:
    """As `fit`, but with those two biases (the last parameters) of which the mean accuracy over the sets is best.

    Each point of the grid is judged with its eight neighbours, since single points differ by chance.
    """
    theta = fit(logits_of, start, sets)
    steps = np.round(np.arange(-0.4, 0.75, 0.1), 1)
    right = np.zeros((len(steps), len(steps)))
    for i, supports in enumerate(steps):
        for j, refutes in enumerate(steps):
            moved = np.concatenate([theta[:-2], [supports, refutes]])
            right[i, j] = np.mean([accuracy(logits_of(moved, data), data["labels"]) for data in sets])
    smoothed = uniform_filter(right, size=3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(smoothed.argmax()), smoothed.shape)
    return np.concatenate([theta[:-2], [steps[row + 1] + 0.0, steps[column + 1] + 0.0]])  # no "-0.0"


def report(
    name: str,
    logits_of: LogitsOf,
    start: Array,
    sets: dict[str, dict[str, Array]],
    before: str,
    fit: Callable[[LogitsOf, Array, list[dict[str, Array]]], Array],
) -> Array:
    """Fits on all sets, prints what each set reaches with parameters fitted on the others, and returns the fit."""
    for key, data in sets.items():
        others = [other for name_, other in sets.items() if name_ != key]
        held_out = fit(logits_of, start, others)
        base = accuracy(data[before], data["labels"])
        after = accuracy(logits_of(held_out, data), data["labels"])
        print(f"{name:5} {key:20} n={len(data['labels']):5} {before} {base:5} -> {after:5}")
    theta = fit(logits_of, start, list(sets.values()))
    print(name, np.round(theta, 3).tolist())
    return theta


def fit_further(
    rows: dict[str, list[dict[str, Any]]],
    sets: dict[str, dict[str, Array]],
    first: dict[str, Array],
    cache: Path,
    vectors: Path | None,
) -> dict[str, dict[str, float]]:
    """The parameters of the further judges, by their names in fusion.json; without `vectors` only the reviewer's."""
    fitted = {}

    def fit_judge(
        name: str,
        asked: dict[str, dict[str, Array]],
        logits_of: LogitsOf = later_logits,
        fields: Iterable[str] = FurtherParameters.model_fields,
    ) -> Array:
        for key, data in asked.items():
            print(f"{name} alone {key:20} {accuracy(data['judge'], data['labels']):5}")
        start = np.array([_START.get(field, 0.0) for field in fields])
        theta = report(name, logits_of, start, asked, "before", fit)
        fitted[name] = dict(zip(fields, np.round(theta, 3).tolist(), strict=True))
        return theta

    reviewed = {}
    for name, items in rows.items():
        told = cached(cache / f"{name}.reviewer.npz", lambda r=items: reviewer_opinions(r))  # type: ignore[misc]
        kept = {key: sets[name][key] for key in ("labels", "signals")}
        reviewed[name] = {"before": first[name], "judge": told["opinions"], **kept}
    theta = fit_judge("reviewer", reviewed, reviewer_logits, ReviewerParameters.model_fields)
    second = {name: softmax(reviewer_logits(theta, data), axis=1) for name, data in reviewed.items()}
    if vectors is None:
        return fitted
    with np.load(vectors) as file:
        said = dict(file)
    for kind in ("letters", "readout"):
        for suffix, before in (("", first), ("_after_reviewer", second)):
            asked = {}
            for name, items in rows.items():
                chosen, opinions = llm_opinions(items, said, kind)
                labels = sets[name]["labels"][chosen]
                asked[name] = {"before": before[name][chosen], "judge": opinions, "labels": labels}
            fit_judge(kind + suffix, asked)
    return fitted


def main() -> None:
    """Fit as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--extra", type=Path, nargs="*", default=[])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, help="what the LLM said (training.llm_vectors)")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    read = {path.stem: read_pairs(path) for path in [*sorted(args.dev.glob("*.jsonl")), *args.extra]}
    rows = {name: items for name, items in read.items() if items}
    sets = {
        name: cached(args.cache / f"{name}.first.npz", lambda r=items: first_opinions(r))  # type: ignore[misc]
        for name, items in rows.items()
    }
    stored = json.loads(fusion.PARAMETERS_FILE.read_text(encoding="utf-8"))
    start = np.array([1.0, 0.5, 3.0, 0.3, 0.0, 0.0])
    fast = report("fast", fast_logits, start, sets, "verifier", fit_with_biases)
    stored["fast"] = dict(zip(FastParameters.model_fields, np.round(fast, 3).tolist(), strict=True))
    first = {name: softmax(fast_logits(fast, data), axis=1) for name, data in sets.items()}
    stored |= fit_further(rows, sets, first, args.cache, args.vectors)
    if args.write:
        stored["note"] = "fitted by training/fit_fusion.py on the dev pairs, every set weighing the same"
        fusion.PARAMETERS_FILE.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
