"""Dates that only the day of publication completes: "Thursday", "last month", and "April" without its year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from factcheck.verdict.numbers.calendar import relative, weekday_number
from factcheck.verdict.numbers.types import Kind, Mention

_CLAUSE_ENDS = re.compile(
    r"[,;:.!?()–—\"“”]|\b(?:said|says|told|tells|announced|reported|wrote|added|stated)\b", re.IGNORECASE
)
_FUTURE = re.compile(
    r"\b(?:will|shall|won['’]t|would|going\s+to|upcoming|(?:planned|scheduled|set|due|expected|slated)\s+(?:to|for|on)"
    r"|(?:is|are|be|been|was|were)\s+(?:to|due)|plans?\s+to|intends?\s+to|hopes?\s+to)\b|['’]ll\b",
    re.IGNORECASE,
)
_NEAR = timedelta(days=92)  # a month that is no farther ahead may be the coming or the last one
_REACH = 160  # characters before a date in which its clause can say that it is to come


def find_anchored(text: str, match: re.Match[str], kind: str, published: date | None) -> Mention | None:
    """A weekday or a relative word as a day; None where it is neither, or needs a day of publication.

    A report's "Thursday" is the nearest one on or before its day, in a clause about the future the nearest one on or
    after it.
    """
    words = match.group().lower().split()
    where = (match.start(), match.end(), 0, 0)
    if kind == "weekday":
        number = weekday_number(words[-1])
        if not match.group().split()[-1][0].isupper():
            return None
        if published is None:
            return Mention(Kind.WEEKDAY, number, number, *where)
        back = (published.weekday() - number) % 7
        if words[0] == "next":
            shift = 7 - back
        elif words[0] != "last" and is_to_come(text, match.start()):
            shift = -back % 7
        else:
            shift = -(back or (7 if words[0] == "last" else 0))
        ordinal = (published + timedelta(days=shift)).toordinal()
        return Mention(Kind.DATE, ordinal, ordinal, *where, dimension="day", unit="weekday")
    days = relative(" ".join(words), published) if published else None
    return Mention(Kind.DATE, days.low, days.high, *where, dimension=days.grain, unit="relative") if days else None


def is_to_come(text: str, start: int) -> bool:
    """Whether the clause before this place speaks of what is to come: "she will resign on", "is due on"."""
    clause = _CLAUSE_ENDS.split(text[max(0, start - _REACH) : start])[-1]
    return bool(_FUTURE.search(clause))


def with_years(text: str, mentions: Sequence[Mention], published: date | None) -> list[Mention]:
    """The mentions, those of a day or month without a year with the year that the day of publication implies.

    A text that names another year may be telling of that one, and then nothing is implied.
    """
    if published is None or any(m.kind is Kind.DATE and not m.yearless and not m.unit for m in mentions):
        return list(mentions)
    return [replace(m, implied_year=_implied_year(text, m, published)) if m.yearless else m for m in mentions]


def _implied_year(text: str, mention: Mention, published: date) -> int | None:
    """The year of the last occurrence, or of the next one in a clause about the future.

    None where the next one is near and the clause does not say which is meant ("elections in July", written in June).
    """
    start, end = (date.fromordinal(int(ordinal)) for ordinal in (mention.low, mention.high))
    passed = (start.month, start.day) <= (published.month, published.day)
    if is_to_come(text, mention.start):
        over = (end.month, end.day) < (published.month, published.day)
        return published.year + over
    if passed:
        return published.year
    ahead = date(published.year, start.month, min(start.day, 28)) - published
    return published.year - 1 if ahead > _NEAR else None
