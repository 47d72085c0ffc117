"""Whether two mentions can both be true: the values that the claim allows against those that the premise says.

A premise whose values all lie in the claim's range proves the claim's number; one whose values all lie outside
contradicts it; anything between leaves it open. Tolerances are those of ordinary rounding: "about" is a tenth either
way, a plain figure is exact unless the coarser of the two is the finer one rounded at its last digit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum
from math import inf
from typing import NamedTuple

from factcheck.verdict.numbers.calendar import YEARLESS
from factcheck.verdict.numbers.types import Bound, Kind, Mention, Role


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
_ABOUT = 0.1
_ROUNDING = 0.012  # a plain figure rounded further than this would have been called "about"
_GREY = 0.05
_CROSS_UNIT = 0.03
_FAR = 1.5  # a hedged figure contradicts only beyond this many tolerances
_IMPLIED = 0.8  # how firm the year is that a report leaves out
_YEARS_ABOUT = 3 * 365.25
_SAME_LITERAL = {
    Bound.ABOUT: 0.9,
    Bound.AT_LEAST: 0.85,
    Bound.AT_MOST: 0.6,
    Bound.NEARLY: 0.7,
    Bound.JUST_OVER: 0.7,
    Bound.MORE: 0.6,
    Bound.LESS: 0.5,
}
_BLURRED = frozenset({Bound.ABOUT, Bound.NEARLY, Bound.JUST_OVER})


class _Range(NamedTuple):
    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def inside(self, other: _Range) -> bool:
        above = self.low > other.low or (self.low == other.low and (self.low_open or not other.low_open))
        below = self.high < other.high or (self.high == other.high and (self.high_open or not other.high_open))
        return above and below

    def misses(self, other: _Range) -> bool:
        if self.high < other.low or other.high < self.low:
            return True
        return (self.high == other.low and (self.high_open or other.low_open)) or (
            other.high == self.low and (other.high_open or self.low_open)
        )


def fit(claim: Mention, premise: Mention) -> Fit | None:
    """How the premise's mention bears on the claim's, or None where the two cannot be compared."""
    if claim.kind in (Kind.DATE, Kind.WEEKDAY) or premise.kind in (Kind.DATE, Kind.WEEKDAY):
        return _dates(claim, premise)
    if claim.kind is Kind.SCORE or premise.kind is Kind.SCORE:
        return _scores(claim, premise) if claim.kind is premise.kind else None
    if not _comparable(claim, premise):
        return None
    return _numbers(claim, premise)


def _comparable(one: Mention, two: Mention) -> bool:
    if one.kind is two.kind:
        return one.dimension == two.dimension
    kinds = {one.kind, two.kind}
    if kinds == {Kind.AGE, Kind.DURATION}:
        return one.unit == two.unit == "year"
    bare = one if one.kind is Kind.COUNT else two
    return Kind.COUNT in kinds and not bare.unit and bool(kinds & {Kind.MONEY, Kind.RATING, Kind.PERCENT, Kind.AGE})


def _numbers(claim: Mention, premise: Mention) -> Fit:
    if {claim.kind, premise.kind} == {Kind.AGE, Kind.DURATION}:
        claim, premise = _in_years(claim), _in_years(premise)
    plain = (Bound.PLAIN, Bound.EXACTLY)
    if claim.is_point and premise.is_point and claim.bound in plain and premise.bound in plain:
        return _points(claim, premise)
    wanted, given = _allowed(claim), _allowed(premise)
    if claim.bound in (*plain, *_BLURRED) and _same(claim, premise) and premise.bound not in plain:
        return OPEN if claim.bound is Bound.EXACTLY else Fit(Relation.AGREES, _SAME_LITERAL.get(premise.bound, 0.7))
    if premise.bound in _BLURRED and claim.is_point and claim.bound in (Bound.PLAIN, Bound.ABOUT):
        middle = _points(replace(claim, bound=Bound.PLAIN), replace(premise, bound=Bound.PLAIN))
        if middle.relation is Relation.AGREES:
            return Fit(Relation.AGREES, 0.85)
    if given.inside(wanted):
        return Fit(Relation.AGREES, 1.0 if premise.bound in plain else 0.9)
    if given.misses(wanted):
        blurred = claim.bound in _BLURRED or premise.bound in _BLURRED
        vague = Bound.VAGUE in (claim.bound, premise.bound)
        slack = _ABOUT * (_FAR - 1) if blurred else 0.5 if vague else 0.0
        return OPEN if slack and not _widened(given, slack).misses(wanted) else Fit(Relation.CONTRADICTS, 0.95)
    return OPEN


def _in_years(mention: Mention) -> Mention:
    if mention.kind is Kind.AGE:
        return mention
    return replace(mention, low=mention.low / 365.25, high=mention.high / 365.25, step=mention.step / 365.25)


def _same(one: Mention, two: Mention) -> bool:
    return abs(one.low - two.low) <= 1e-9 * max(1.0, abs(one.low)) and abs(one.high - two.high) <= 1e-9 * max(
        1.0, abs(one.high)
    )


def _points(claim: Mention, premise: Mention) -> Fit:
    if _same(claim, premise):
        return Fit(Relation.AGREES, 1.0)
    if claim.bound is Bound.EXACTLY:
        return Fit(Relation.CONTRADICTS, 1.0)
    gap = abs(claim.low - premise.low)
    size = max(abs(claim.low), abs(premise.low))
    relative = gap / size
    if claim.kind in (Kind.MEASURE, Kind.DURATION) and claim.unit != premise.unit:
        return _across_units(claim, premise, gap, relative)
    coarse, fine = (claim, premise) if claim.step >= premise.step else (premise, claim)
    if claim.kind is Kind.PERCENT:
        return _percents(claim, premise, gap)
    rounds = gap <= coarse.step * 0.5000001 and fine.step < coarse.step
    if rounds and relative <= _ROUNDING and (coarse.digits >= 2 or coarse.magnitude):
        return Fit(Relation.AGREES, 0.85)
    if rounds and relative <= _GREY and coarse.magnitude:
        return OPEN
    return Fit(Relation.CONTRADICTS, 1.0)


def _across_units(claim: Mention, premise: Mention, gap: float, relative: float) -> Fit:
    slack = sum(min(m.step / 2, _GREY * abs(m.low)) for m in (claim, premise))
    if relative <= _CROSS_UNIT or gap <= slack:
        return Fit(Relation.AGREES, 0.9)
    return OPEN if relative <= 2 * _CROSS_UNIT else Fit(Relation.CONTRADICTS, 1.0)


def _percents(claim: Mention, premise: Mention, gap: float) -> Fit:
    """Fractions in words are loose (a third is 33 %, or 34); a whole percentage is a rounded one."""
    if not claim.step or not premise.step:
        return Fit(Relation.AGREES, 0.9) if gap <= 1.0 else OPEN if gap <= 3.0 else Fit(Relation.CONTRADICTS, 1.0)
    coarse, fine = max(claim.step, premise.step), min(claim.step, premise.step)
    if fine < min(coarse, 1.0) and gap <= 0.5 * min(coarse, 1.0) + 1e-9:
        return Fit(Relation.AGREES, 0.85)
    return Fit(Relation.CONTRADICTS, 1.0)


def _allowed(mention: Mention) -> _Range:
    """The values that a hedged number leaves possible."""
    low, high = mention.low, mention.high
    spread = max(_ABOUT * abs(low), min(mention.step / 2, 1.5 * _ABOUT * abs(low)))
    match mention.bound:
        case Bound.ABOUT:
            return _Range(low - spread, high + spread)
        case Bound.NEARLY:
            return _Range(low - _ABOUT * abs(low), high, high_open=True)
        case Bound.JUST_OVER:
            return _Range(low, high + _ABOUT * abs(high), low_open=True)
        case Bound.MORE:
            return _Range(low, inf, low_open=True, high_open=True)
        case Bound.AT_LEAST:
            return _Range(low, inf, high_open=True)
        case Bound.LESS:
            return _Range(-inf, high, low_open=True, high_open=True)
        case Bound.AT_MOST:
            return _Range(-inf, high, low_open=True)
        case _:
            loose = 1.0 if mention.kind is Kind.PERCENT and not mention.step else 0.0
            return _Range(low - loose, high + loose)


def _widened(values: _Range, share: float) -> _Range:
    return _Range(values.low - share * abs(values.low), values.high + share * abs(values.high))


def _scores(claim: Mention, premise: Mention) -> Fit:
    if _same(claim, premise):
        return Fit(Relation.AGREES, 1.0)
    if (claim.low, claim.high) == (premise.high, premise.low):
        return Fit(Relation.AGREES, 0.7)
    return Fit(Relation.CONTRADICTS, 1.0)


def _dates(claim: Mention, premise: Mention) -> Fit | None:
    if Kind.WEEKDAY in (claim.kind, premise.kind):
        return _weekdays(claim, premise)
    if claim.kind is not premise.kind:
        return None
    if claim.unit == premise.unit == "weekday" and (claim.low - premise.low) % 7 == 0:
        return Fit(Relation.AGREES, 0.9)  # "on Friday" in both, of which one may speak of the Friday to come
    if claim.yearless or premise.yearless:
        reduced = _without_year(claim), _without_year(premise)
        if reduced[0] is None or reduced[1] is None:
            return None
        implied = _implied_years_differ(claim, premise)
        claim, premise = reduced[0], reduced[1]
        if implied and _days(claim, premise).relation is Relation.AGREES:
            return Fit(Relation.CONTRADICTS, _IMPLIED)
    if {claim.role, premise.role} == {Role.FROM, Role.TO}:
        return None
    return _days(_end_in_question(claim, premise), _end_in_question(premise, claim))


def _implied_years_differ(claim: Mention, premise: Mention) -> bool:
    """Whether the claim gives a year and the premise's day of publication implies another."""
    if claim.yearless or premise.implied_year is None:
        return False
    return date.fromordinal(int(claim.low)).year != premise.implied_year


