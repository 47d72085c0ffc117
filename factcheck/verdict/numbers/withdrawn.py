"""What a text takes back: "risen to 31, correcting an earlier figure of 12"."""

from __future__ import annotations

import re

_REACH = 70  # characters before a figure in which the text can say that it no longer holds

_FIGURE = r"(?:figures?|tolls?|counts?|numbers?|estimates?|reports?|tall(?:y|ies)|totals?|values?|statements?|claims?)"
_SAID = (
    r"(?:reported|announced|said|put|given|gave|estimated|thought|believed|spoken|counted|stated|recorded|listed|told)"
)
_SMALL = r"(?:\s+(?:about|around|some|roughly|nearly|almost|at|least|of|that|as|to|the|it|there|were|was|had|been))"
_BEFORE = re.compile(
    rf"(?:\b(?:earlier|previous|prior|initial|preliminary|original)\s+(?:\w+\s+){{0,2}}?{_FIGURE}{_SMALL}{{0,4}}"
    rf"|\b(?:earlier|previously|initially|originally)\s+{_SAID}{_SMALL}{{0,4}}"
    rf"|\b(?:corrected|revised|corrects|revises|correcting|revising)\s+(?:\w+\s+){{0,3}}?from{_SMALL}{{0,2}}"
    r"|(?:,|\band|\bbut)\s+not(?:\s+(?:the|about|around|some))?)\s+\W?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"\s*(?:\w+\s+){{0,3}}?,?\s*(?:as\s+|that\s+)?(?:was\s+|were\s+|had\s+been\s+|has\s+been\s+)?"
    rf"(?:first|previously|earlier|initially|originally)\s+{_SAID}\b",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"\b(?:correct(?:s|ed|ing|ion)|revis(?:es|ed|ing|ion)|retract(?:s|ed|ing|ion)"
    rf"|(?:earlier|previous|initial|preliminary)\s+(?:\w+\s+){{0,2}}?(?:{_FIGURE}|accounts?)"
    rf"|(?:earlier|previously|initially|originally)\s+{_SAID})\b",
    re.IGNORECASE,
)


def is_correction(text: str) -> bool:
    """Whether the text says that it puts right what was said before."""
    return bool(_CORRECTION.search(text))


def is_withdrawn(text: str, start: int, end: int) -> bool:
    """Whether the text says of its figure `text[start:end]` that it held before, or does not hold."""
    return bool(_BEFORE.search(text[max(0, start - _REACH) : start]) or _AFTER.match(text[end : end + _REACH]))
