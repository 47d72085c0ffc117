"""What stands around a number: the thing it counts, the clause it is said in, the names beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from factcheck.verdict.numbers.concepts import NATIONS, exclusive_groups
from factcheck.verdict.numbers.counted import Layout, counted, lay_out
from factcheck.verdict.numbers.quantities import find_quantities
from factcheck.verdict.numbers.tokens import tokenize, word_set
from factcheck.verdict.numbers.types import Kind, Mention
from factcheck.verdict.numbers.withdrawn import is_withdrawn

_OWNED = 0.4
_CLAUSE_WORTH = 4  # words that a clause boundary counts for in a distance
_CLOSE = 10
_WINDOW = 150  # tokens on either side that can say what a number counts
_MOST = 100  # mentions read in one text; a paragraph has fewer
_REPORTING = word_set(
    "said says saying told tells wrote writes posted posting tweeted announced announcing reported reporting added "
    "stated stating declared claimed according statement spoke speaking"
)
_FOR = word_set("for over during lasted lasting of")
_FIRST = word_set("first last only")
_SAME_CLAUSE, _NEXT_CLAUSE, _SAME_SENTENCE, _NEXT_SENTENCE, _ELSEWHERE = 1.0, 0.8, 0.65, 0.4, 0.25


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of one mention, as concepts.

    `head` is what is counted ("" where the text leaves it out), `phrase` its whole noun phrase, `near` every concept
    of the text with a weight that falls with the distance in clauses, `close` the few around it with a weight that
    falls with the distance in words, `predicates` the nearest one of each group of
    predicates that exclude each other.

    `frame` tells how a date or a duration hangs in its sentence, "" where nothing telling is found: "owned"
    ("Thursday's meetings": `phrase` holds the noun), "reported" (a date beside "said" dates the saying), "since"
    ("the first in five months"), "within" ("in five months") or "for" ("for four years", "four years of war").
    """

    mention: Mention
    head: str
    phrase: frozenset[str]
    near: dict[str, float]
    close: dict[str, float]
    predicates: dict[int, str]
    frame: str = ""
    told_until: int = 0  # where the mention ends with the noun that it counts: "183 drones"
    withdrawn: bool = False  # the text takes it back: "correcting an earlier figure of 12"


@dataclass(frozen=True, slots=True)
class Scene:
    """A text read once: its mentions with their surroundings, and the names in it."""

    contexts: tuple[Context, ...]
    concepts: frozenset[str]
    names: frozenset[str]


class _Place(NamedTuple):
    """What a mention counts, and where it stands among the others.

    `head` and the tokens `run` of its noun phrase, its number among the mentions, the number of the mention that each
    counted token belongs to, and the first token of the first mention of its kind in the sentence.
    """

    head: str
    run: list[int]
    number: int
    owners: dict[int, int]
    lead: int


@lru_cache(maxsize=2048)
def read_scene(text: str, published: date | None) -> Scene:
    """Everything that is compared in `text`; kept, since one claim meets many passages and the reverse."""
    tokens = tokenize(text)
    mentions = find_quantities(text, tokens, published)[:_MOST]
    layout = lay_out(tokens, mentions)
    phrases = counted(layout, mentions)
    owners = {i: number for number, (_, run) in enumerate(phrases) for i in run}
    leads: dict[tuple[int, Kind], int] = {}
    for mention in mentions:
        leads.setdefault((layout.sentences[mention.first], mention.kind), mention.first)
    contexts = tuple(
        replace(
            _context(
                layout,
                mention,
                _Place(head, run, number, owners, leads[layout.sentences[mention.first], mention.kind]),
            ),
            withdrawn=is_withdrawn(text, mention.start, mention.end),
        )
        for number, (mention, (head, run)) in enumerate(zip(mentions, phrases, strict=True))
    )
    return Scene(contexts, frozenset(filter(None, layout.concepts)), _names(layout))


def _names(layout: Layout) -> frozenset[str]:
    """Concepts of capitalised words that do not only open a sentence; nations wherever they stand."""
    names = set()
    for i, token in enumerate(layout.tokens):
        if not layout.concepts[i] or not token.text[0].isupper():
            continue
        opens = i == 0 or layout.sentences[i] != layout.sentences[i - 1]
        if not opens or token.lower in NATIONS:
            names.add(layout.concepts[i])
    return frozenset(names)


