"""A checker that answers from a table, and the values it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from factcheck.checker import CheckOptions
from factcheck.evaluation.metrics import Outcome
from factcheck.types import (
    Cause,
    Claim,
    Document,
    Evidence,
    Hit,
    Label,
    ModelNames,
    Passage,
    Report,
    Span,
    Stance,
    Verdict,
)

STANCES = {
    Label.SUPPORTED: (Stance.SUPPORTS,),
    Label.REFUTED: (Stance.REFUTES,),
    Label.CONFLICTING: (Stance.SUPPORTS, Stance.REFUTES),
    Label.NOT_ENOUGH_INFO: (),
}


def passage(text: str, document: str = "a.txt") -> Passage:
    source = Document(name=document, sha256="0" * 64)
    return Passage(id=1, document=source, paragraph=1, text=text, sentences=(Span(start=0, end=len(text)),))


def hit(text: str, document: str = "a.txt") -> Hit:
    return Hit(passage=passage(text, document), score=0.1, similarity=0.5)


def report(claim: Claim, label: Label, confidence: float, models: ModelNames) -> Report:
    evidence = tuple(
        Evidence(id=n, stance=stance, score=0.9, passage=passage("Some text."), start=0, end=4)
        for n, stance in enumerate(STANCES[label], start=1)
    )
    cause = None if evidence else Cause.RELATED_BUT_SILENT
    verdict = Verdict(label=label, confidence=confidence, cause=cause, evidence=evidence)
    return Report(claim=claim, verdict=verdict, models=models)


def outcomes(gold: str, predicted: str, confidence: Sequence[float] = ()) -> list[Outcome]:
    """Outcomes from initials (S, R, C, N), with ids 0, 1, 2 ..."""
    labels = {label.value[0]: label for label in Label}
    sure = confidence or [0.5] * len(gold)
    return [Outcome(n, labels[g], labels[p], c) for n, (g, p, c) in enumerate(zip(gold, predicted, sure, strict=True))]


@dataclass
class FakeChecker:
    """Answers claims from `answers`; the LLM takes part in those that name it. Remembers its calls."""

    answers: Mapping[str, tuple[Label, float]]
    hits: Mapping[str, list[Hit]] = field(default_factory=dict)
    calls: list[tuple[str, int]] = field(default_factory=list)
    evidence: list[tuple[str, ...]] = field(default_factory=list)
    closed: bool = False

    def decide(self, claims: Sequence[Claim], options: CheckOptions) -> list[Report]:
        self.calls.append(("decide", len(claims)))
        return [self._report(claim) for claim in claims]

    def judge_texts(self, items: Sequence[tuple[Claim, Sequence[str]]], options: CheckOptions) -> list[Report]:
        self.calls.append(("judge_texts", len(items)))
        self.evidence += [tuple(texts) for _, texts in items]
        return [self._report(claim) for claim, _ in items]

    def retrieve(self, claims: Sequence[Claim], options: CheckOptions) -> list[list[Hit]]:
        self.calls.append(("retrieve", options.top_k))
        return [self.hits.get(claim.text, []) for claim in claims]

    def close(self) -> None:
        self.closed = True

    def _report(self, claim: Claim) -> Report:
        label, confidence = self.answers[claim.text]
        models = ModelNames(verifier="fake", llm="fake-llm" if "llm" in claim.text else "")
        return report(claim, label, confidence, models)
