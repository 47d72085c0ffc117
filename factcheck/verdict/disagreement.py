"""Two sources on two sides: whether they contradict each other, or the newer one corrects the older."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from factcheck.types import Passage, Stance
from factcheck.verdict.fusion import Signals
from factcheck.verdict.numbers.withdrawn import TAKEN_BACK, is_correction

# Both sides at least this sure, from different documents. With 0.9 "95 Ukrainian drones had been shot down" stands
# against "Russia launched 183 drones"; the verdicts on 290 claims about news are the same from 0.9 to 0.95.
CREDIBLE = 0.92
CREDIBLE_BY_RULES = 0.5  # the same where a number or date rule is on that side: 212 passengers here, 138 there


class _Opinion(Protocol):
    """What is needed of a judged window."""

    @property
    def passage(self) -> Passage: ...
    @property
    def reasons(self) -> tuple[str, ...]: ...
    @property
    def signals(self) -> Signals: ...
    def score(self, stance: Stance) -> float: ...


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Documents credibly on two sides, none of them on both.

    `newer` is the side whose reports are all of later dates than the other's, if there is one, with the latest date
    of each side; `corrects` tells whether such a report says that it corrects what was said before.
    """

    newer: Stance | None = None
    newer_date: date | None = None
    older_date: date | None = None
    corrects: bool = False

    @property
    def settled_for(self) -> Stance | None:
        """The side that a correction settles it for."""
        return self.newer if self.corrects else None


def find_disagreement(judged: Sequence[_Opinion]) -> Disagreement | None:
    """The disagreement of the documents of these windows; None where they do not credibly disagree."""
    supporting, refuting = (_credible(judged, stance) for stance in (Stance.SUPPORTS, Stance.REFUTES))
    both = supporting.keys() & refuting.keys()
    sides = {
        stance: [passage for name, passages in found.items() if name not in both for passage in passages]
        for stance, found in ((Stance.SUPPORTS, supporting), (Stance.REFUTES, refuting))
    }
    if not all(sides.values()):
        return None
    for newer, older in ((Stance.SUPPORTS, Stance.REFUTES), (Stance.REFUTES, Stance.SUPPORTS)):
        late, early = _dates(sides[newer]), _dates(sides[older])
        if late and early and min(late) > max(early):
            corrects = any(is_correction(passage.text) for passage in sides[newer])
            return Disagreement(newer, max(late), max(early), corrects)
    return Disagreement()


def is_settled(judged: Sequence[_Opinion]) -> bool:
    """Whether a newer report corrects an older one here: nothing for a judge that does not see their dates."""
    found = find_disagreement(judged)
    return found is not None and found.settled_for is not None


def _credible(judged: Sequence[_Opinion], stance: Stance) -> dict[str, list[Passage]]:
    """The passages, by document, that credibly stand on a side."""
    found: dict[str, list[Passage]] = {}
    # What one text expressly takes back another need not say with all clearness.
    corrected = any(TAKEN_BACK in item.reasons for item in judged)
    for item in judged:
        rule = item.signals.agrees if stance is Stance.SUPPORTS else item.signals.contradicts
        if item.score(stance) >= (CREDIBLE_BY_RULES if rule or corrected else CREDIBLE):
            found.setdefault(item.passage.document.name, []).append(item.passage)
    return found


def _dates(passages: Sequence[Passage]) -> list[date]:
    """The days of publication; none if one of them is not known."""
    dates = [passage.document.date for passage in passages]
    known = [day for day in dates if day is not None]
    return known if len(known) == len(dates) else []


def note_on(disagreement: Disagreement, settled: bool) -> tuple[str, ...]:
    """What the dates of the two sides tell the reader; nothing where they tell nothing."""
    if disagreement.newer is None or disagreement.newer_date is None or disagreement.older_date is None:
        return ()
    newer, older = disagreement.newer_date.isoformat(), disagreement.older_date.isoformat()
    side = "supports" if disagreement.newer is Stance.SUPPORTS else "refutes"
    if settled:
        return (f"The newer source ({newer}) {side} the claim and corrects what was said before ({older}).",)
    return (f"The newer source ({newer}) {side} the claim; it may correct the older.",)
