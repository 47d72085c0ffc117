"""The numbers and dates of a claim against those of a premise.

`compare_numbers` gives one finding for each quantity or date of the claim. `alignment` is meant as a feature: it grades
how sure it is that the same thing is counted, and the relation is only as good as it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from factcheck.verdict.numbers.align import alignment, match
from factcheck.verdict.numbers.context import Context, Scene, read_scene
from factcheck.verdict.numbers.relation import fit, is_blurred_by
from factcheck.verdict.numbers.summary import NumberKey, has_numbers, numbers_in, unsupported_numbers
from factcheck.verdict.numbers.types import Bound, Fit, Kind, Relation

MIN_CONTRADICTION = 0.55
MIN_AGREEMENT = 0.25
_MARGIN = 0.1
# Where the premise has the claim's very figure, another figure has to fit better by so much: of the seven such pairs
# on eight dev sets that a rule contradicted, four were supported.
_EXACT_MARGIN = 0.25
_TAKEN = 0.7
_OTHER_DAY, _OTHER_CUTOFF = 0.7, 0.57
_FIGURES = frozenset({Kind.COUNT, Kind.PERCENT, Kind.MONEY, Kind.RATING, Kind.MEASURE})
_LIMITS = frozenset({Bound.MORE, Bound.LESS, Bound.AT_LEAST, Bound.AT_MOST, Bound.VAGUE})


@dataclass(frozen=True, slots=True)
class NumericFinding:
    """What the premise does to one number or date of the claim; spans are characters, half open.

    `anchored`: they agree, but only the day of publication shows that "Friday" is the claim's 13 June. `blurred`: the
    premise says the same vaguely ("several months" for five), which neither proves the number nor speaks against it.
    `limit`: the claim's is a date or time before or after which something was ("before 1990").
    """

    relation: Relation
    alignment: float
    reason: str
    claim_span: tuple[int, int]
    premise_span: tuple[int, int] | None
    anchored: bool = False
    blurred: bool = False
    limit: bool = False


class _Candidate(NamedTuple):
    context: Context
    fit: Fit
    alignment: float
    opposed: bool
    exact: bool
    unhindered: bool  # no other role ("from 3 to 5") and no other predicate ("47 injured") stands between the two


def compare_numbers(claim: str, premise: str, *, published: date | None = None) -> tuple[NumericFinding, ...]:
    """One finding for each quantity, date or time of `claim`, in their order; () where it has none.

    `published` is the day of the premise's publication; "Thursday" and "last month" are resolved against it.
    """
    ours = read_scene(claim, published)
    if not ours.contexts:
        return ()
    theirs = read_scene(premise, published)
    candidates = _shared_out([_candidates(context, ours, theirs) for context in ours.contexts])
    findings = [_finding(claim, premise, *both) for both in zip(ours.contexts, candidates, strict=True)]
    return tuple(_at_other_times(ours, findings))


def _shared_out(candidates: list[list[_Candidate]]) -> list[list[_Candidate]]:
    """Lower the alignment of a premise's figure with all numbers of the claim but the one that it fits best."""
    if len(candidates) == 1:
        return candidates
    best: dict[int, tuple[float, int]] = {}
    for number, found in enumerate(candidates):
        for c in found:
            best[id(c.context)] = max(best.get(id(c.context), (0.0, 0)), (c.alignment + c.exact, number))
    return [
        [c if best[id(c.context)][1] == number else c._replace(alignment=c.alignment * _TAKEN) for c in found]
        for number, found in enumerate(candidates)
    ]


def _at_other_times(ours: Scene, findings: list[NumericFinding]) -> list[NumericFinding]:
    """A claim that dates a figure ("900 cases by 18 April") is not refuted by the figure of another day.

    Where the date does not agree both the date and the figures contradict less surely.
    """
    kinds = [context.mention.kind for context in ours.contexts]
    if Kind.DATE not in kinds or not _FIGURES & set(kinds):
        return findings
    off = [
        c.mention for c, f in zip(ours.contexts, findings, strict=True) if c.mention.kind is Kind.DATE and _differs(f)
    ]
    if not off:
        return findings
    cutoff = any(mention.bound in _LIMITS or mention.unit == "as of" for mention in off)
    share = _OTHER_CUTOFF if cutoff else _OTHER_DAY
    return [
        _weakened(f, share) if f.relation is Relation.CONTRADICTS and (k is Kind.DATE or k in _FIGURES) else f
        for f, k in zip(findings, kinds, strict=True)
    ]


def _differs(finding: NumericFinding) -> bool:
    return finding.relation is not Relation.AGREES and finding.premise_span is not None


def _weakened(finding: NumericFinding, share: float) -> NumericFinding:
    sure = finding.alignment * share
    return replace(finding, alignment=sure, relation=finding.relation if sure >= MIN_CONTRADICTION else Relation.ABSENT)


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
    own = agreeing is not None and agreeing.exact and agreeing.unhindered
    needed = max(agree + (_EXACT_MARGIN if own else _MARGIN), open_ + _MARGIN)
    if contradicting and contradict >= MIN_CONTRADICTION and contradict >= needed:
        return _say(Relation.CONTRADICTS, contradict, claim, premise, context, contradicting)
    best = max((c for c in (agreeing, contradicting, leaving_open) if c), key=lambda c: c.alignment, default=None)
    return _say(Relation.ABSENT, best.alignment if best else 0.0, claim, premise, context, best)


def _candidates(context: Context, ours: Scene, theirs: Scene) -> list[_Candidate]:
    """What the premise has to compare; a figure that it takes back bears only on claims that take theirs back, too."""
    out = []
    for other in theirs.contexts:
        if other.withdrawn and not context.withdrawn:
            continue
        fitted = fit(context.mention, other.mention)
        if fitted is not None:
            found = match(context, other, ours, theirs)
            sure = alignment(found, context.mention.kind) * fitted.strength
            out.append(
                _Candidate(other, fitted, sure, found.opposed, found.exact > 0, not (found.role or found.conflict))
            )
    return out


def _better(one: _Candidate | None, two: _Candidate) -> _Candidate:
    return two if one is None or two.alignment > one.alignment else one


def _say(
    relation: Relation, sure: float, claim: str, premise: str, context: Context, best: _Candidate | None
) -> NumericFinding:
    span = (context.mention.start, context.mention.end)
    said = claim[context.mention.start : context.told_until]
    if best is None:
        return NumericFinding(Relation.ABSENT, 0.0, f"passage has nothing to compare with {said}", span, None)
    other = (best.context.mention.start, best.context.mention.end)
    theirs = best.context.mention
    each = " each" if theirs.parties and not context.mention.parties else ""
    reason = f"claim says {said}, passage says {premise[theirs.start : best.context.told_until]}{each}"
    anchored = relation is Relation.AGREES and context.mention.kind is Kind.DATE and not context.mention.unit
    anchored = anchored and (theirs.unit in ("weekday", "relative") or theirs.yearless)
    blurred = relation is Relation.ABSENT and is_blurred_by(context.mention, theirs)
    limit = context.mention.kind in (Kind.DATE, Kind.TIME) and context.mention.bound in _LIMITS
    return NumericFinding(relation, sure, reason, span, other, anchored, blurred, limit)


__all__ = [
    "NumberKey",
    "NumericFinding",
    "Relation",
    "compare_numbers",
    "has_numbers",
    "numbers_in",
    "unsupported_numbers",
]
