"""Contrast pairs by exchange: another place, person or nationality where there can be only one, or another unit.

"Born in Delaware" is refuted by a passage that says "born in Maryland", though neither names the other; "starred in
Titanic" is not refuted by one that names another film. So only relations that hold of one thing alone are used.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator

from training.contrast import REFUTED, SUPPORTED
from training.data import Example

_RELATION = re.compile(
    r"\b(?P<relation>"
    r"(?:born|died|located|based|situated|headquartered|buried|raised|founded|held|took place|set) (?:in|at)"
    r"|(?:directed|written|founded|created|invented|discovered|owned|painted|composed|designed|led|won|published) by"
    r"|capital of|native of|married to|succeeded by|defeated by"
    r") (?P<name>(?:the )?[A-Z][\w'’.-]+(?: (?:of |de |the )?[A-Z][\w'’.-]+){0,3})"
)
_NATIONALITIES = (
    "American British Canadian French German Italian Spanish Russian Chinese Japanese Indian Australian Irish Swedish "
    "Dutch Mexican Brazilian Polish Turkish Korean Danish Norwegian Greek Egyptian Scottish"
).split()
_NATIONALITY = re.compile(r"\b(?P<verb>(?:is|was) an?) (?P<name>" + "|".join(_NATIONALITIES) + r")\b")
_UNITS = {
    "million": "billion",
    "billion": "million",
    "thousand": "million",
    "kilometers": "miles",
    "miles": "kilometers",
    "meters": "feet",
    "feet": "meters",
    "days": "weeks",
    "weeks": "months",
    "months": "years",
    "years": "decades",
    "hours": "minutes",
    "minutes": "hours",
    "dollars": "euros",
}
_UNIT = re.compile(r"(?<=\d )(?:" + "|".join(_UNITS) + r")\b")
_LIMIT = re.compile(r"\b(?:less|fewer|under|below|most|than|up to|only|aged?|or)\b", re.IGNORECASE)


class Swaps:
    """Makes such pairs; the names put in come from like relations in other claims."""

    def __init__(self, examples: list[Example]) -> None:
        pools: dict[str, set[str]] = defaultdict(set)
        for example in examples:
            for match in _RELATION.finditer(example.claim):
                pools[_kind(match)].add(match["name"].rstrip(".'’"))
        self._pools = {kind: sorted(names) for kind, names in pools.items()}

    def pairs(self, examples: list[Example], rng: random.Random) -> Iterator[Example]:
        """Up to three pairs of each SUPPORTED example of these: REFUTED."""
        for example in examples:
            if example.label == SUPPORTED:
                made = [self._other_name(example, rng), other_nationality(example, rng), other_unit(example)]
                yield from (pair for pair in made if pair is not None)

    def _other_name(self, example: Example, rng: random.Random) -> Example | None:
        match = _RELATION.search(example.claim)
        if match is None:
            return None
        name = match["name"].rstrip(".'’")
        if name not in example.premise:
            return None
        other = rng.choice(self._pools[_kind(match)])
        if set(other.lower().split()) & set(re.findall(r"\w+", (example.premise + example.claim).lower())):
            return None
        start = match.start("name")
        claim = example.claim[:start] + other + example.claim[start + len(name) :]
        return Example(claim, example.premise, REFUTED, "contrast_name")


def other_nationality(example: Example, rng: random.Random) -> Example | None:
    """Another nationality than the passage's: REFUTED."""
    match = _NATIONALITY.search(example.claim)
    if match is None or match["name"] not in example.premise:
        return None
    other = rng.choice([name for name in _NATIONALITIES if name not in example.premise])
    said = f"{match['verb'].split()[0]} {'an' if other[0] in 'AEIO' else 'a'} {other}"
    claim = example.claim[: match.start()] + said + example.claim[match.end() :]
    return Example(claim, example.premise, REFUTED, "contrast_name")


def other_unit(example: Example) -> Example | None:
    """The same number of something else: REFUTED."""
    match = _UNIT.search(example.claim)
    if (
        match is None
        or _LIMIT.search(example.claim)
        or match[0] not in example.premise
        or _UNITS[match[0]] in example.premise
    ):
        return None
    claim = example.claim[: match.start()] + _UNITS[match[0]] + example.claim[match.end() :]
    return Example(claim, example.premise, REFUTED, "contrast_unit")


def _kind(match: re.Match[str]) -> str:
    """What a name after this relation is: places after "in" and "of", people after "by" and "to"."""
    return "person" if match["relation"].endswith((" by", " to")) else "place"
