"""What a text takes back: "risen to 31, correcting an earlier figure of 12", "an earlier report wrongly said that"."""

from __future__ import annotations

import re

TAKEN_BACK = "the passage takes this back"  # the reason that a reader is given

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

_TEXT = (
    r"(?:versions?|reports?|articles?|stor(?:y|ies)|statements?|accounts?|posts?|headlines?|bulletins?|dispatch(?:es)?"
    r"|items?|pieces?|editions?|releases?|captions?|figures?|estimates?|counts?|toll|tally)"
)
_WRONGLY = r"(?:incorrectly|wrongly|mistakenly|erroneously|falsely|inaccurately)"
_TOLD = (
    r"(?:said|says?|stated|misstated|gave|put|claimed|indicated|suggested|identified|misidentified|described|listed"
    r"|quoted|named|spoken?|reported|misreported|announced|held)"
)
# A statement that an earlier text made, to the end of its clause.
_TOLD_BEFORE = re.compile(
    rf"\b(?:(?:earlier|previous|prior|initial|preliminary|original|first)\s+(?:[\w'’-]+\s+){{0,2}}?{_TEXT}"
    rf"(?:\s+[\w'’-]+){{0,6}}?\s+(?:{_WRONGLY}\s+)?{_TOLD}"
    rf"|(?:earlier|previously|initially|originally|first|{_WRONGLY})\s+{_TOLD})\b"
    r"(?P<told>(?:[^.,;:!?]|[.,](?=\d)|,(?!\s*(?:but|while|whereas|though|when|however|and|it|which|who|not)\b))*)",
    re.IGNORECASE,
)
# What tells that it no longer holds. A claim may repeat what an earlier text said without taking it back.
_PUT_RIGHT = re.compile(
    rf"\b(?:correct(?:s|ed|ing|ions?)|{_WRONGLY}|incorrect|wrong|mistaken|erroneous|in\s+error"
    r"|mis(?:stated|reported|identified)|retract(?:s|ed|ing|ions?)|(?:was|were)\s+(?:false|untrue)|not\s+the\s+case)\b",
    re.IGNORECASE,
)
_IN_ITSELF = re.compile(rf"\b(?:{_WRONGLY}|mis(?:stated|reported|identified))\b", re.IGNORECASE)


def withdrawn_statements(text: str, title: str = "") -> tuple[tuple[int, int], ...]:
    """Where the text repeats, as (start, end), what an earlier one said and it or its title puts right."""
    titled = bool(_PUT_RIGHT.search(title))
    if not titled and not _PUT_RIGHT.search(text):
        return ()
    # "The ministry earlier said that it would correct the map" takes nothing back: the word is part of the statement.
    return tuple(
        found.span("told")
        for found in _TOLD_BEFORE.finditer(text)
        if titled
        or _IN_ITSELF.search(text, found.start(), found.start("told"))
        or _PUT_RIGHT.search(text[: found.start()])
        or _PUT_RIGHT.search(text[found.end() :])
    )


def is_correction(text: str) -> bool:
    """Whether the text says that it puts right what was said before."""
    return bool(_CORRECTION.search(text) or withdrawn_statements(text))


def is_withdrawn(text: str, start: int, end: int) -> bool:
    """Whether the text says of its figure `text[start:end]` that it held before, or does not hold."""
    if _BEFORE.search(text[max(0, start - _REACH) : start]) or _AFTER.match(text[end : end + _REACH]):
        return True
    return any(first <= start and end <= last for first, last in withdrawn_statements(text))
