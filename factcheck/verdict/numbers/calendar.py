"""The calendar behind dates: ranges of days for a day, month, season, year, decade or century."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from factcheck.verdict.numbers.tokens import numbered

YEARLESS = 2000  # stands in for a year that the text does not give; a leap year, so that 29 February exists
_MONTHS = numbered("jan feb mar apr may jun jul aug sep oct nov dec", 1)
_WEEKDAYS = numbered("mon tue wed thu fri sat sun")
_SEASONS = {"spring": (3, 6), "summer": (6, 9), "autumn": (9, 12), "fall": (9, 12), "winter": (1, 3)}
_PARTS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_TWO_THOUSANDS = date(2000, 1, 1).toordinal(), date(2099, 12, 31).toordinal()
_TEN_YEARS_ON = date(2009, 12, 31).toordinal()


class Days(NamedTuple):
    """Ordinals of the first and last day, how fine the date was given, and whether its year is unknown."""

    low: int
    high: int
    grain: str
    yearless: bool = False


def month_number(name: str) -> int:
    """1..12 for a month's name or abbreviation."""
    return _MONTHS[name[:3].lower()]


def weekday_number(name: str) -> int:
    """0 (Monday) .. 6 for a weekday's name."""
    return _WEEKDAYS[name[:3].lower()]


def day(year_number: int | None, number: int, first: int, last: int | None = None) -> Days:
    """One day, or the days `first` to `last` of a month. Raises ValueError where there is no such day."""
    in_year = year_number or YEARLESS
    low = date(in_year, number, first).toordinal()
    high = date(in_year, number, last).toordinal() if last else low
    return Days(low, max(low, high), "day", year_number is None)


def month(year_number: int | None, number: int) -> Days:
    """A whole month."""
    in_year = year_number or YEARLESS
    last = monthrange(in_year, number)[1]
    return Days(
        date(in_year, number, 1).toordinal(), date(in_year, number, last).toordinal(), "month", year_number is None
    )


def year(first: int, last: int | None = None) -> Days:
    """A year, or the years `first` to `last`."""
    grain = "year" if last is None else "years"
    return Days(date(first, 1, 1).toordinal(), date(last or first, 12, 31).toordinal(), grain)


def decade(first: int) -> Days:
    """The 1980s from 1980; the 1700s are a century, and the 2000s may be either."""
    if first % 100 == 0:
        return Days(*year(first, first + 99)[:2], "century")
    return Days(*year(first, first + 9)[:2], "decade")


def century(number: int) -> Days | None:
    """The 19th century is 1801 to 1900; None outside the calendar."""
    if not 1 <= number <= 30:
        return None
    return Days(*year(100 * number - 99, 100 * number)[:2], "century")


def season(year_number: int, name: str) -> Days:
    """Months of a season; those of the northern half, with a month's slack at both ends, since texts differ."""
    first, end = _SEASONS[name]
    low = date(year_number, first, 1) - timedelta(days=31 if name == "winter" else 0)
    return Days(low.toordinal(), date(year_number, end, 28).toordinal(), "season")


def quarter(year_number: int, words: str) -> Days:
    """Read "q3", "third quarter" or "second half" of a year."""
    number = int(words[1]) if words[0] == "q" else _PARTS[words.split()[0]]
    size = 6 if words.endswith("half") else 3
    first = (number - 1) * size + 1
    last = first + size - 1
    if last > 12:
        raise ValueError(words)
    low = date(year_number, first, 1).toordinal()
    return Days(low, date(year_number, last, monthrange(year_number, last)[1]).toordinal(), "quarter")


def two_digit_end(first: int, text: str) -> int:
    """The second year of "2019-20" or "1914-1918". Raises ValueError where it is not after the first."""
    last = int(text) if len(text) == 4 else first - first % 100 + int(text)
    if last <= first:
        raise ValueError(text)
    return last


def narrowed(low: int, high: int, words: str) -> tuple[int, int]:
    """The part of a range of days that "early", "mid" or "late" means: about 40 % of it.

    "The late 2000s" may be of the decade or of the century, and reach from the one to the other.
    """
    if (low, high) == _TWO_THOUSANDS and "early" not in words:
        return narrowed(low, _TEN_YEARS_ON, words)[0], narrowed(low, high + 1, words)[1]
    size = high - low
    if "early" in words or "start" in words or "beginning" in words:
        return low, low + round(size * 0.42)
    if "mid" in words:
        return low + round(size * 0.3), high - round(size * 0.3)
    return high - round(size * 0.42), high


def relative(words: str, published: date) -> Days | None:
    """The days that "yesterday", "overnight" or "last month" mean in a text of that day."""
    today = published.toordinal()
    if words in ("today", "tonight") or (
        words.startswith("this ") and words[5:] in ("morning", "afternoon", "evening")
    ):
        return Days(today, today, "day")
    if words == "yesterday":
        return Days(today - 1, today - 1, "day")
    if words in ("overnight", "last night"):
        return Days(today - 1, today, "day")
    if words == "tomorrow":
        return Days(today + 1, today + 1, "day")
    which, _, span = words.partition(" ")
    shift = {"last": -1, "this": 0, "next": 1}[which]
    if span == "year":
        return year(published.year + shift)
    if span == "month":
        index = published.year * 12 + published.month - 1 + shift
        return month(index // 12, index % 12 + 1)
    monday = today - published.weekday() + 7 * shift
    return Days(monday, monday + 6, "week")
