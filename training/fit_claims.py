r"""Fits how passages that a search brought up are weighed, on claims checked end to end.

    python -m training.fit_claims --cache CACHE CLAIMS.jsonl=INDEX_FOLDER... [--llm COUNT] [--run RUN] \
        [--llm-only] [--write]

Fitted are the pool of many windows into one verdict and, beside it, how much the reviewer weighs, then the LLM; the
rest of `retrieved` stays as `training.fit_fusion` found it on pairs. Each set weighs the same; each is also judged with
parameters fitted on the others. What the judges say is kept in the cache folder. --llm asks the LLM about that many
claims of each set, in one to three seconds each, for the last step.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from factcheck.models.llm import open_llm
from factcheck.protocols import Pair
from factcheck.verdict import fusion
from factcheck.verdict.aggregate import doubtful
from factcheck.verdict.fusion import (
    FurtherParameters,
    PoolParameters,
    further_logits,
    parameters,
)
from factcheck.verdict.llm_judge import LlmJudge
from factcheck.verdict.panel import strongest_quotes
from training.claim_sets import WEIGHTS, ClaimSet, Weighing, label_row
from training.scoring import accuracy
from training.tuned_llm import TunedLlm

Array = NDArray[np.float64]
Judge = Callable[[Sequence[Pair]], NDArray[Any]]
PRIOR = 0.01  # strength of the pull towards the start
STEP = 1e-3  # of the derivatives: the pool takes maxima, and is computed in single precision
POOL_START = PoolParameters(scale=0.8, overlap=1.2, bias_supports=0.0, bias_refutes=0.0, second_source=0.5)
LLM_START = np.array([0.9, 0.5, 0.0, 0.0])
START = Weighing(parameters().retrieved.reviewer, POOL_START)


class Quoted:
    """The claims of a set, what was thought of them before the LLM, and what it says of their strongest quotations."""

    def __init__(self, claims: ClaimSet, p: Weighing) -> None:
        quotes = [
            strongest_quotes([item for own in judged for item in own], p.pool) for judged in claims.reviewed(p.reviewer)
        ]
        self.pairs = [
            Pair(case.claim.text, " ".join(item.quote for item in own))
            for case, own in zip(claims.cases, quotes, strict=True)
        ]
        before = np.array(list(map(label_row, claims.scores(p))))
        self.labels = np.array(claims.labels)
        self.before = before / before.sum(axis=1, keepdims=True)
        self._doubts = np.array(list(map(doubtful, quotes)))[:, None]
        self._opinions = np.ones_like(self.before)

    def part(self, count: int) -> Quoted:
        """So many of the claims, or all."""
        chosen = sorted(random.Random(4).sample(range(len(self.pairs)), min(count, len(self.pairs))))
        part = copy(self)
        part.pairs, part.labels, part.before = [self.pairs[i] for i in chosen], self.labels[chosen], self.before[chosen]
        part._doubts, part._opinions = self._doubts[chosen], self._opinions[chosen]
        return part

    def hear(self, judge: Judge, said: dict[Pair, Array]) -> None:
        """Ask the LLM what it has not said yet."""
        unasked = [pair for pair in dict.fromkeys(self.pairs) if pair not in said]
        said |= dict(zip(unasked, np.asarray(judge(unasked), dtype=np.float64), strict=True))
        self._opinions = np.array([said[pair] for pair in self.pairs]) ** self._doubts

    def logits(self, theta: Array) -> Array:
        """Logits (n, 3) after the LLM; theta in the order of FurtherParameters."""
        return further_logits(_further(theta), self.before, self._opinions)


def _further(theta: Array) -> FurtherParameters:
    return FurtherParameters(**dict(zip(FurtherParameters.model_fields, theta.tolist(), strict=True)))


def _entropy(logits: Array, labels: NDArray[np.int64]) -> float:
    """Mean cross-entropy.

    A set without silent claims had them taken out, so it says nothing of how common they are: there only the choice
    between its own labels counts.
    """
    known = np.unique(labels)
    rows = log_softmax(logits[:, known], axis=1)
    return -float(rows[np.arange(len(labels)), np.searchsorted(known, labels)].mean())


def fit(sets: Sequence[ClaimSet]) -> Weighing:
    """Parameters of least mean cross-entropy."""

    def loss(theta: Array) -> float:
        p = Weighing.of(theta.tolist())
        total = 0.0
        for claims in sets:
            rows = np.log(np.maximum(np.array(list(map(label_row, claims.scores(p)))), 1e-4))
            total += _entropy(rows, np.array(claims.labels))
        return total / len(sets) + PRIOR * float(((theta - START.numbers) ** 2).sum())

    bounds = [(0.0, None) if place < len(WEIGHTS) else (None, None) for place in range(len(START.numbers))]
    options = {"eps": STEP, "maxiter": 40}
    return Weighing.of(minimize(loss, START.numbers, method="L-BFGS-B", bounds=bounds, options=options).x)


def fit_llm(samples: Sequence[Quoted]) -> Array:
    """The LLM's step, likewise."""

    def loss(theta: Array) -> float:
        total = sum(_entropy(sample.logits(theta), sample.labels) for sample in samples)
        return total / len(samples) + PRIOR * float(((theta - LLM_START) ** 2).sum())

    return np.asarray(minimize(loss, LLM_START, method="L-BFGS-B").x)


