"""Whether two dates can both be true; `relation` does the same for quantities."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import inf

from factcheck.verdict.numbers.calendar import YEARLESS
from factcheck.verdict.numbers.types import OPEN, Bound, Fit, Kind, Mention, Range, Relation, Role

_IMPLIED = 0.8  # how firm the year is that a report leaves out
_YEARS_ABOUT = 3 * 365.25


def fit_dates(claim: Mention, premise: Mention) -> Fit | None:
    """How a date or weekday of the premise bears on one of the claim's; None where the two cannot be compared."""
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


def _allowed_days(mention: Mention) -> Range:
    low, high = mention.low, mention.high
    match mention.bound:
        case Bound.LESS:
            return Range(-inf, low - 1)
        case Bound.MORE:
            return Range(high + 1, inf)
        case Bound.AT_MOST:
            return Range(-inf, high)
        case Bound.AT_LEAST:
            return Range(low, inf)
        case Bound.ABOUT:
            slack = _YEARS_ABOUT if high - low > 31 else 3.0
            return Range(low - slack, high + slack)
        case _:
            return Range(low, high)


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
