"""Whether the numbers and dates of a summary sentence occur in its sources, normalised and not rounded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from factcheck.verdict.numbers.calendar import YEARLESS
from factcheck.verdict.numbers.quantities import find_quantities
from factcheck.verdict.numbers.tokens import tokenize
from factcheck.verdict.numbers.types import Bound, Kind, Mention

_NUMERAL = re.compile(r"\d+(?:[.,]\d+)*")
_NUMBER_HINT = re.compile(
    r"\d|[%½¼¾⅓⅔]|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|trillion|dozens?|half|quarter|thirds?|couple"
    r"|several|few|first|second|fourth|fifth|\w+th|zero|none|nobody|no|one|\w+day|yesterday|today|tomorrow|overnight"
    r"|last|next|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|noon|midnight|century|\w+ties)\b",
    re.IGNORECASE,
)
_PRECISION = 9  # significant digits that two spellings of one number share after conversion


class NumberKey(NamedTuple):
    """A number or date without its spelling: kind, dimension (or currency), and both ends in the base unit."""

    kind: Kind
    dimension: str
    low: float
    high: float


def has_numbers(text: str) -> bool:
    """Whether `text` may hold a number or date; cheap, and wrong only by saying yes too often."""
    return _NUMBER_HINT.search(text) is not None


def numbers_in(text: str, published: date | None = None) -> frozenset[NumberKey]:
    """The numbers and dates of `text`, so that "3 million" and "3,000,000" are one and the same."""
    return frozenset(_key(mention) for mention in _mentions(text, published))


def unsupported_numbers(sentence: str, sources: Sequence[str], published: date | None = None) -> tuple[str, ...]:
    """The number and date expressions of `sentence`, as written, that occur in none of `sources`.

    A date without a year in a source gets that of the occurrence nearest to `published`; a month or year of the
    sentence is supported by a day in it. Numerals inside names ("COVID-19") have to occur as they are.
    """
    given = list({_key(m): m for source in sources for m in _mentions(source, published)}.values())
    missing: list[tuple[int, str]] = []
    covered: list[tuple[int, int]] = []
    for mention in _mentions(sentence, published):
        covered.append((mention.start, mention.end))
        if not _is_word_for_zero(sentence, mention) and not _occurs(mention, given, published):
            missing.append((mention.start, sentence[mention.start : mention.end]))
    numerals = {numeral for source in sources for numeral in _NUMERAL.findall(source)}
    for match in _NUMERAL.finditer(sentence):
        inside = any(start <= match.start() < end for start, end in covered)
        if not inside and match.group() not in numerals:
            missing.append((match.start(), match.group()))
    return tuple(text for _, text in sorted(missing))


def _mentions(text: str, published: date | None) -> Iterable[Mention]:
    return find_quantities(text, tokenize(text), published)


def _key(mention: Mention) -> NumberKey:
    dimension = "" if mention.kind is Kind.DATE else mention.dimension
    if mention.yearless:
        dimension = "yearless"
    return NumberKey(mention.kind, dimension, _rounded(mention.low), _rounded(mention.high))


def _rounded(value: float) -> float:
    return float(f"{value:.{_PRECISION}g}")


def _is_word_for_zero(sentence: str, mention: Mention) -> bool:
    """Whether it is "no", "nobody" or the like, which state an absence, which the verifier judges, not a figure."""
    return mention.high == 0 and not any(c.isdigit() for c in sentence[mention.start : mention.end])


def _occurs(mention: Mention, given: list[Mention], published: date | None) -> bool:
    if mention.kind is Kind.DATE:
        return any(_same_date(mention, other, published) for other in given)
    if any(_same_number(mention, other) for other in given):
        return True
    if mention.bound is not Bound.RANGE:
        return False
    ends = [{_rounded(other.low), _rounded(other.high)} for other in given if _alike(mention, other)]
    return all(any(_rounded(end) in pair for pair in ends) for end in (mention.low, mention.high))


def _same_number(one: Mention, two: Mention) -> bool:
    return _alike(one, two) and _key(one)[2:] == _key(two)[2:]


def _alike(one: Mention, two: Mention) -> bool:
    if one.kind is two.kind:
        return one.dimension == two.dimension
    return {one.kind, two.kind} in ({Kind.AGE, Kind.COUNT}, {Kind.ORDINAL, Kind.COUNT}) and Bound.VAGUE not in (
        one.bound,
        two.bound,
    )


def _same_date(wanted: Mention, given: Mention, published: date | None) -> bool:
    if given.kind is not Kind.DATE:
        return False
    if wanted.yearless and not given.yearless:
        return (wanted.low, wanted.high) == _moved(given, YEARLESS)
    if given.yearless and not wanted.yearless:
        if published is None:
            return False
        low, high = min(
            (_moved(given, published.year + shift) for shift in (-1, 0, 1)),
            key=lambda ends: abs(ends[0] - published.toordinal()),
        )
        return wanted.low <= low and high <= wanted.high
    return wanted.low <= given.low and given.high <= wanted.high


def _moved(mention: Mention, year: int) -> tuple[float, float]:
    """First and last day of a mention, moved to another year; 29 February becomes 1 March where there is none."""
    start = date.fromordinal(int(mention.low))
    try:
        low = start.replace(year=year).toordinal()
    except ValueError:
        low = date(year, 3, 1).toordinal()
    return low, low + mention.high - mention.low
