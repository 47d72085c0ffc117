"""Sets of claims with all that the judges say of their windows, and what it comes to as it is weighed."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from factcheck.checker import MAX_WINDOWS, FactChecker
from factcheck.evaluation.dataset import read_dataset
from factcheck.models.verifier import open_reviewer, open_verifier
from factcheck.types import Claim, Stance
from factcheck.verdict.aggregate import Judged, LabelScores, pool
from factcheck.verdict.compound import Case
from factcheck.verdict.fusion import PoolParameters, ReviewerParameters, parameters, with_reviewer
from factcheck.verdict.judging import judge_windows, questions_of
from factcheck.verdict.windows import candidate_windows
from training.data import LABELS
from training.judges import asked
from training.scoring import accuracy

Array = NDArray[np.float64]
WEIGHTS = ("before", "judge", "agrees")  # of the reviewer; its biases would do what the pool's do
# Set, not fitted: a figure that contradicts the claim has to outlive two judges who both overlook it. Seven sets on
# average with reviewer y, the rest fitted beside it: 1.3 67.2, 2.0 67.2, 2.6 67.7 %.
CONTRADICTS = 2.6


class Weighing(NamedTuple):
    """What is fitted before the LLM."""

    reviewer: ReviewerParameters
    pool: PoolParameters

    @classmethod
    def of(cls, theta: Sequence[float]) -> Weighing:
        """From numbers in the order of `numbers`."""
        weights = dict(zip(WEIGHTS, map(float, theta), strict=False))
        own = dict(zip(PoolParameters.model_fields, map(float, theta[len(WEIGHTS) :]), strict=True))
        return cls(
            parameters().retrieved.reviewer.model_copy(update=weights | {"contradicts": CONTRADICTS}),
            PoolParameters(**own),
        )

    @property
    def numbers(self) -> Array:
        """All of it as one row."""
        reviewer = self.reviewer.model_dump()
        return np.array([*(reviewer[key] for key in WEIGHTS), *self.pool.model_dump().values()])


class ClaimSet:
    """The claims of a file with their windows, what verifier and rules make of them, and the reviewer's opinions."""

    def __init__(self, claims_file: Path, index: Path) -> None:
        items = read_dataset(claims_file).items
        self.labels = [LABELS.index(item.label.value) for item in items]
        self.cases = [Case.of(Claim(text=item.claim)) for item in items]
        claims = [claim for case in self.cases for claim in case.claims]
        hits = FactChecker.open(index).retrieve(claims)
        windows = [candidate_windows(claim.text, found, MAX_WINDOWS) for claim, found in zip(claims, hits, strict=True)]
        questions = questions_of(claims, windows)
        first = judge_windows(questions, open_verifier(), parameters().retrieved)
        first += [[] for _ in range(len(claims) - len(first))]
        reviewer = open_reviewer()
        assert reviewer is not None, "run: factcheck models pull"
        self._first = [item for own in first for item in own]
        self._before = np.array([[item.score(stance) for stance in Stance] for item in self._first], dtype=np.float32)
        self._opinions = asked(reviewer, questions)
        self._ends = [0, *accumulate(map(len, first))]

    @classmethod
    def kept(cls, cache: Path, claims_file: Path, index: Path) -> ClaimSet:
        """The set as the cache folder holds it, where it is put if it is not there."""
        path = cache / f"{claims_file.stem}.claims.pickle"
        if path.exists():
            known: ClaimSet = pickle.loads(path.read_bytes())
            return known
        made = cls(claims_file, index)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(made))
        return made

    def reviewed(self, p: ReviewerParameters) -> list[list[list[Judged]]]:
        """The windows of every claim and its parts after the reviewer."""
        after = with_reviewer(
            self._before, self._opinions.astype(np.float32), [item.signals for item in self._first], p
        )
        judged = [
            replace(item, supports=float(row[0]), refutes=float(row[1]))
            for item, row in zip(self._first, after, strict=True)
        ]
        own = iter([judged[start:end] for start, end in pairwise(self._ends)])
        return [[next(own) for _ in case.claims] for case in self.cases]

    def scores(self, p: Weighing) -> list[LabelScores]:
        """What each claim's windows come to."""
        return [
            case.combined([pool(own, p.pool) for own in judged])
            for case, judged in zip(self.cases, self.reviewed(p.reviewer), strict=True)
        ]

    def accuracy(self, p: Weighing) -> float:
        """Share of right labels in %; CONFLICTING, where it is the likeliest, is wrong."""
        return accuracy([[*label_row(scores), scores.conflicting] for scores in self.scores(p)], self.labels)


def label_row(scores: LabelScores) -> list[float]:
    """The three gold labels' probabilities; CONFLICTING is none of them."""
    return [scores.supported, scores.refuted, scores.silent]
