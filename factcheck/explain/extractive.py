"""A summary made of quotes, for when there is no LLM or nothing that it wrote could be verified."""

from __future__ import annotations

import re

from factcheck.report.escape import plain
from factcheck.types import Evidence, Label, Stance, SummarySentence, Verdict

MAX_QUOTES = 2
# Two quotes that share this part of their words say the same.
SAME_WORDS = 0.75

_STANCES = {
    Label.SUPPORTED: (Stance.SUPPORTS,),
    Label.REFUTED: (Stance.REFUTES,),
    Label.CONFLICTING: (Stance.SUPPORTS, Stance.REFUTES),
    Label.NOT_ENOUGH_INFO: (Stance.NEUTRAL,),
}


def deciding_evidence(verdict: Verdict) -> list[Evidence]:
    """Return the evidence that carries the verdict, best first; for CONFLICTING the sides take turns."""
    sides = [
        sorted((item for item in verdict.evidence if item.stance is stance), key=lambda item: -item.score)
        for stance in _STANCES[verdict.label]
    ]
    longest = max(len(side) for side in sides)
    return [side[i] for i in range(longest) for side in sides if i < len(side)]


def extract(verdict: Verdict) -> tuple[SummarySentence, ...]:
    """Quote the best one or two pieces of the deciding evidence, each with its speaker."""
    chosen: list[Evidence] = []
    for item in deciding_evidence(verdict):
        if len(chosen) < MAX_QUOTES and not any(says_the_same(item.quote, other.quote) for other in chosen):
            chosen.append(item)
    return tuple(SummarySentence(text=_attributed_quote(item), citations=(item.id,)) for item in chosen)


def says_the_same(left: str, right: str) -> bool:
    """Whether two sentences share most of their words (Jaccard)."""
    a, b = (set(re.findall(r"\w+", text.casefold())) for text in (left, right))
    return len(a & b) >= SAME_WORDS * len(a | b)


def unmarked(text: str) -> str:
    """Write a source's text on one line, with nothing in it that looks like a citation mark."""
    return re.sub(r"\[(\d[\d\s,;]*)\]", r"(\1)", " ".join(plain(text).split()))


def _attributed_quote(item: Evidence) -> str:
    quote = unmarked(item.quote)
    if item.speaker and item.speaker.casefold() not in quote.casefold():
        return f"According to {plain(item.speaker)}: “{quote}”"
    return f"“{quote}”"
