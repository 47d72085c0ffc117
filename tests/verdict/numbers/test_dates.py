"""Dates, weekdays and times as they are read from text."""

from __future__ import annotations

from datetime import date

import pytest

from factcheck.verdict.numbers.dates import find_dates
from factcheck.verdict.numbers.tokens import tokenize
from factcheck.verdict.numbers.types import Bound, Kind, Mention, Role

PUBLISHED = date(2026, 2, 5)  # a Thursday


def read(text: str, published: date | None = None) -> list[Mention]:
    return find_dates(text, tokenize(text), published)


def days(mention: Mention) -> tuple[date, date]:
    return date.fromordinal(int(mention.low)), date.fromordinal(int(mention.high))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("on 5 February 2026", (2026, 2, 5), (2026, 2, 5)),
        ("on Thursday, Feb. 5, 2026", (2026, 2, 5), (2026, 2, 5)),
        ("the 5th of February, 2026", (2026, 2, 5), (2026, 2, 5)),
        ("2026-02-05", (2026, 2, 5), (2026, 2, 5)),
        ("5.2.2026", (2026, 2, 5), (2026, 2, 5)),
        ("4-5 February 2026", (2026, 2, 4), (2026, 2, 5)),
        ("in February 2024", (2024, 2, 1), (2024, 2, 29)),
        ("in 1987", (1987, 1, 1), (1987, 12, 31)),
        ("in the spring of 1987", (1987, 3, 1), (1987, 6, 28)),
        ("the 1980s", (1980, 1, 1), (1989, 12, 31)),
        ("the 1700s", (1700, 1, 1), (1799, 12, 31)),
        ("the 19th century", (1801, 1, 1), (1900, 12, 31)),
        ("the nineteenth century", (1801, 1, 1), (1900, 12, 31)),
        ("1914-1918", (1914, 1, 1), (1918, 12, 31)),
        ("in 2019-20", (2019, 1, 1), (2020, 12, 31)),
        ("between December 1970 and March 1971", (1970, 12, 1), (1971, 3, 31)),
        ("from 1990 to 1995", (1990, 1, 1), (1995, 12, 31)),
        ("the third quarter of 2020", (2020, 7, 1), (2020, 9, 30)),
        ("early 2024", (2024, 1, 1), (2024, 6, 2)),
    ],
)
def test_days_that_a_date_covers(text: str, low: tuple[int, int, int], high: tuple[int, int, int]) -> None:
    (mention,) = read(text)
    assert days(mention) == (date(*low), date(*high))


@pytest.mark.parametrize(
    ("text", "bound", "role"),
    [
        ("before 1990", Bound.LESS, Role.NONE),
        ("prior to March 2020", Bound.LESS, Role.NONE),
        ("after 1990", Bound.MORE, Role.NONE),
        ("by 23 April 2020", Bound.AT_MOST, Role.NONE),
        ("since 2022", Bound.PLAIN, Role.FROM),
        ("until June 2022", Bound.PLAIN, Role.TO),
        ("around 1990", Bound.ABOUT, Role.NONE),
        ("as of 1 May 2020", Bound.PLAIN, Role.NONE),
    ],
)
def test_preposition_bounds_a_date(text: str, bound: Bound, role: Role) -> None:
    (mention,) = read(text)
    assert (mention.bound, mention.role) == (bound, role)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("on Thursday", (2026, 2, 5), (2026, 2, 5)),
        ("on Friday", (2026, 1, 30), (2026, 1, 30)),
        ("last Thursday", (2026, 1, 29), (2026, 1, 29)),
        ("next Monday", (2026, 2, 9), (2026, 2, 9)),
        ("yesterday", (2026, 2, 4), (2026, 2, 4)),
        ("overnight", (2026, 2, 4), (2026, 2, 5)),
        ("last month", (2026, 1, 1), (2026, 1, 31)),
        ("next year", (2027, 1, 1), (2027, 12, 31)),
        ("last week", (2026, 1, 26), (2026, 2, 1)),
    ],
)
def test_relative_days_count_from_publication(text: str, low: tuple[int, int, int], high: tuple[int, int, int]) -> None:
    (mention,) = read(text, PUBLISHED)
    assert days(mention) == (date(*low), date(*high))


def test_weekday_stays_one_without_publication() -> None:
    (mention,) = read("on Thursday")
    assert (mention.kind, mention.low) == (Kind.WEEKDAY, 3)


def test_date_without_a_year_says_so() -> None:
    assert [mention.yearless for mention in read("on October 2 and on 3 May 2024")] == [True, False]


@pytest.mark.parametrize(("text", "minutes"), [("at 4 p.m.", 960), ("16:00", 960), ("at 12:30 am", 30), ("noon", 720)])
def test_time_of_day_in_minutes(text: str, minutes: int) -> None:
    (mention,) = read(text)
    assert (mention.kind, mention.low) == (Kind.TIME, minutes)


def test_dates_of_a_life_are_birth_and_death() -> None:
    assert [m.unit for m in read("Ada Example (18 April 1974 – 5 May 2010) was a poet.")] == ["birth", "death"]


@pytest.mark.parametrize(
    "text",
    ["31 February 2026", "2026-13-45", "You may go.", "of 1500 people", "under 1050 cases", "$2000", "yesterday"],
)
def test_what_is_no_date(text: str) -> None:
    assert read(text) == []
