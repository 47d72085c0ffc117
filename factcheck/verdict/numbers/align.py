"""How sure it is that a number of the claim and a number of the premise count the same thing."""

from __future__ import annotations

from math import log10
from typing import NamedTuple

from factcheck.probabilities import logistic
from factcheck.verdict.numbers.concepts import NATIONS, is_kind_of, opposite
from factcheck.verdict.numbers.context import Context, Scene
from factcheck.verdict.numbers.counted import OCCASIONS
from factcheck.verdict.numbers.relation import fit
from factcheck.verdict.numbers.types import Bound, Fit, Kind, Mention, Relation, Role

_SAME_DAY = Fit(Relation.AGREES, 1.0)
_LIFE = frozenset({"born", "die"})
_KIND_OF = 0.7
_NO_THING = -0.25  # "asked the mayor three times" tells nothing of how many mayors
_BASE = {Kind.DATE: -1.7, Kind.ORDINAL: -1.8}
_FAR_DAYS = 50 * 365.25
_NATION_NAMES = frozenset(NATIONS.values())


class Match(NamedTuple):
    """The features of a pair of mentions, 0..1 (`noun` and `frame` may be negative).

    `opposed` says that their verbs say the contrary.
    """

    noun: float
    overlap: float
    local: float
    names: float
    conflict: float
    actor: float
    role: float
    bare: float
    near: float
    exact: float
    frame: float
    opposed: bool


def match(claim: Context, premise: Context, claim_scene: Scene, premise_scene: Scene) -> Match:
    """Compare the surroundings of two mentions of comparable kinds."""
    noun = _noun(claim, premise)
    return Match(
        noun=noun,
        overlap=_overlap(claim.near, premise.near),
        local=_overlap(claim.close, premise.close),
        names=_names(claim_scene, premise_scene),
        conflict=_conflict(claim, premise),
        actor=_actor(claim, premise, claim_scene),
        role=_role(claim, premise),
        bare=_bare(claim, premise),
        near=_nearness(claim.mention, premise.mention),
        exact=_exactness(claim.mention, premise.mention) * (0.0 if claim.head and noun < 0.5 else 1.0),
        frame=_frame(claim, premise),
        opposed=_opposed(claim, premise),
    )


def alignment(found: Match, kind: Kind) -> float:
    """The probability that the same thing is counted, from the features.

    The weights were set by hand after a logistic regression on the training pairs of VitaminC and FEVER, in which the
    words close by and the likeness of the sizes told most; `overlap` keeps its weight for passages off the topic,
    which those sets lack.
    """
    score = (
        _BASE.get(kind, -1.3)
        + (3.2 if kind in (Kind.COUNT, Kind.ORDINAL) else 1.6) * (found.noun - 0.5)
        + 2.2 * found.overlap
        + 2.6 * found.local
        + 0.5 * (found.names - 0.5)
        - 3.8 * found.conflict
        - 1.5 * found.actor
        - 4.0 * found.role
        - 1.5 * found.bare
        + 1.2 * found.exact * (1.0 - found.conflict)
        + 2.0 * found.frame
    )
    if kind not in (Kind.DATE, Kind.ORDINAL, Kind.TIME):
        score += 1.6 * (found.near - 0.6)
    return logistic(score)


def _bare(claim: Context, premise: Context) -> float:
    """0 for like kinds; 1 for a number without unit or noun against one with a unit; 3 where the count has a noun."""
    if claim.mention.kind is premise.mention.kind:
        return 0.0
    return 3.0 if claim.head or premise.head else 1.0


def _nearness(claim: Mention, premise: Mention) -> float:
    """1 for like sizes, 0 from a factor of ten (or 50 years) on: figures for one thing are seldom far apart."""
    if claim.kind is Kind.DATE:
        return max(0.0, 1.0 - abs(claim.low - premise.low) / _FAR_DAYS)
    if claim.low <= 0 or premise.low <= 0:
        return 0.5
    return max(0.0, 1.0 - abs(log10(claim.low / premise.low)))


