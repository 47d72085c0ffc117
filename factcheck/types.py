"""The values that flow through a check, in the order in which they come to be.

    Document -> Passage -> Hit -> Evidence -> Verdict -> SummarySentence -> Report

All are frozen; invariants are checked when a value is made, so that a verdict without evidence or a quote that
is not in its passage cannot exist.
"""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - `date` is a field name below
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION = 1

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


class Stance(StrEnum):
    """What one passage says about a claim."""

    SUPPORTS = "SUPPORTS"
    REFUTES = "REFUTES"
    NEUTRAL = "NEUTRAL"


class Label(StrEnum):
    """What all the evidence together says about a claim."""

    SUPPORTED = "SUPPORTED"
    REFUTED = "REFUTED"
    CONFLICTING = "CONFLICTING"
    NOT_ENOUGH_INFO = "NOT_ENOUGH_INFO"


class Cause(StrEnum):
    """Why there is no verdict."""

    NO_PASSAGES = "no_passages"
    OFF_TOPIC = "off_topic"
    RELATED_BUT_SILENT = "related_but_silent"
    NOT_CHECKABLE = "not_checkable"


class SummaryOrigin(StrEnum):
    """Who wrote the summary: the local LLM, or the sources themselves (quotes)."""

    LLM = "llm"
    EXTRACTIVE = "extractive"


class Value(BaseModel):
    """Base of the frozen values."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(Value):
    """A half-open range of characters, `text[start:end]`."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Span:
        if self.end < self.start:
            raise ValueError(f"span ends ({self.end}) before it starts ({self.start})")
        return self


class Document(Value):
    """A source as the user gave it, without its text."""

    name: str = Field(description="file name, or path relative to the folder that was added")
    sha256: str = Field(description="hash of the file's bytes")
    title: str = ""
    publisher: str = ""
    url: str = ""
    date: Date | None = Field(default=None, description="day of publication")


class Passage(Value):
    """One paragraph of a document, with its sentences."""

    id: int = Field(description="row id in the store; 0 before it is stored")
    document: Document
    paragraph: int = Field(ge=1, description="1-based number of the paragraph in its document")
    text: str = Field(min_length=1)
    sentences: tuple[Span, ...] = Field(description="sentences in order, as offsets into text")


class Hit(Value):
    """A passage that retrieval found for a claim."""

    passage: Passage
    score: float = Field(description="reciprocal-rank fusion score, higher is nearer")
    similarity: float = Field(description="cosine of claim and passage embeddings, -1..1; 0 if only lexical")
    lead: str = Field(default="", description="words before the passage that it may hang on")


class Claim(Value):
    """What the user asks about."""

    text: str = Field(min_length=1)
    as_of: Date | None = Field(default=None, description="ignore documents published after this day")


class StanceScores(Value):
    """Probabilities of the three stances of one text towards one claim; they sum to 1."""

    supports: Probability
    refutes: Probability
    neutral: Probability

    @property
    def stance(self) -> Stance:
        """The most probable stance."""
        best = max(self.supports, self.refutes, self.neutral)
        if best == self.neutral:
            return Stance.NEUTRAL
        return Stance.SUPPORTS if best == self.supports else Stance.REFUTES

    @property
    def confidence(self) -> float:
        """Probability of the most probable stance."""
        return max(self.supports, self.refutes, self.neutral)


class Evidence(Value):
    """A quotation from a passage and its stance towards the claim."""

    id: int = Field(ge=1, description="the number n of a citation [n]")
    stance: Stance
    score: Probability = Field(description="probability of the stance")
    passage: Passage
    start: int = Field(ge=0)
    end: int = Field(ge=1)
    speaker: str = Field(default="", description="who says so, when the passage reports somebody's words")
    reasons: tuple[str, ...] = ()
    also_in: tuple[str, ...] = Field(default=(), description="other documents with the very same passage")

    @model_validator(mode="after")
    def _inside(self) -> Evidence:
        if not self.start < self.end <= len(self.passage.text):
            raise ValueError(f"quote {self.start}:{self.end} is outside its passage")
        return self

    @property
    def quote(self) -> str:
        """The quoted words, exactly as they stand in the passage."""
        return self.passage.text[self.start : self.end]


class PartVerdict(Value):
    """What was found for one of the facts that a claim states; `citations` are ids of the claim's evidence."""

    text: str = Field(min_length=1)
    label: Label
    confidence: Probability
    citations: tuple[int, ...] = ()


