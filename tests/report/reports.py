"""Made-up reports of every verdict, with text that tries to get out of where it is put."""

from __future__ import annotations

from datetime import date
from typing import Any

from factcheck.types import (
    Cause,
    Claim,
    Document,
    Evidence,
    Label,
    ModelNames,
    Passage,
    Report,
    Span,
    Stance,
    SummaryOrigin,
    SummarySentence,
    Verdict,
)

AIR_FORCE = (
    "Two people were killed. Russia launched 183 drones overnight, Ukraine's air force said, adding that 156 were "
    "shot down."
)
HOSTILE = "\x1b[31mRed\x1b[0m [bold]text[/bold] said 5 drones <img src=x onerror=alert(1)>"

NEWS = Document(
    name="kyiv.md",
    sha256="0" * 64,
    title="Overnight attack",
    publisher="Kyiv News",
    url="https://news.example/a?b=1&c=2",
    date=date(2026, 2, 5),
)
BARE = Document(name="notes/bare.txt", sha256="1" * 64)
EVIL = Document(name="evil\x1b[2J.txt", sha256="2" * 64, title="<script>alert(1)</script>", url="javascript:alert(1)")


def evidence(number: int, stance: Stance, document: Document, text: str, quote: str, **more: Any) -> Evidence:
    """Evidence that quotes `quote` from `text`."""
    start = text.index(quote)
    sentences = (Span(start=0, end=len(text)),)
    passage = Passage(id=number, document=document, paragraph=number, text=text, sentences=sentences)
    return Evidence(id=number, stance=stance, score=0.9, passage=passage, start=start, end=start + len(quote), **more)


FOR = evidence(
    1,
    Stance.SUPPORTS,
    NEWS,
    AIR_FORCE,
    "Russia launched 183 drones overnight",
    speaker="Ukraine's air force",
    reasons=("claim and passage say 183 drones",),
    also_in=("copy.md",),
)
AGAINST = evidence(2, Stance.REFUTES, BARE, "Moscow says that 250 drones flew.", "250 drones flew")
AGAINST_HOSTILE = evidence(3, Stance.REFUTES, EVIL, HOSTILE, "said 5 drones <img src=x onerror=alert(1)>")
MODELS = ModelNames(encoder="mini", verifier="judge", llm="tiny-llm", device="cpu")
SENTENCES = (
    SummarySentence(text="Russia launched 183 drones.", citations=(1,)),
    SummarySentence(text="Of them 156 were shot down.", citations=(1,)),
)
TIMINGS = {"retrieve": 7.0, "verify": 60.0}


def report(label: Label, claim: str = "Russia launched 183 drones.", *, summary: bool = False) -> Report:
    """A report with this verdict; only those with supporting evidence have a summary."""
    items = {
        Label.SUPPORTED: (FOR,),
        Label.REFUTED: (AGAINST,),
        Label.CONFLICTING: (FOR, AGAINST, AGAINST_HOSTILE),
        Label.NOT_ENOUGH_INFO: (),
    }[label]
    cause = Cause.OFF_TOPIC if label is Label.NOT_ENOUGH_INFO else None
    sentences = SENTENCES if summary and FOR in items else ()
    return Report(
        claim=Claim(text=claim),
        verdict=Verdict(label=label, confidence=0.974, cause=cause, evidence=items),
        summary=sentences,
        summary_origin=SummaryOrigin.LLM if sentences else None,
        models=MODELS,
        timings_ms=TIMINGS,
    )
