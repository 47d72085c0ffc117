"""What a paragraph leaves unsaid, who "he" is or "the youngest" was the youngest of: the one before tells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from factcheck.corpus.sentences import split_sentences

REACH = 4  # paragraphs before that are looked at: "He ... / He ... / She ..." in a report
MAX_LEAD_CHARS = 260
SHORT_CHARS = 100  # a paragraph as short goes on with the one before: "The youngest was nine."

_POINTS_BACK = re.compile(r"[\"'“‘«(]*(?:He|She|It|They|His|Her|Its|Their|This|That|These|Those|Both|Neither)\b")


def points_back(text: str) -> bool:
    """Whether the text opens with a word that stands for something said before it."""
    return _POINTS_BACK.match(text) is not None


def needs_lead(text: str) -> bool:
    """Whether the paragraph may be understood only together with what was said before it."""
    return bool(text) and (len(text) <= SHORT_CHARS or points_back(text))


def lead(before: Sequence[str]) -> str:
    """The sentence or two that such a paragraph hangs on; before: the paragraphs before it, nearest first.

    The nearest paragraph that does not itself point back; its end, where it is long.
    """
    text = next((text for text in before if not points_back(text)), "")
    if len(text) <= MAX_LEAD_CHARS:
        return text
    spans = split_sentences(text)
    last = text[spans[-1].start :].rstrip() if spans else ""
    first = text[spans[0].start : spans[0].end] if spans else ""
    return last if len(last) <= MAX_LEAD_CHARS and not points_back(last) else first[:MAX_LEAD_CHARS]
