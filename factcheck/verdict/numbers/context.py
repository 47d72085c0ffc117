"""What stands around a number: the thing it counts, the clause it is said in, the names beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from factcheck.verdict.numbers.concepts import NATIONS, STOPWORDS, concept, exclusive_groups, phrase
from factcheck.verdict.numbers.labels import looks_plural
from factcheck.verdict.numbers.quantities import find_quantities
from factcheck.verdict.numbers.tokens import Token, ends_sentence, tokenize, word_set
from factcheck.verdict.numbers.types import Kind, Mention
from factcheck.verdict.numbers.withdrawn import is_withdrawn

_CLAUSE_SIGNS = frozenset(",;:()[]–—")
_CLAUSE_WORDS = word_set("and but while whereas although though including which who whose when after with against")
_NOUN_STOPS = STOPWORDS | word_set("each overnight today yesterday tomorrow along worldwide")
_VERB_ENDINGS = ("ed", "ing")
_AHEAD = 5
_PARTITIVE = frozenset({"of", "the", "its", "his", "their", "those", "-"})
_THEM = word_set("them these those which whom")
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


@dataclass(frozen=True, slots=True)
class _Layout:
    """Per token: concept ("" for none), number of its clause and of its sentence."""

    tokens: list[Token]
    concepts: list[str]
    clauses: list[int]
    sentences: list[int]


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
    layout = _lay_out(tokens, mentions)
    counted = _with_antecedents(layout, mentions, [_counted(layout, mention) for mention in mentions])
    owners = {i: number for number, (_, run) in enumerate(counted) for i in run}
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
        for number, (mention, (head, run)) in enumerate(zip(mentions, counted, strict=True))
    )
    return Scene(contexts, frozenset(filter(None, layout.concepts)), _names(layout))


def _lay_out(tokens: list[Token], mentions: list[Mention]) -> _Layout:
    inside = {i for mention in mentions for i in range(mention.first, mention.last)}
    concepts, clauses, sentences = [""] * len(tokens), [0] * len(tokens), [0] * len(tokens)
    clause = sentence = 0
    for i, token in enumerate(tokens):
        if i not in inside:
            if token.lower in _CLAUSE_SIGNS or (token.sort == "word" and token.lower in _CLAUSE_WORDS):
                clause += 1
            elif token.sort == "word" and (token.lower not in STOPWORDS or token.text == "US"):
                concepts[i] = concept(token.lower)
        clauses[i], sentences[i] = clause, sentence
        if token.sort == "sign" and ends_sentence(tokens, i) and i not in inside:
            sentence += 1
            clause += 1
    for i in range(len(tokens) - 1):
        joined = phrase(tokens[i].lower, tokens[i + 1].lower)
        if joined:
            concepts[i], concepts[i + 1] = joined, ""
    return _Layout(tokens, concepts, clauses, sentences)


def _names(layout: _Layout) -> frozenset[str]:
    """Concepts of capitalised words that do not only open a sentence; nations wherever they stand."""
    names = set()
    for i, token in enumerate(layout.tokens):
        if not layout.concepts[i] or not token.text[0].isupper():
            continue
        opens = i == 0 or layout.sentences[i] != layout.sentences[i - 1]
        if not opens or token.lower in NATIONS:
            names.add(layout.concepts[i])
    return frozenset(names)


def _context(layout: _Layout, mention: Mention, place: _Place) -> Context:
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


def _before_lead(layout: _Layout, i: int, lead: int) -> int:
    """Distance of token i to the first mention of the kind in the sentence, if it stands before that one.

    Such words are as close to the later mentions: "X earned A here, B there and C in all" says of all three that X
    earned them.
    """
    if i >= lead:
        return _CLOSE
    return lead - i + _CLAUSE_WORTH * (layout.clauses[lead] - layout.clauses[i])


def _completed(
    layout: _Layout,
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


def _frame(layout: _Layout, mention: Mention) -> tuple[str, str]:
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


def _counted(layout: _Layout, mention: Mention) -> tuple[str, list[int]]:
    """Head and tokens of the noun phrase that a count, share or ordinal counts ("156 of the drones")."""
    if mention.kind not in (Kind.COUNT, Kind.PERCENT, Kind.ORDINAL):
        return "", []
    if mention.unit == "person":
        return "person", []
    tokens = layout.tokens
    i = mention.last
    while i < len(tokens) and i - mention.last < 3 and tokens[i].lower in _PARTITIVE:
        i += 1
    of_some = i > mention.last and tokens[mention.last].lower == "of"
    if mention.kind is Kind.PERCENT and not of_some:
        return "", []
    if of_some:
        i = _after_owner(tokens, i)
    run: list[int] = []
    while i < len(tokens) and len(run) < _AHEAD:
        if tokens[i].sort == "word" and tokens[i].lower not in _NOUN_STOPS:
            run.append(i)
        elif tokens[i].lower not in ("-", "new", "such", "more", "other"):
            break
        i += 1
    if not run:
        return "", []
    chosen = _head_of([tokens[k].lower for k in run])
    kept = run[: chosen + 1]
    head = layout.concepts[run[chosen]] or concept(tokens[run[chosen]].lower)
    return head, kept


def _after_owner(tokens: list[Token], i: int) -> int:
    """Where what is counted begins after "two of the": behind an owner and a number ("valley's seven sirens")."""
    for place in range(i, min(len(tokens), i + _AHEAD)):
        if tokens[place].sort not in ("word", "possessive"):
            break
        if tokens[place].sort == "possessive":
            i = place + 1
            break
    return i + 1 if i + 1 < len(tokens) and tokens[i].sort == "number" else i


def _with_antecedents(
    layout: _Layout, mentions: list[Mention], counted: list[tuple[str, list[int]]]
) -> list[tuple[str, list[int]]]:
    """The counts in which "15,000 of them" counts what the count before it does, of this sentence or the last."""
    known, head, sentence = [], "", 0
    for mention, (own, run) in zip(mentions, counted, strict=True):
        words = [token.lower for token in layout.tokens[mention.last : mention.last + 2]]
        here = layout.sentences[mention.first]
        if not own and len(words) == 2 and words[0] == "of" and words[1] in _THEM and here - sentence <= 1:
            own = head
        if own and mention.kind is Kind.COUNT:
            head, sentence = own, here
        known.append((own, run))
    return known


def _head_of(words: list[str]) -> int:
    """Index of the noun that a run of words after a number ends in: the first plural, else the last before a verb."""
    for index, word in enumerate(words):
        if looks_plural(word):
            return index
    for index, word in enumerate(words):
        if index and word.endswith(_VERB_ENDINGS):
            return index - 1
    return len(words) - 1 if len(words) <= 2 else 1
