"""One verdict for a claim of several facts, from the verdicts of its parts and of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from factcheck.types import Claim, Evidence, Hit, Label, PartVerdict, Stance, Verdict
from factcheck.verdict.aggregate import Judged, LabelScores, verdict_from
from factcheck.verdict.parts import split_claim

WHOLE = 0.5  # weight of the claim judged as a whole beside its parts
_SHOWN = 2  # pieces of evidence that a part adds to the claim's
_SIDES = {
    Label.SUPPORTED: {Stance.SUPPORTS},
    Label.REFUTED: {Stance.REFUTES},
    Label.CONFLICTING: {Stance.SUPPORTS, Stance.REFUTES},
    Label.NOT_ENOUGH_INFO: set[Stance](),
}


@dataclass(frozen=True)
class Case:
    """A claim and, if it states several facts, these as claims of their own."""

    claims: tuple[Claim, ...]  # the whole, then its parts

    @classmethod
    def of(cls, claim: Claim) -> Case:
        """Split the claim where it can be split."""
        texts = split_claim(claim.text)
        parts = [claim.model_copy(update={"text": text}) for text in texts] if len(texts) > 1 else []
        return cls((claim, *parts))

    @property
    def claim(self) -> Claim:
        """The claim as it was asked."""
        return self.claims[0]

    def combined(self, scores: Sequence[LabelScores]) -> LabelScores:
        """The label probabilities of the claim from those of `claims`."""
        return combined(scores[0], scores[1:]) if len(scores) > 1 else scores[0]

    def verdict(
        self,
        scores: LabelScores,
        judged: Sequence[Sequence[Judged]],
        each: Sequence[LabelScores],
        hits: Sequence[Hit],
    ) -> Verdict:
        """The verdict that `scores` say; `judged` and `each` are those of `claims`."""
        if len(self.claims) == 1:
            return verdict_from(scores, judged[0], hits)
        verdict = verdict_from(scores, [item for windows in judged for item in windows], hits)
        return with_parts(verdict, [part.text for part in self.claims[1:]], each[1:], judged[1:])


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
