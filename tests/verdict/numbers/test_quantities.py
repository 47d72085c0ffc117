"""Quantities as they are read from text."""

from __future__ import annotations

import pytest

from factcheck.verdict.numbers.quantities import find_quantities
from factcheck.verdict.numbers.tokens import tokenize
from factcheck.verdict.numbers.types import Bound, Kind, Mention, Role


def read(text: str) -> list[Mention]:
    return find_quantities(text, tokenize(text), None)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1,250,000 people", Kind.COUNT, 1_250_000),
        ("1.25 million people", Kind.COUNT, 1_250_000),
        ("1.2m users", Kind.COUNT, 1_200_000),
        ("1,5 million users", Kind.COUNT, 1_500_000),
        ("three hundred and fourteen prisoners", Kind.COUNT, 314),
        ("twenty-three schools", Kind.COUNT, 23),
        ("two million five hundred thousand people", Kind.COUNT, 2_500_000),
        ("a dozen eggs", Kind.COUNT, 12),
        ("two dozen eggs", Kind.COUNT, 24),
        ("half a million people", Kind.COUNT, 500_000),
        ("a couple of houses", Kind.COUNT, 2),
        ("nobody came", Kind.COUNT, 0),
        ("no casualties", Kind.COUNT, 0),
        ("25% of ballots", Kind.PERCENT, 25),
        ("4.6 per cent", Kind.PERCENT, 4.6),
        ("a quarter of the votes", Kind.PERCENT, 25),
        ("half of the votes", Kind.PERCENT, 50),
        ("one in five voters", Kind.PERCENT, 20),
        ("three out of ten adults", Kind.PERCENT, 30),
        ("$3 million", Kind.MONEY, 3_000_000),
        ("3 million dollars", Kind.MONEY, 3_000_000),
        ("€2bn", Kind.MONEY, 2_000_000_000),
        ("an 84-year-old man", Kind.AGE, 84),
        ("the patient, aged 84", Kind.AGE, 84),
        ("Smith, 84, said", Kind.AGE, 84),
        ("the third round", Kind.ORDINAL, 3),
        ("the 2nd round", Kind.ORDINAL, 2),
        ("ranked seventh", Kind.ORDINAL, 7),
        ("58 out of 100", Kind.RATING, 58),
        ("5.8/10", Kind.RATING, 5.8),
        ("6.2 miles", Kind.MEASURE, 9977.9328),
        ("a 1,200-km front", Kind.MEASURE, 1_200_000),
        ("6 feet 2 inches", Kind.MEASURE, 1.8796),
        ("-5 °C", Kind.MEASURE, -5),
        ("86 degrees Fahrenheit", Kind.MEASURE, 30),
        ("5 square kilometres", Kind.MEASURE, 5_000_000),
        ("90 km per hour", Kind.MEASURE, 90),
        ("a four-year war", Kind.DURATION, 1461),
        ("an hour and a half", Kind.DURATION, 0.0625),
    ],
)
def test_value_in_the_base_unit(text: str, kind: Kind, value: float) -> None:
    (mention,) = read(text)
    assert mention.kind is kind
    assert [mention.low, mention.high] == pytest.approx([value, value])


@pytest.mark.parametrize(
    ("text", "bound", "written"),
    [
        ("more than 300 people", Bound.MORE, "more than 300"),
        ("at least 20 houses", Bound.AT_LEAST, "at least 20"),
        ("no fewer than 20 houses", Bound.AT_LEAST, "no fewer than 20"),
        ("fewer than 300 people", Bound.LESS, "fewer than 300"),
        ("no more than 300 people", Bound.AT_MOST, "no more than 300"),
        ("up to 300 people", Bound.AT_MOST, "up to 300"),
        ("about 400 people", Bound.ABOUT, "about 400"),
        ("nearly 1.2 million people", Bound.NEARLY, "nearly 1.2 million"),
        ("just over 50 people", Bound.JUST_OVER, "just over 50"),
        ("exactly 400 people", Bound.EXACTLY, "exactly 400"),
        ("a dozen or so people", Bound.ABOUT, "a dozen or so"),
        ("300-plus people", Bound.AT_LEAST, "300-plus"),
        ("handed over 157 prisoners", Bound.PLAIN, "157"),
        ("more than a total of 60 people", Bound.MORE, "more than a total of 60"),
    ],
)
def test_hedge_becomes_a_bound_and_part_of_the_expression(text: str, bound: Bound, written: str) -> None:
    (mention,) = read(text)
    assert (mention.bound, text[mention.start : mention.end]) == (bound, written)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("between 5 and 10 percent", 5, 10),
        ("300-400 people", 300, 400),
        ("1.2 to 1.5 million people", 1_200_000, 1_500_000),
        ("in her eighties", 80, 89),
        ("in his late 30s", 36, 39),
        ("hundreds of homes", 200, 999),
        ("tens of thousands of people", 20_000, 99_999),
    ],
)
def test_range(text: str, low: float, high: float) -> None:
    (mention,) = read(text)
    assert (mention.low, mention.high) == (low, high)


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("The rate dropped from 4.6 percent to 4.1 percent.", [Role.FROM, Role.TO]),
        ("The rate fell to 4.1 percent.", [Role.TO]),
        ("Rents rose by 7 percent.", [Role.BY]),
        ("Rents rose 7 percent.", [Role.BY]),
        ("The rate was 4.1 percent.", [Role.NONE]),
    ],
)
def test_ends_of_a_change(text: str, roles: list[Role]) -> None:
    assert [mention.role for mention in read(text)] == roles


@pytest.mark.parametrize(
    "text",
    [
        "COVID-19",
        "the RPG-7",
        "291Mc",
        "Chapter 3",
        "UFC 243 took place",
        "Brooklyn Nine-Nine",
        "the Tenth Doctor",
        "one of the men",
        "million",
    ],
)
def test_number_in_a_name_counts_nothing(text: str) -> None:
    assert read(text) == []


def test_score_keeps_its_order() -> None:
    (mention,) = read("The hosts won 2-1.")
    assert (mention.kind, mention.low, mention.high) == (Kind.SCORE, 2, 1)