def _end_in_question(mention: Mention, other: Mention) -> Mention:
    """A stretch of time as the one end that the other mention speaks of ("since", "until")."""
    if mention.bound is not Bound.RANGE or other.bound is Bound.RANGE:
        return mention
    if other.role is Role.FROM:
        return replace(mention, high=mention.low + (other.high - other.low), bound=Bound.PLAIN)
    if other.role is Role.TO:
        return replace(mention, low=mention.high - (other.high - other.low), bound=Bound.PLAIN)
    return mention


def _days(claim: Mention, premise: Mention) -> Fit:
    strength = 1.0 if claim.role is premise.role else 0.85
    if (claim.low, claim.high) == (premise.low, premise.high):
        if claim.bound is premise.bound:
            return Fit(Relation.AGREES, strength)
        if claim.bound in (Bound.PLAIN, Bound.ABOUT, Bound.RANGE) and premise.bound not in (Bound.LESS, Bound.MORE):
            return Fit(Relation.AGREES, 0.8 * strength)
    wanted, given = _allowed_days(claim), _allowed_days(premise)
    if given.inside(wanted):
        return Fit(Relation.AGREES, strength)
    if given.misses(wanted):
        fuzzy = any(m.dimension == "season" or m.dimension.startswith("part of") for m in (claim, premise))
        gap = max(wanted.low - given.high, given.low - wanted.high)
        return OPEN if fuzzy and gap < 62 else Fit(Relation.CONTRADICTS, strength if strength == 1.0 else 0.65)
    if claim.bound is premise.bound is Bound.RANGE:
        return Fit(Relation.CONTRADICTS, 0.7)
    return OPEN


