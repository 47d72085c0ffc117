"""Stands in for factcheck.checker: verdicts by a word in the claim, no models, no index."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from factcheck.errors import ModelError, ModelMissingError
from factcheck.settings import Mode
from factcheck.types import Claim, Document, Label, Report, SummaryOrigin, SummarySentence
from tests.report.reports import BARE, FOR, NEWS, SENTENCES, report

WORDS = {
    "refuted": Label.REFUTED,
    "conflicting": Label.CONFLICTING,
    "unknown": Label.NOT_ENOUGH_INFO,
}


@dataclass(frozen=True)
class CheckOptions:
    """The options of the real chain."""

    mode: Mode = Mode.AUTO
    top_k: int = 8
    source: str | None = None
    in_bulk: bool = False


class FactChecker:
    """Answers at once; `calls` tells what was asked of it, over all instances."""

    calls: ClassVar[list[str]] = []

    @classmethod
    def open(cls, index: Path | None = None, *, note: Callable[[str], None] = print) -> FactChecker:
        cls.calls.append(f"open {index}")
        if index == Path("missing"):
            raise ModelMissingError("the encoder is not here; get it with: factcheck models pull")
        return cls()

    def decide(self, claims: Sequence[Claim], options: CheckOptions | None = None) -> list[Report]:
        self.calls.append(f"decide {len(claims)} {options}")
        return [self._decided(claim) for claim in claims]

    def summarise(self, found: Report, on_sentence: Callable[[SummarySentence], None] | None = None) -> Report:
        self.calls.append("summarise")
        if "speechless" in found.claim.text:
            return found.model_copy(update={"trouble": ("the language model failed: it died",)})
        sentences = SENTENCES if FOR in found.verdict.evidence else ()
        for sentence in sentences:
            if on_sentence:
                on_sentence(sentence)
        origin = SummaryOrigin.LLM if sentences else None
        return found.model_copy(update={"summary": sentences, "summary_origin": origin})

    def summarise_many(self, reports: Iterable[Report]) -> Iterator[Report]:
        return map(self.summarise, reports)

    def preload(self) -> None:
        self.calls.append("preload")

    def documents(self) -> list[tuple[Document, int]]:
        return [(NEWS, 31), (BARE, 1)]

    def close(self) -> None:
        self.calls.append("close")

    def _decided(self, claim: Claim) -> Report:
        if "interrupt" in claim.text:
            raise KeyboardInterrupt
        if "unjudged" in claim.text:
            raise ModelError("the verifier died")
        if "bug" in claim.text:
            raise LookupError("a bug")
        if "crash" in claim.text:
            os.kill(os.getpid(), signal.SIGSEGV)
        label = next((label for word, label in WORDS.items() if word in claim.text), Label.SUPPORTED)
        return report(label, claim.text).model_copy(update={"claim": claim})


def open_fake() -> FactChecker:
    """An opener that a worker process can import."""
    return FactChecker()
