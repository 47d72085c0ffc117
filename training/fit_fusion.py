r"""Fits the handful of parameters of factcheck/verdict/fusion.json on the dev pairs.

    python -m training.fit_fusion --dev DEV_FOLDER --extra NUMBERS.jsonl --cache CACHE_FOLDER \
        [--opinions OPINIONS.npz] [--kinds given] [--write]

Every set weighs the same; `training.fusion_fits` says how. Cross-validated by set: each set is judged with parameters
fitted on the others, which is what a user's own texts will meet. The verifier's and the reviewer's opinions are kept in
the cache folder; the LLM's come from `training.llm_opinions`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

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
from training.data import LABELS
from training.fusion_fits import FITS, KINDS, Fit, Step, report
from training.scoring import accuracy, read_pairs

Array = NDArray[np.float64]


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


def llm_opinions(rows: list[dict[str, Any]], said: dict[str, Array]) -> tuple[NDArray[np.int64], Array]:
    """Which rows the LLM was asked about, and its opinions."""
    places = {(row["claim"], " ".join(row["evidence"])): number for number, row in enumerate(rows)}
    chosen, opinions = [], []
    for claim, premise, letters in zip(said["claims"], said["premises"], said["letters"], strict=True):
        place = places.get((str(claim), str(premise)))
        if place is not None:
            chosen.append(place)
            opinions.append(letters)
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


FIRST = Step(fast_logits, tuple(FastParameters.model_fields), np.array([1.0, 0.5, 3.0, 0.3, 0.0, 0.0]))
REVIEWED = Step(reviewer_logits, tuple(ReviewerParameters.model_fields), np.array([1.0, 0.5, 0.0, 0.0, 0.0, 0.0]))
LATER = Step(later_logits, tuple(FurtherParameters.model_fields), np.array([1.0, 0.5, 0.0, 0.0]), few=True)


def fit_further(
    rows: dict[str, list[dict[str, Any]]],
    sets: dict[str, dict[str, Array]],
    first: dict[str, Array],
    cache: Path,
    said_file: Path | None,
    fit: Fit,
) -> dict[str, dict[str, float]]:
    """The parameters of the further judges, by their names in fusion.json; the LLM's only if it was asked."""
    fitted = {}

    def fit_judge(name: str, asked: dict[str, dict[str, Array]], step: Step) -> Array:
        for key, data in asked.items():
            print(f"{name} alone {key:20} {accuracy(data['judge'], data['labels']):5}")
        theta = report(name, step, asked, "before", fit)
        fitted[name] = step.named(theta)
        return theta

    reviewed = {}
    for name, items in rows.items():
        told = cached(cache / f"{name}.reviewer.npz", lambda r=items: reviewer_opinions(r))  # type: ignore[misc]
        kept = {key: sets[name][key] for key in ("labels", "signals")}
        reviewed[name] = {"before": first[name], "judge": told["opinions"], **kept}
    theta = fit_judge("reviewer", reviewed, REVIEWED)
    second = {name: softmax(reviewer_logits(theta, data), axis=1) for name, data in reviewed.items()}
    if said_file is None:
        return fitted
    with np.load(said_file) as file:
        said = dict(file)
    for suffix, before in (("", first), ("_after_reviewer", second)):
        asked = {}
        for name, items in rows.items():
            chosen, opinions = llm_opinions(items, said)
            asked[name] = {"before": before[name][chosen], "judge": opinions, "labels": sets[name]["labels"][chosen]}
        fit_judge("letters" + suffix, asked, LATER)
    return fitted


def main() -> None:
    """Fit as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--extra", type=Path, nargs="*", default=[])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--opinions", type=Path, help="what the LLM said (training.llm_opinions)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="of evidence; all unless told")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    read = {path.stem: read_pairs(path) for path in [*sorted(args.dev.glob("*.jsonl")), *args.extra]}
    rows = {name: items for name, items in read.items() if items}
    sets = {
        name: cached(args.cache / f"{name}.first.npz", lambda r=items: first_opinions(r))  # type: ignore[misc]
        for name, items in rows.items()
    }
    stored = json.loads(fusion.PARAMETERS_FILE.read_text(encoding="utf-8"))
    for kind in args.kinds:
        print(f"evidence {kind}")
        fit = FITS[kind]
        theta = report("fast", FIRST, sets, "verifier", fit)
        stored[kind]["fast"] = FIRST.named(theta)
        first = {name: softmax(fast_logits(theta, data), axis=1) for name, data in sets.items()}
        stored[kind] |= fit_further(rows, sets, first, args.cache, args.opinions, fit)
    if args.write:
        stored["note"] = "fitted by training/fit_fusion.py on the dev pairs, every set weighing the same"
        if args.opinions is not None:
            with np.load(args.opinions) as said:
                stored["llm"] = str(said["model"])
        fusion.PARAMETERS_FILE.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