def _allowed_days(mention: Mention) -> _Range:
    low, high = mention.low, mention.high
    match mention.bound:
        case Bound.LESS:
            return _Range(-inf, low - 1)
        case Bound.MORE:
            return _Range(high + 1, inf)
        case Bound.AT_MOST:
            return _Range(-inf, high)
        case Bound.AT_LEAST:
            return _Range(low, inf)
        case Bound.ABOUT:
            slack = _YEARS_ABOUT if high - low > 31 else 3.0
            return _Range(low - slack, high + slack)
        case _:
            return _Range(low, high)


def _without_year(mention: Mention) -> Mention | None:
    """The mention moved to the year that stands for "unknown"; None where it is coarser than a month."""
    if mention.yearless:
        return mention
    if mention.high - mention.low > 31:
        return None
    low = date.fromordinal(int(mention.low)).replace(year=YEARLESS).toordinal()
    return replace(mention, low=low, high=low + mention.high - mention.low, yearless=True)


def _weekdays(claim: Mention, premise: Mention) -> Fit | None:
    days = []
    for mention in (claim, premise):
        if mention.kind is Kind.DATE:
            if mention.yearless or mention.low != mention.high:
                return None
            days.append(date.fromordinal(int(mention.low)).weekday())
        elif mention.kind is Kind.WEEKDAY:
            days.append(int(mention.low))
        else:
            return None
    return Fit(Relation.AGREES, 0.7) if days[0] == days[1] else Fit(Relation.CONTRADICTS, 0.6)