def _context(layout: Layout, mention: Mention, place: _Place) -> Context:
    """The surroundings of a mention; words that another mention counts weigh less."""
    clause, sentence = layout.clauses[mention.first], layout.sentences[mention.first]
    near: dict[str, float] = {}
    close: dict[str, float] = {}
    nearest: dict[int, tuple[int, str]] = {}
    for i in range(max(0, mention.first - _WINDOW), min(len(layout.tokens), mention.last + _WINDOW)):
        name = layout.concepts[i]
        if not name:
            continue
        clauses = abs(layout.clauses[i] - clause)
        mine = place.owners.get(i, place.number) == place.number
        weight = _weight(clauses, abs(layout.sentences[i] - sentence)) * (1.0 if mine else _OWNED)
        near[name] = max(near.get(name, 0.0), weight)
        if layout.sentences[i] != sentence:
            continue
        rank = (mention.first - i if i < mention.first else i - mention.last + 1) + _CLAUSE_WORTH * clauses
        apart = min(rank, _before_lead(layout, i, place.lead))
        if mine and apart < _CLOSE:
            close[name] = max(close.get(name, 0.0), 1.0 - apart / _CLOSE)
        for group in exclusive_groups(name):
            nearest[group] = min(nearest.get(group, (rank, name)), (rank, name), key=lambda pair: pair[0])
    return _completed(layout, mention, place, near, close, {group: name for group, (_, name) in nearest.items()})


def _before_lead(layout: Layout, i: int, lead: int) -> int:
    """Distance of token i to the first mention of the kind in the sentence, if it stands before that one.

    Such words are as close to the later mentions: "X earned A here, B there and C in all" says of all three that X
    earned them.
    """
    if i >= lead:
        return _CLOSE
    return lead - i + _CLAUSE_WORTH * (layout.clauses[lead] - layout.clauses[i])


def _completed(
    layout: Layout,
    mention: Mention,
    place: _Place,
    near: dict[str, float],
    close: dict[str, float],
    predicates: dict[int, str],
) -> Context:
    """The context with what the mention itself implies: its head, and the event of a life's dates."""
    if mention.unit in ("birth", "death"):
        name = "born" if mention.unit == "birth" else "die"
        near[name] = close[name] = 1.0
        predicates |= dict.fromkeys(exclusive_groups(name), name)
    noun_phrase = {layout.concepts[i] for i in place.run if layout.concepts[i]}
    if place.head:
        near[place.head] = close[place.head] = 1.0
        noun_phrase.add(place.head)
    frame, owner = _frame(layout, mention)
    if owner:
        noun_phrase.add(owner)
    told_until = max([mention.end, *(layout.tokens[i].end for i in place.run if i >= mention.last)])
    return Context(mention, place.head, frozenset(noun_phrase), near, close, predicates, frame, told_until)


def _frame(layout: Layout, mention: Mention) -> tuple[str, str]:
    """The frame of a date or duration and, for a date that owns something, the concept of what it owns."""
    tokens, first, last = layout.tokens, mention.first, mention.last
    if mention.kind is Kind.DATE:
        if last < len(tokens) and tokens[last].sort == "possessive":
            return "owned", next(
                (layout.concepts[i] for i in range(last, min(last + 3, len(tokens))) if layout.concepts[i]), ""
            )
        around = range(max(0, first - 3), min(len(tokens), last + 3))
        same = [i for i in around if layout.clauses[i] == layout.clauses[first]]
        return ("reported" if any(tokens[i].lower in _REPORTING for i in same) else ""), ""
    if mention.kind is not Kind.DURATION:
        return "", ""
    while first and tokens[first - 1].start >= mention.start:
        first -= 1
    before = tokens[first - 1].lower if first else ""
    if before in ("in", "within"):
        clause = (tokens[i].lower for i in range(first - 1) if layout.clauses[i] == layout.clauses[first])
        return ("since" if any(word in _FIRST for word in clause) else "within"), ""
    follows = tokens[last].lower if last < len(tokens) else ""
    return ("for" if before in _FOR or follows == "of" else ""), ""


def _weight(clauses: int, sentences: int) -> float:
    if sentences:
        return _NEXT_SENTENCE if sentences == 1 else _ELSEWHERE
    return _SAME_CLAUSE if not clauses else _NEXT_CLAUSE if clauses == 1 else _SAME_SENTENCE
