"""The judges that are asked after the verifier: the reviewer, then the local LLM, each as far as the mode asks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple

import numpy as np

from factcheck.errors import ModelError
from factcheck.protocols import FloatArray, LanguageModel, Pair, StanceJudge
from factcheck.settings import Mode
from factcheck.types import Claim, Stance
from factcheck.verdict.aggregate import Judged, LabelScores, odds_of
from factcheck.verdict.consensus import reviewer_trouble
from factcheck.verdict.fusion import FurtherParameters, JudgeParameters, PoolParameters, loudest, with_judge
from factcheck.verdict.judging import Question, judge_again
from factcheck.verdict.llm_judge import LlmJudge
from factcheck.verdict.windows import Window


class Asking(NamedTuple):
    """The verdict's probability under which the reviewer, and after it the LLM, is asked.

    strongest: how many windows of a claim the reviewer reads, the most decided first.
    """

    reviewer: float
    llm: float
    strongest: int = sys.maxsize


# Claims checked end to end, right answers in %, mean of thirteen sets, and share of the claims that the reviewer is
# asked about: under 0.55 66.4 (38 %), 0.65 70.2 (57 %), 0.75 73.4 (76 %), 0.8 74.6 (84 %), 0.85 74.8 (92 %),
# always 74.9.
ASKING = {Mode.FAST: Asking(0.85, 0.0), Mode.AUTO: Asking(0.85, 0.75), Mode.THOROUGH: Asking(inf, inf)}
# A file of claims in `fast` is done in less time so: 60.9 % of seven sets with an earlier reviewer, where under 0.75
# for all windows it had 67.5.
ASKING_IN_BULK = ASKING | {Mode.FAST: Asking(0.55, 0.0, 2)}
# Given evidence has few windows, so the reviewer reads them all. Right answers in % and share of the pairs that it
# reads, mean of ten sets: never 66.8, under 0.45 68.3 (11 %), 0.6 70.6 (37 %), 0.75 71.8 (62 %), always 71.8.
# A verdict over 0.85 is not put to the LLM: 74.8 % of 1,110 pairs are right either way, and a third of the calls are
# saved.
ASKING_OF_GIVEN = {
    Mode.FAST: Asking(0.75, 0.0),
    Mode.AUTO: Asking(0.75, 0.75),
    Mode.THOROUGH: Asking(inf, 0.85),
}
NOBODY = Asking(0.0, 0.0)
LLM_QUOTES = 3  # one prompt that holds the best passages costs one pass
LLM_PREMISES = 5  # each costs a pass


@dataclass(frozen=True)
class Heard:
    """Which judges were heard, why one was not although it was asked, and what the reader should know of it."""

    reviewer: bool = False
    llm: bool = False
    trouble: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class First(NamedTuple):
    """A claim with its parts: the windows of each, what was first thought of them, and what that comes to."""

    claims: Sequence[Claim]
    windows: Sequence[Sequence[Window]]
    judged: Sequence[Sequence[Judged]]
    scores: LabelScores


class Panel:
    """Asks further judges about a claim whose first opinion stands."""

    def __init__(self, reviewer: StanceJudge | None, llm: LanguageModel | None) -> None:
        self._reviewer = reviewer
        self._llm = llm
        self._llm_judge: LlmJudge | None = None

    def review(
        self,
        claims: Sequence[Claim],
        windows: Sequence[Sequence[Window]],
        judged: Sequence[Sequence[Judged]],
        scores: LabelScores,
        asking: Asking,
        p: JudgeParameters,
    ) -> tuple[list[list[Judged]], Heard]:
        """The judged windows of a claim and its parts after the reviewer read the strongest of them, if it is asked.

        `scores` is what the first opinions come to. If the reviewer fails they stand.
        """
        (reviewed,) = self.review_many([First(claims, windows, judged, scores)], asking, p)
        return reviewed

    def review_many(
        self, cases: Sequence[First], asking: Asking, p: JudgeParameters
    ) -> list[tuple[list[list[Judged]], Heard]]:
        """As `review` for each case, with one call of the reviewer for all."""
        stand = [([list(own) for own in case.judged], Heard()) for case in cases]
        asked = [n for n, case in enumerate(cases) if any(case.judged) and case.scores.best < asking.reviewer]
        if self._reviewer is None or not asked:
            return stand
        places = [
            (n, own, place)
            for n in asked
            for own, judged in enumerate(cases[n].judged)
            for place in _strongest(judged, asking.strongest)
        ]
        questions = [Question(n, cases[n].claims[own], cases[n].windows[own][place]) for n, own, place in places]
        before = [cases[n].judged[own][place] for n, own, place in places]
        try:
            after = judge_again(questions, before, self._reviewer, p)
        except ModelError as error:
            heard = Heard(trouble=(reviewer_trouble(error),))
            return [(own, heard if n in asked else none) for n, (own, none) in enumerate(stand)]
        for n in asked:
            stand[n] = (stand[n][0], Heard(reviewer=True))
        for (n, own, place), item in zip(places, after, strict=True):
            stand[n][0][own][place] = item
        return stand

    def hear_llm(
        self,
        claim: Claim,
        scores: LabelScores,
        premises: Sequence[str],
        asking: Asking,
        heard: Heard,
        p: JudgeParameters,
    ) -> tuple[LabelScores, Heard]:
        """The scores after the LLM read the premises, if it is asked; if it fails they stand.

        One that is tuned reads the first LLM_PREMISES of them, each alone; any other reads all as one.
        """
        whole = " ".join(premises)
        if self._llm is None or not whole or scores.best >= asking.llm:
            return scores, heard
        judge = self._llm_judge = self._llm_judge or LlmJudge(self._llm)
        weights = p.further(tuned=judge.tuned, reviewed=heard.reviewer)
        if not weights.judge:
            return scores, heard
        try:
            read = premises[:LLM_PREMISES] if judge.tuned else [whole]
            opinion = loudest(judge.judge([Pair(claim.text, premise) for premise in read]))
        except ModelError as error:
            return scores, replace(heard, trouble=(*heard.trouble, llm_trouble(str(error))))
        notes = () if judge.tuned else (uncalibrated(judge.name),)
        return with_opinion(scores, opinion, weights), replace(heard, llm=True, notes=notes)


def _strongest(judged: Sequence[Judged], count: int) -> list[int]:
    """Places of the `count` most decided windows, in their order."""
    ranked = sorted(range(len(judged)), key=lambda place: -max(judged[place].supports, judged[place].refutes))
    return sorted(ranked[:count])


def strongest_quotes(judged: Sequence[Judged], p: PoolParameters | None = None) -> list[Judged]:
    """What the LLM reads of a claim's windows: the most decided, of overlapping ones the longer; p as in `pool`."""
    ranked = sorted(judged, key=lambda item: -max(odds_of(item, side, p) for side in (Stance.SUPPORTS, Stance.REFUTES)))
    chosen: list[Judged] = []
    for item in ranked:
        same = [place for place, other in enumerate(chosen) if _overlap(item, other)]
        if same and len(item.quote) > len(chosen[same[0]].quote):
            chosen[same[0]] = item
        if not same and len(chosen) == LLM_QUOTES:
            break
        chosen += [] if same else [item]
    return chosen


def _overlap(one: Judged, two: Judged) -> bool:
    """Whether two quotations share words of one passage, or are the same ones of two."""
    inside = one.passage.text == two.passage.text and one.start < two.end and two.start < one.end
    return inside or one.quote == two.quote


def with_opinion(scores: LabelScores, opinion: FloatArray, weights: FurtherParameters) -> LabelScores:
    """Label probabilities after a judge's opinion (shape (3,)); CONFLICTING keeps its share of the total."""
    decided = 1.0 - scores.conflicting
    if decided <= 0.0:
        return scores
    before = np.array([[scores.supported, scores.refuted, scores.silent]], dtype=np.float32) / decided
    row = decided * with_judge(before, opinion[None, :], weights)[0]
    return LabelScores(float(row[0]), float(row[1]), scores.conflicting, float(row[2]))


def llm_trouble(why: str) -> str:
    """The sentence that a report says of an LLM that failed."""
    return f"the language model failed: {why}"


def uncalibrated(name: str) -> str:
    """The sentence that a verdict says of an LLM that is not tuned as a judge."""
    return f"{name} had a say in this verdict with a calibration that was made for another language model."
