"""The numbers and dates of a claim against those of a premise.

`compare_numbers` gives one finding for each quantity or date of the claim. `alignment` is meant as a feature: it grades
how sure it is that the same thing is counted, and the relation is only as good as it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from factcheck.verdict.num_align import alignment, match
from factcheck.verdict.num_context import Context, Scene, read_scene
from factcheck.verdict.num_relation import Fit, Relation, fit
from factcheck.verdict.num_types import Bound

MIN_CONTRADICTION = 0.5
MIN_AGREEMENT = 0.25
_MARGIN = 0.1
_TAKEN = 0.6
_LIMITS = frozenset({Bound.MORE, Bound.LESS, Bound.AT_LEAST, Bound.AT_MOST, Bound.VAGUE})


@dataclass(frozen=True, slots=True)
class NumericFinding:
    """What the premise does to one number or date of the claim; spans are characters, half open."""

    relation: Relation
    alignment: float
    reason: str
    claim_span: tuple[int, int]
    premise_span: tuple[int, int] | None


class _Candidate(NamedTuple):
    context: Context
    fit: Fit
    alignment: float
    opposed: bool
    exact: bool
    match: object = None


def compare_numbers(claim: str, premise: str, *, published: date | None = None) -> tuple[NumericFinding, ...]:
    """One finding for each quantity, date or time of `claim`, in their order; () where it has none.

    `published` is the day of the premise's publication; "Thursday" and "last month" are resolved against it.
    """
    ours = read_scene(claim, published)
    if not ours.contexts:
        return ()
    theirs = read_scene(premise, published)
    candidates = [_candidates(context, ours, theirs) for context in ours.contexts]
    taken = {id(c.context) for found in candidates for c in found if c.exact and c.alignment >= MIN_CONTRADICTION}
    return tuple(
        _finding(claim, premise, context, [_left(c, taken) for c in found])
        for context, found in zip(ours.contexts, candidates, strict=True)
    )


def _left(candidate: _Candidate, taken: set[int]) -> _Candidate:
    """A premise's figure that a number of the claim repeats is not likely to contradict another number of it."""
    if candidate.fit.relation is Relation.CONTRADICTS and id(candidate.context) in taken:
        return candidate._replace(alignment=candidate.alignment * _TAKEN)
    return candidate


def _finding(claim: str, premise: str, context: Context, candidates: list[_Candidate]) -> NumericFinding:
    agreeing = contradicting = leaving_open = None
    for candidate in candidates:
        if candidate.fit.relation is Relation.AGREES and not candidate.opposed:
            agreeing = _better(agreeing, candidate)
        elif candidate.fit.relation is Relation.ABSENT:
            leaving_open = _better(leaving_open, candidate)
        else:
            contradicting = _better(contradicting, candidate)
    agree = agreeing.alignment if agreeing else 0.0
    open_ = leaving_open.alignment if leaving_open else 0.0
    contradict = contradicting.alignment if contradicting else 0.0
    margin = 0.0 if context.mention.bound in _LIMITS else _MARGIN
    if agreeing and agree >= MIN_AGREEMENT and agree >= contradict - margin and agree >= open_ - _MARGIN:
        return _say(Relation.AGREES, agree, claim, premise, context, agreeing)
    if contradicting and contradict >= MIN_CONTRADICTION and contradict >= max(agree, open_) + _MARGIN:
        return _say(Relation.CONTRADICTS, contradict, claim, premise, context, contradicting)
    best = max((c for c in (agreeing, contradicting, leaving_open) if c), key=lambda c: c.alignment, default=None)
    return _say(Relation.ABSENT, best.alignment if best else 0.0, claim, premise, context, best)


def _candidates(context: Context, ours: Scene, theirs: Scene) -> list[_Candidate]:
    out = []
    for other in theirs.contexts:
        fitted = fit(context.mention, other.mention)
        if fitted is not None:
            found = match(context, other, ours, theirs)
            sure = alignment(found, context.mention.kind) * fitted.strength
            out.append(_Candidate(other, fitted, sure, found.opposed, found.exact > 0, found))
    return out


def _better(one: _Candidate | None, two: _Candidate) -> _Candidate:
    return two if one is None or two.alignment > one.alignment else one


def _say(
    relation: Relation, sure: float, claim: str, premise: str, context: Context, best: _Candidate | None
) -> NumericFinding:
    span = (context.mention.start, context.mention.end)
    said = claim[slice(*span)]
    if best is None:
        return NumericFinding(Relation.ABSENT, 0.0, f"passage has nothing to compare with {said}", span, None)
    other = (best.context.mention.start, best.context.mention.end)
    reason = f"claim says {said}, passage says {premise[slice(*other)]}"
    return NumericFinding(relation, sure, reason, span, other)
