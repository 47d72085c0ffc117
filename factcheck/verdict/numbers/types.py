"""What a number, a date or a time in a text comes to: the values that the other modules of this package exchange."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What sort of thing a mention measures; only like kinds are compared."""

    COUNT = "count"
    PERCENT = "percent"
    MONEY = "money"
    MEASURE = "measure"
    DURATION = "duration"
    AGE = "age"
    ORDINAL = "ordinal"
    RATING = "rating"
    SCORE = "score"
    DATE = "date"
    WEEKDAY = "weekday"
    TIME = "time"


class Bound(StrEnum):
    """How the words around a number limit it."""

    PLAIN = "plain"
    EXACTLY = "exactly"
    ABOUT = "about"
    NEARLY = "nearly"
    JUST_OVER = "just over"
    MORE = "more than"
    AT_LEAST = "at least"
    LESS = "less than"
    AT_MOST = "at most"
    RANGE = "between"
    VAGUE = "vague"


class Role(StrEnum):
    """The part a number or date plays in a change or a stretch of time."""

    NONE = "none"
    FROM = "from"
    TO = "to"
    BY = "by"


@dataclass(frozen=True, slots=True)
class Mention:
    """One quantity, date or time of day, with where it stands.

    `low` and `high` are what the literal says, without its hedge: in the base unit of the dimension, in percent,
    as a proleptic ordinal day (dates), as a weekday 0..6, or in minutes since midnight (times of day); both ends
    belong to it. A date without a year is `yearless` and lies in a year of no meaning; `implied_year` is the one that
    the day of publication implies. `step` is the place of the last significant digit, in the same unit. A score
    "2-1" has low 2 and high 1. `parties` is how many have so much each (`apiece.parties`), 0 for a total; `is_total`:
    the text calls it one.
    """

    kind: Kind
    low: float
    high: float
    start: int
    end: int
    first: int
    last: int
    dimension: str = ""
    unit: str = ""
    bound: Bound = Bound.PLAIN
    step: float = 1.0
    digits: int = 1
    role: Role = Role.NONE
    magnitude: bool = False
    yearless: bool = False
    implied_year: int | None = None
    scale: float = 1.0
    parties: int = 0
    is_total: bool = False

    @property
    def is_point(self) -> bool:
        """Whether the literal is a single value."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Number:
    """A bare numeral, in digits or words, before units and hedges: tokens `first` to `last` (half open)."""

    low: float
    high: float
    step: float
    digits: int
    first: int
    last: int
    magnitude: bool = False
    vague: bool = False


class Relation(StrEnum):
    """What a premise does to one number or date of a claim; ABSENT: it has nothing comparable, or leaves it open."""

    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    ABSENT = "absent"


class Fit(NamedTuple):
    """The relation of two mentions, and how firm it is (0..1)."""

    relation: Relation
    strength: float


OPEN = Fit(Relation.ABSENT, 1.0)


class Range(NamedTuple):
    """The values that a mention allows; an open end does not belong to it."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def inside(self, other: Range) -> bool:
        """Whether every value lies in the other range."""
        above = self.low > other.low or (self.low == other.low and (self.low_open or not other.low_open))
        below = self.high < other.high or (self.high == other.high and (self.high_open or not other.high_open))
        return above and below

    def misses(self, other: Range) -> bool:
        """Whether no value lies in the other range."""
        if self.high < other.low or other.high < self.low:
            return True
        return (self.high == other.low and (self.high_open or other.low_open)) or (
            other.high == self.low and (other.high_open or self.low_open)
        )
