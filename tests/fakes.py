"""Fakes of the models, and short ways to make the values that flow through a check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from factcheck.errors import ModelError
from factcheck.protocols import FloatArray, Pair
from factcheck.types import Cause, Document, Evidence, Label, Passage, Span, Stance, Verdict

SUPPORTS = (0.9, 0.05, 0.05)
REFUTES = (0.05, 0.9, 0.05)
NEUTRAL = (0.05, 0.05, 0.9)


class FakeLanguageModel:
    """A LanguageModel that answers from a queue; an exception among an answer's pieces is raised there."""

    def __init__(self, *answers: Iterable[str | BaseException]) -> None:
        self.name = "fake-llm"
        self.fingerprint = "fake"
        self.device = "cpu"
        self.verdict_prompt, self.summary_prompt = "verdict", "summary"
        self.prompts: list[tuple[str, str]] = []
        self.pieces_taken = 0
        self.closed = 0
        self.loads = 0
        self._answers = [list(answer) for answer in answers]

    def load(self) -> None:
        self.loads += 1

    def generate(self, system: str, user: str, *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        self.prompts.append((system, user))
        try:
            for piece in self._answers.pop(0) if self._answers else []:
                if isinstance(piece, BaseException):
                    raise piece
                self.pieces_taken += 1
                yield piece
        finally:
            self.closed += 1

    def next_token(self, prefix: str, suffix: str, answers: Sequence[str], adapter: Path | None = None) -> FloatArray:
        return np.full(len(answers), 1 / len(answers), dtype=np.float32)

    def chat_prompt(self, turns: Sequence[tuple[str, str]]) -> str:
        return "".join(f"<{role}>{text}" for role, text in turns) + "<assistant>"


class FakeJudge:
    """A StanceJudge by a function of the pair; supports everything unless told otherwise."""

    def __init__(self, stance: Callable[[Pair], Sequence[float]] = lambda pair: SUPPORTS) -> None:
        self.name = "fake-judge"
        self.pairs: list[Pair] = []
        self._stance = stance

    def load(self) -> None: ...

    def judge(self, pairs: Sequence[Pair]) -> FloatArray:
        self.pairs.extend(pairs)
        return np.array([self._stance(pair) for pair in pairs], dtype=np.float32).reshape(len(pairs), 3)


class FailingJudge(FakeJudge):
    """A StanceJudge that is asked in vain."""

    def judge(self, pairs: Sequence[Pair]) -> FloatArray:
        self.pairs.extend(pairs)
        raise ModelError("the file is gone")


def make_passage(
    text: str,
    *,
    document: str = "report.txt",
    publisher: str = "",
    published: date | None = None,
    paragraph: int = 1,
) -> Passage:
    """A passage of one sentence."""
    source = Document(name=document, sha256="0" * 64, publisher=publisher, date=published)
    spans = (Span(start=0, end=len(text)),)
    return Passage(id=0, document=source, paragraph=paragraph, text=text, sentences=spans)


def make_evidence(
    text: str,
    stance: Stance = Stance.SUPPORTS,
    *,
    id: int = 1,  # noqa: A002 - the field's name
    quote: str | None = None,
    score: float = 0.9,
    speaker: str = "",
    published: date | None = None,
    document: str = "report.txt",
) -> Evidence:
    """Evidence that quotes its whole passage, or the words given."""
    words = text if quote is None else quote
    start = text.index(words)
    passage = make_passage(text, document=document, published=published)
    end = start + len(words)
    return Evidence(id=id, stance=stance, score=score, passage=passage, start=start, end=end, speaker=speaker)


def make_verdict(label: Label, *evidence: Evidence, confidence: float = 0.9) -> Verdict:
    """A verdict; NOT_ENOUGH_INFO has the cause that goes with its evidence."""
    cause = None
    if label is Label.NOT_ENOUGH_INFO:
        cause = Cause.RELATED_BUT_SILENT if evidence else Cause.NO_PASSAGES
    return Verdict(label=label, confidence=confidence, cause=cause, evidence=evidence)
