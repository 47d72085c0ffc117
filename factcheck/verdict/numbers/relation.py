"""Whether two mentions can both be true: the values that the claim allows against those that the premise says.

A premise whose values all lie in the claim's range proves the claim's number; one whose values all lie outside
contradicts it; anything between leaves it open. Tolerances are those of ordinary rounding: "about" is a tenth either
way, a plain figure is exact unless the coarser of the two is the finer one rounded at its last digit.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf

from factcheck.verdict.numbers.apiece import UNKNOWN
from factcheck.verdict.numbers.days import fit_dates
from factcheck.verdict.numbers.types import OPEN, Bound, Fit, Kind, Mention, Range, Relation

_ABOUT = 0.1
_ROUNDING = 0.012  # a plain figure rounded further than this would have been called "about"
_GREY = 0.05
_CROSS_UNIT = 0.03
_FAR = 1.5  # a hedged figure contradicts only beyond this many tolerances
_SHARED = 0.95  # how firm a total is that follows from what both sides have
_MOST_PARTIES = 30
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


def fit(claim: Mention, premise: Mention) -> Fit | None:
    """How the premise's mention bears on the claim's, or None where the two cannot be compared."""
    if claim.kind in (Kind.DATE, Kind.WEEKDAY) or premise.kind in (Kind.DATE, Kind.WEEKDAY):
        return fit_dates(claim, premise)
    if claim.kind is Kind.SCORE or premise.kind is Kind.SCORE:
        return _scores(claim, premise) if claim.kind is premise.kind else None
    if not _comparable(claim, premise):
        return None
    found = _numbers(claim, premise)
    if found.relation is Relation.AGREES and (
        (claim.is_total and premise.parties) or (claim.parties and premise.is_total)
    ):
        return Fit(Relation.CONTRADICTS, _SHARED)  # what each has is not what all have
    if found.relation is Relation.CONTRADICTS and bool(claim.parties) is not bool(premise.parties):
        return _in_all(claim, premise) or found
    return found


def is_blurred_by(claim: Mention, premise: Mention) -> bool:
    """Whether the premise says vaguely ("several months") what the claim says precisely ("five months")."""
    return premise.bound is Bound.VAGUE and _comparable(claim, premise) and _allowed(claim).inside(_allowed(premise))


def _in_all(claim: Mention, premise: Mention) -> Fit | None:
    """How a number for each bears on a total: 157 each for two sides are 314; None where no sharing explains it."""
    each, total = (claim, premise) if claim.parties else (premise, claim)
    whole = replace(each, low=2 * each.low, high=2 * each.high)
    if _numbers(total, whole).relation is Relation.AGREES:
        return Fit(Relation.AGREES, _SHARED) if each is premise and each.parties == 2 else OPEN
    times = total.low / each.low if each.low else 0.0
    return OPEN if each.parties == UNKNOWN and 2 <= times <= _MOST_PARTIES and times == int(times) else None


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


def _allowed(mention: Mention) -> Range:
    """The values that a hedged number leaves possible."""
    low, high = mention.low, mention.high
    spread = max(_ABOUT * abs(low), min(mention.step / 2, 1.5 * _ABOUT * abs(low)))
    match mention.bound:
        case Bound.ABOUT:
            return Range(low - spread, high + spread)
        case Bound.NEARLY:
            return Range(low - _ABOUT * abs(low), high, high_open=True)
        case Bound.JUST_OVER:
            return Range(low, high + _ABOUT * abs(high), low_open=True)
        case Bound.MORE:
            return Range(low, inf, low_open=True, high_open=True)
        case Bound.AT_LEAST:
            return Range(low, inf, high_open=True)
        case Bound.LESS:
            return Range(-inf, high, low_open=True, high_open=True)
        case Bound.AT_MOST:
            return Range(-inf, high, low_open=True)
        case _:
            loose = 1.0 if mention.kind is Kind.PERCENT and not mention.step else 0.0
            return Range(low - loose, high + loose)


def _widened(values: Range, share: float) -> Range:
    return Range(values.low - share * abs(values.low), values.high + share * abs(values.high))


def _scores(claim: Mention, premise: Mention) -> Fit:
    if _same(claim, premise):
        return Fit(Relation.AGREES, 1.0)
    if (claim.low, claim.high) == (premise.high, premise.low):
        return Fit(Relation.AGREES, 0.7)
    return Fit(Relation.CONTRADICTS, 1.0)
