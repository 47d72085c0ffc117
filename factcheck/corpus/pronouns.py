"""Who is meant by "he" in a paragraph that opens with it: the paragraph before tells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from factcheck.corpus.sentences import split_sentences

REACH = 4  # paragraphs before that are looked at: "He ... / He ... / She ..." in a report
MAX_LEAD_CHARS = 260

_POINTS_BACK = re.compile(r"[\"'“‘«(]*(?:He|She|It|They|His|Her|Its|Their|This|That|These|Those|Both|Neither)\b")


def points_back(text: str) -> bool:
    """Whether the text opens with a word that stands for something said before it."""
    return _POINTS_BACK.match(text) is not None


def lead(before: Sequence[str]) -> str:
    """The sentence or two that such a text hangs on; before: the paragraphs before it, nearest first.

    The nearest paragraph that does not itself open with such a word; its end, where it is long.
    """
    text = next((text for text in before if not points_back(text)), "")
    if len(text) <= MAX_LEAD_CHARS:
        return text
    spans = split_sentences(text)
    last = text[spans[-1].start :].rstrip() if spans else ""
    first = text[spans[0].start : spans[0].end] if spans else ""
    return last if len(last) <= MAX_LEAD_CHARS and not points_back(last) else first[:MAX_LEAD_CHARS]