def ask(samples: Mapping[str, Quoted], judge: Judge, path: Path) -> None:
    """Let the LLM be heard; what it says is kept in the file."""
    said: dict[Pair, Array] = pickle.loads(path.read_bytes()) if path.exists() else {}
    for sample in samples.values():
        sample.hear(judge, said)
    path.write_bytes(pickle.dumps(said))


def llm_step(samples: Mapping[str, Quoted]) -> Array:
    """The LLM's fitted step; printed is what each set reaches with it fitted on the others."""
    for name, sample in samples.items():
        theta = fit_llm([other for key, other in samples.items() if key != name])
        print(
            name,
            len(sample.labels),
            "before",
            accuracy(sample.before, sample.labels),
            "after, fitted on the others",
            accuracy(sample.logits(theta), sample.labels),
        )
    theta = fit_llm(list(samples.values()))
    print(_named(theta), {name: accuracy(sample.logits(theta), sample.labels) for name, sample in samples.items()})
    return theta


def _named(theta: Array) -> dict[str, float]:
    return _rounded(_further(theta).model_dump())


def _report(sets: Mapping[str, ClaimSet], now: Weighing) -> None:
    """Prints what each set reaches now and with parameters fitted on the others."""
    for name, claims in sets.items():
        others = [other for key, other in sets.items() if key != name]
        reached = claims.accuracy(fit(others)) if others else "-"
        print(name, len(claims.labels), "now", claims.accuracy(now), "fitted on the others", reached, flush=True)


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {key: round(value, 3) for key, value in values.items()}


def main() -> None:
    """Fit as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+", metavar="CLAIMS=INDEX")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--llm", type=int, default=0, help="claims of each set that the LLM is asked about")
    parser.add_argument("--llm-only", action="store_true", help="leave pool and reviewer's weights as they stand")
    parser.add_argument("--run", type=Path, help="folder of a run of `training.train_llm`: the LLM as it left it")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    pairs = [(Path(text.split("=")[0]), Path(text.split("=")[1])) for text in args.sets]
    sets = {claims.stem: ClaimSet.kept(args.cache, claims, index) for claims, index in pairs}
    p = Weighing(parameters().retrieved.reviewer, parameters().pool)
    if not args.llm_only:
        _report(sets, p)
        p = fit(list(sets.values()))
    print(p, {name: claims.accuracy(p) for name, claims in sets.items()})
    stored = json.loads(fusion.PARAMETERS_FILE.read_text(encoding="utf-8"))
    stored["retrieved"]["reviewer"] = _rounded(p.reviewer.model_dump())
    stored["pool"] = _rounded(p.pool.model_dump())
    if args.llm:
        samples = {name: Quoted(claims, p).part(args.llm) for name, claims in sets.items()}
        judge = (TunedLlm(args.run) if args.run is not None else LlmJudge(open_llm())).judge
        ask(samples, judge, args.cache / "claims.llm.pickle")
        stored["retrieved"]["llm_after_reviewer"] = _named(llm_step(samples))
    if args.write:
        fusion.PARAMETERS_FILE.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
