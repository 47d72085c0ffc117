"""Fits the parameters that pool many windows into one verdict, on claims checked end to end.

    python -m training.fit_pool --cache CACHE CLAIMS.jsonl=INDEX_FOLDER... [--write]

Each set weighs the same; each is also judged with parameters fitted on the others. The verifier's opinions are kept
in the cache folder.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from factcheck.checker import MAX_WINDOWS, FactChecker
from factcheck.evaluation.dataset import read_dataset
from factcheck.models.verifier import open_verifier
from factcheck.types import Claim
from factcheck.verdict import fusion
from factcheck.verdict.aggregate import Judged, LabelScores, pool
from factcheck.verdict.fusion import PoolParameters, parameters
from factcheck.verdict.judging import judge_windows, questions_of
from factcheck.verdict.windows import candidate_windows
from training.data import LABELS
from training.scoring import accuracy

Case = tuple[int, list[Judged]]
PRIOR = 0.01
START = PoolParameters(scale=1.0, overlap=1.0, bias_supports=-0.5, bias_refutes=-0.5, second_source=0.3)


def judged_cases(claims_file: Path, index: Path, cache: Path) -> list[Case]:
    """Gold label and judged windows of each claim."""
    path = cache / f"{claims_file.stem}.pool.pickle"
    if path.exists():
        loaded: list[Case] = pickle.loads(path.read_bytes())
        return loaded
    items = read_dataset(claims_file).items
    checker, verifier = FactChecker.open(index), open_verifier()
    claims = [Claim(text=item.claim) for item in items]
    hits = checker.retrieve(claims)
    windows = [candidate_windows(claim.text, found, MAX_WINDOWS) for claim, found in zip(claims, hits, strict=True)]
    judged = judge_windows(questions_of(claims, windows), verifier, parameters().retrieved)
    cases = [(LABELS.index(item.label.value), found) for item, found in zip(items, judged, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(cases))
    return cases


def row(scores: LabelScores) -> list[float]:
    """The three gold labels' probabilities; CONFLICTING is none of them."""
    return [scores.supported, scores.refuted, scores.silent]


def parameters_of(theta: Sequence[float]) -> PoolParameters:
    """PoolParameters in the order of their fields."""
    return PoolParameters(**dict(zip(PoolParameters.model_fields, map(float, theta), strict=True)))


def fit(sets: list[list[Case]]) -> PoolParameters:
    """Parameters of least mean cross-entropy.

    A set without silent claims had them taken out, so it says nothing of how common they are: there only the choice
    between its own labels counts.
    """
    start = np.array(list(START.model_dump().values()))

    def loss(theta: Sequence[float]) -> float:
        p = parameters_of(theta)
        total = 0.0
        for cases in sets:
            known = sorted({gold for gold, _ in cases})
            rows = np.array([row(pool(judged, p)) for _, judged in cases])
            share = rows[np.arange(len(cases)), [gold for gold, _ in cases]] / rows[:, known].sum(axis=1)
            total -= float(np.mean(np.log(np.maximum(share, 1e-4))))
        return total / len(sets) + PRIOR * float(((np.asarray(theta) - start) ** 2).sum())

    return parameters_of(minimize(loss, start, method="Nelder-Mead", options={"maxiter": 250}).x)


def accuracy_of(cases: list[Case], p: PoolParameters) -> float:
    """Share of right labels in %; CONFLICTING, where it is the likeliest, is wrong."""
    pooled = [pool(judged, p) for _, judged in cases]
    return accuracy([[*row(scores), scores.conflicting] for scores in pooled], [gold for gold, _ in cases])


def main() -> None:
    """Fit as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", metavar="CLAIMS=INDEX")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    pairs = [(Path(text.split("=")[0]), Path(text.split("=")[1])) for text in args.sets]
    sets = {claims.stem: judged_cases(claims, index, args.cache) for claims, index in pairs}
    for name, cases in sets.items():
        others = fit([other for key, other in sets.items() if key != name]) if len(sets) > 1 else START
        print(name, len(cases), "start", accuracy_of(cases, START), "fitted on the others", accuracy_of(cases, others))
    fitted = fit(list(sets.values()))
    print(fitted, {name: accuracy_of(cases, fitted) for name, cases in sets.items()})
    if args.write:
        stored = json.loads(fusion.PARAMETERS_FILE.read_text(encoding="utf-8"))
        stored["pool"] = {key: round(value, 3) for key, value in fitted.model_dump().items()}
        fusion.PARAMETERS_FILE.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