def _exactness(claim: Mention, premise: Mention) -> float:
    """How telling it is that both give the same figure: 0 if they do not, least for a single digit, most for a day."""
    if claim.kind is premise.kind is Kind.DATE and claim.dimension == premise.dimension == "day":
        return 1.5 if fit(claim, premise) == _SAME_DAY else 0.0
    if (claim.low, claim.high) != (premise.low, premise.high) or claim.bound is Bound.VAGUE:
        return 0.0
    return 1.0 if claim.digits > 1 or claim.kind is Kind.DATE else 0.5


def _noun(claim: Context, premise: Context) -> float:
    one, two = claim.head, premise.head
    if one and two:
        if one == two:
            return 1.0
        if is_kind_of(one, two):
            return 0.85
        if one in premise.phrase or two in claim.phrase:
            return 0.8
        if OCCASIONS in (one, two):
            return _NO_THING
        return 0.1 if one in premise.near else 0.0
    if one or two:
        head, other = (one, premise) if one else (two, claim)
        weight = other.near.get(head, 0.0)
        return 0.4 + 0.45 * weight
    return 0.6


def _overlap(claim: dict[str, float], premise: dict[str, float]) -> float:
    """Share of the claim's concepts that the premise has, both by weight; a narrower or wider word counts in part."""
    total = shared = 0.0
    for name, weight in claim.items():
        total += weight
        found = premise.get(name)
        if found is None:
            found = max((_KIND_OF * w for other, w in premise.items() if is_kind_of(name, other)), default=0.0)
        shared += weight * min(1.0, found * 1.2)
    return shared / total if total else 0.5


def _names(claim: Scene, premise: Scene) -> float:
    if not claim.names:
        return 0.5
    return len(claim.names & premise.concepts) / len(claim.names)


def _conflict(claim: Context, premise: Context) -> float:
    """1 where the nearest predicates of a group exclude each other ("shot down" against "launched")."""
    worst = 0.0
    if premise.mention.kind is Kind.DATE:
        lived = _LIFE & set(premise.predicates.values())
        if (lived and not _LIFE & claim.near.keys()) or (
            _LIFE & claim.close.keys() and not _LIFE & premise.near.keys()
        ):
            return 1.0
    for group, name in claim.predicates.items():
        other = premise.predicates.get(group)
        if other is not None and other != name and opposite(name) != other:
            worst = max(worst, 1.0 if premise.near.get(name, 0.0) < 1.0 else 0.5)
    return worst


def _frame(claim: Context, premise: Context) -> float:
    """1 where both say "the first in so long"; -1 where the dates or durations hang on different things."""
    one, two = claim.frame, premise.frame
    if claim.mention.kind is Kind.DATE:
        if two == "owned" and not premise.phrase & claim.near.keys():
            return -1.0
        return -1.0 if two == "reported" and not one else 0.0
    if one == two:
        return 1.0 if one == "since" else 0.0
    return -1.0 if one and two else 0.0


def _actor(claim: Context, premise: Context, scene: Scene) -> float:
    """1 where the premise counts things of a nation that the claim, which names another, does not name there."""
    theirs = premise.phrase & _NATION_NAMES
    ours = claim.phrase & _NATION_NAMES
    if theirs and ours:
        return 0.0 if theirs & ours else 1.0
    if theirs and scene.names & _NATION_NAMES:
        return 1.0 if not theirs & scene.names else 0.5
    return 0.0


def _role(claim: Context, premise: Context) -> float:
    one, two = claim.mention.role, premise.mention.role
    if claim.mention.kind in (Kind.DATE, Kind.TIME) or one is two:
        return 0.0
    if Role.NONE in (one, two):
        return {Role.FROM: 0.4, Role.TO: 0.0, Role.BY: 0.3}[two if one is Role.NONE else one]
    return 1.0


def _opposed(claim: Context, premise: Context) -> bool:
    """Whether the premise's clause has the opposite of a verb of the claim's clause, and not the verb itself."""
    if claim.mention.kind in (Kind.DATE, Kind.TIME, Kind.ORDINAL, Kind.AGE, Kind.DURATION):
        return False
    for name, weight in claim.near.items():
        contrary = opposite(name) if weight == 1.0 else None
        if (
            contrary
            and premise.near.get(contrary, 0.0) >= 0.8
            and name not in premise.near
            and contrary not in claim.near
        ):
            return True
    return False