class Verdict(Value):
    """The outcome for one claim.

    A label other than NOT_ENOUGH_INFO needs evidence for it; NOT_ENOUGH_INFO needs a cause.
    """

    label: Label
    confidence: Probability
    cause: Cause | None = None
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = Field(default=(), description="what the reader should know, one sentence each")
    parts: tuple[PartVerdict, ...] = Field(default=(), description="of a claim of several facts, else empty")

    @model_validator(mode="after")
    def _grounded(self) -> Verdict:
        stances = {item.stance for item in self.evidence}
        needed = {
            Label.SUPPORTED: {Stance.SUPPORTS},
            Label.REFUTED: {Stance.REFUTES},
            Label.CONFLICTING: {Stance.SUPPORTS, Stance.REFUTES},
            Label.NOT_ENOUGH_INFO: set(),
        }[self.label]
        if not needed <= stances:
            raise ValueError(f"{self.label} without evidence that {' and '.join(sorted(needed - stances))}")
        if (self.label is Label.NOT_ENOUGH_INFO) != (self.cause is not None):
            raise ValueError("NOT_ENOUGH_INFO carries a cause, and only it does")
        ids = [item.id for item in self.evidence]
        if len(ids) != len(set(ids)):
            raise ValueError("evidence ids repeat")
        if {number for part in self.parts for number in part.citations} - set(ids):
            raise ValueError("a part cites evidence that does not exist")
        return self


class SummarySentence(Value):
    """One checked sentence of the summary, with the ids of the evidence that it cites."""

    text: str = Field(min_length=1, description="the sentence without its [n] marks")
    citations: tuple[int, ...] = Field(min_length=1)


class ModelNames(Value):
    """Which models took part, as the result names them; empty where none did."""

    encoder: str = ""
    verifier: str = ""
    reviewer: str = ""
    llm: str = ""
    device: str = Field(default="", description="what the LLM ran on: cpu, or the name of the GPU")


class Report(Value):
    """Everything that is known about one checked claim."""

    claim: Claim
    verdict: Verdict
    summary: tuple[SummarySentence, ...] = ()
    summary_origin: SummaryOrigin | None = None
    models: ModelNames = ModelNames()
    timings_ms: dict[str, float] = Field(default_factory=dict)
    trouble: tuple[str, ...] = ()  # what failed on the way, a sentence each; the rest of the report stands

    @model_validator(mode="after")
    def _cited(self) -> Report:
        known = {item.id for item in self.verdict.evidence}
        for sentence in self.summary:
            if missing := set(sentence.citations) - known:
                raise ValueError(f"summary cites evidence that does not exist: {sorted(missing)}")
        return self

    def to_json_object(self) -> dict[str, Any]:
        """The result as the JSON contract names its fields."""
        return {
            "schema_version": SCHEMA_VERSION,
            "claim": self.claim.text,
            "verdict": self.verdict.label.value,
            "confidence": round(self.verdict.confidence, 4),
            "cause": self.verdict.cause.value if self.verdict.cause else None,
            "notes": list(self.verdict.notes),
            "parts": [
                {
                    "text": part.text,
                    "verdict": part.label.value,
                    "confidence": round(part.confidence, 4),
                    "evidence": list(part.citations),
                }
                for part in self.verdict.parts
            ],
            "evidence": [_evidence_object(item) for item in self.verdict.evidence],
            "summary": [{"text": s.text, "citations": list(s.citations)} for s in self.summary],
            "summary_origin": self.summary_origin.value if self.summary_origin else None,
            "models": self.models.model_dump(),
            "timings_ms": {name: round(ms, 1) for name, ms in self.timings_ms.items()},
            "trouble": list(self.trouble),
        }


def _evidence_object(item: Evidence) -> dict[str, Any]:
    document = item.passage.document
    return {
        "id": item.id,
        "stance": item.stance.value,
        "score": round(item.score, 4),
        "text": item.passage.text,
        "quote": item.quote,
        "start": item.start,
        "end": item.end,
        "document": document.name,
        "title": document.title,
        "publisher": document.publisher,
        "url": document.url,
        "date": document.date.isoformat() if document.date else None,
        "paragraph": item.passage.paragraph,
        "speaker": item.speaker or None,
        "reasons": list(item.reasons),
        "also_in": list(item.also_in),
    }
