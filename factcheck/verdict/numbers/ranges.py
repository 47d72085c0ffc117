"""Pairs of quantities: "between 5 and 10 percent", "300-400 people", "from 4.6 to 4.1 percent"."""

from __future__ import annotations

from dataclasses import replace

from factcheck.verdict.numbers.concepts import concept
from factcheck.verdict.numbers.tokens import Token
from factcheck.verdict.numbers.types import Bound, Kind, Mention, Role

_DASHES = frozenset({"-", "–", "—"})
_JOINTS = _DASHES | {"to", "and"}
_PAIRABLE = frozenset({Kind.COUNT, Kind.PERCENT, Kind.MONEY, Kind.MEASURE, Kind.DURATION, Kind.AGE, Kind.RATING})
_CHANGES = frozenset({"grow", "shrink", "chang", "rais", "lower", "go", "went", "mov"})


def join_pairs(tokens: list[Token], mentions: list[Mention]) -> list[Mention]:
    """The mentions with ranges joined into one and the ends of changes marked by their role.

    A lone "rose to 5", "fell by 3" or "up 5" gets its role from the word before it.
    """
    out: list[Mention] = []
    for mention in mentions:
        previous = out[-1] if out else None
        if previous is not None and _continues(tokens, previous, mention):
            low = previous.low + mention.low
            out[-1] = replace(
                previous, low=low, high=low, step=mention.step, digits=3, end=mention.end, last=mention.last
            )
            continue
        if previous is not None and _can_pair(tokens, previous, mention):
            like = _alike(previous, mention)
            if like is not None and _join(tokens, out, like, mention):
                continue
        out.append(_with_role(tokens, mention))
    return out


def _can_pair(tokens: list[Token], one: Mention, two: Mention) -> bool:
    if one.kind not in _PAIRABLE or two.kind not in _PAIRABLE or one.bound is Bound.RANGE:
        return False
    between = [token.lower for token in tokens[one.last : two.first]]
    return 1 <= len(between) <= 4 and between[0] in _JOINTS


def _continues(tokens: list[Token], one: Mention, two: Mention) -> bool:
    """Whether `two` adds smaller units to `one`: "6 feet 2 inches", "two hours and ten minutes"."""
    if one.kind is not two.kind or one.kind not in (Kind.MEASURE, Kind.DURATION) or one.dimension != two.dimension:
        return False
    between = [token.lower for token in tokens[one.last : two.first]]
    return two.scale < one.scale and two.high < one.scale and between in ([], ["and"])


def _alike(one: Mention, two: Mention) -> Mention | None:
    """`one` in the unit of `two` ("5 to 10 percent"), or None where they measure different things."""
    if one.kind is two.kind and one.dimension == two.dimension:
        size = _scale(two) / two.scale
        if size > 1 and not one.magnitude and one.high / one.scale < 1000:
            return replace(one, low=one.low * size, high=one.high * size)
        return one
    if one.kind is Kind.COUNT and not one.unit:
        factor = _scale(two)
        return replace(two, low=one.low * factor, high=one.high * factor, first=one.first, start=one.start)
    if two.kind is Kind.COUNT and one.kind is Kind.MONEY:
        return one
    return None


def _scale(mention: Mention) -> float:
    """What a bare numeral beside `mention` has to be multiplied by to be in its unit and magnitude."""
    size = 1.0
    while mention.magnitude and mention.low / mention.scale / size >= 1000:
        size *= 1000
    return mention.scale * size


def _join(tokens: list[Token], out: list[Mention], one: Mention, two: Mention) -> bool:
    """Put the joined range, or the marked ends of a change, into `out`; False where the two are not a pair."""
    joint = tokens[out[-1].last].lower
    lead = [token.lower for token in tokens[max(0, out[-1].first - 2) : out[-1].first]]
    if joint == "and":
        if "between" not in lead:
            return False
    elif joint == "to" and "from" in lead and _changes(tokens, out[-1].first):
        out[-1] = replace(out[-1], role=Role.FROM) if out[-1].kind is two.kind else replace(one, role=Role.FROM)
        out.append(replace(two, role=Role.TO))
        return True
    elif len(tokens[out[-1].last : two.first]) > 2:
        return False
    if one.low >= two.high or out[-1].bound not in (Bound.PLAIN, Bound.ABOUT):
        return False
    kind = one.kind if two.kind is Kind.COUNT else two.kind
    merged = replace(two, kind=kind, low=one.low, bound=Bound.RANGE, start=out[-1].start, first=out[-1].first)
    out[-1] = merged
    return True


def _changes(tokens: list[Token], i: int) -> bool:
    return any(concept(token.lower) in _CHANGES for token in tokens[max(0, i - 9) : i])


def _with_role(tokens: list[Token], mention: Mention) -> Mention:
    """A lone end of a change: the preposition (past a hedge) after a verb of change decides."""
    if mention.kind not in _PAIRABLE or mention.role is not Role.NONE or mention.first < 1:
        return mention
    i = mention.first - 1
    while i and tokens[i].end > mention.start:
        i -= 1
    word = tokens[i].lower
    if word in ("up", "down"):
        return replace(mention, role=Role.BY)
    if word in ("a", "an") and i:
        word = tokens[i - 1].lower
    if word in ("to", "from", "by") and _changes(tokens, i) and i + 1 <= mention.first:
        return replace(mention, role=Role(word))
    of_change = word == "of" and i and concept(tokens[i - 1].lower) in _CHANGES
    direct = concept(word) in _CHANGES and word not in ("over", "higher", "up", "down", "cut")
    return replace(mention, role=Role.BY) if of_change or direct else mention
