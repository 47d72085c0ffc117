"""One verdict for a claim of several facts, from the verdicts of its parts and of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from factcheck.types import Evidence, Label, PartVerdict, Stance, Verdict
from factcheck.verdict.aggregate import Judged, LabelScores, verdict_from

WHOLE = 0.5  # weight of the claim judged as a whole beside its parts
_SHOWN = 2  # pieces of evidence that a part adds to the claim's
_SIDES = {
    Label.SUPPORTED: {Stance.SUPPORTS},
    Label.REFUTED: {Stance.REFUTES},
    Label.CONFLICTING: {Stance.SUPPORTS, Stance.REFUTES},
    Label.NOT_ENOUGH_INFO: set[Stance](),
}


def combined(whole: LabelScores, parts: Sequence[LabelScores]) -> LabelScores:
    """The claim is true if every part is, and false if one is false; the whole's own scores have half a say."""
    supported = prod(part.supported for part in parts)
    refuted = 1.0 - prod(1.0 - part.refuted for part in parts)
    conflicting = 1.0 - prod(1.0 - part.conflicting for part in parts)
    silent = max(0.0, 1.0 - supported - refuted - conflicting)
    total = supported + refuted + conflicting + silent
    joined = (supported / total, refuted / total, conflicting / total, silent / total)
    own = (whole.supported, whole.refuted, whole.conflicting, whole.silent)
    return LabelScores(*(WHOLE * a + (1.0 - WHOLE) * b for a, b in zip(own, joined, strict=True)))


def with_parts(
    verdict: Verdict, texts: Sequence[str], scores: Sequence[LabelScores], judged: Sequence[Sequence[Judged]]
) -> Verdict:
    """The verdict with what was found for each part; evidence that only a part has is added to the claim's."""
    evidence = list(verdict.evidence)
    parts = []
    for text, row, windows in zip(texts, scores, judged, strict=True):
        own = verdict_from(row, windows, ())
        deciding = [item for item in own.evidence if item.stance in _SIDES[own.label]][:_SHOWN]
        ids = tuple(dict.fromkeys(_cited(item, evidence) for item in deciding))
        parts.append(PartVerdict(text=text, label=own.label, confidence=own.confidence, citations=ids))
    order = sorted(evidence, key=lambda item: list(Stance).index(item.stance))
    numbers = {item.id: number for number, item in enumerate(order, start=1)}
    return verdict.model_copy(
        update={
            "evidence": tuple(item.model_copy(update={"id": numbers[item.id]}) for item in order),
            "parts": tuple(
                part.model_copy(update={"citations": tuple(sorted(numbers[n] for n in part.citations))})
                for part in parts
            ),
        }
    )


def _cited(item: Evidence, evidence: list[Evidence]) -> int:
    """The id of this quotation among the claim's evidence, to which it is added if it is not there."""
    for other in evidence:
        same_place = (other.start, other.end, other.stance) == (item.start, item.end, item.stance)
        if same_place and other.passage == item.passage:
            return other.id
    new = max((other.id for other in evidence), default=0) + 1
    evidence.append(item.model_copy(update={"id": new}))
    return new
