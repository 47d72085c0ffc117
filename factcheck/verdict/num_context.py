"""What stands around a number: the thing it counts, the clause it is said in, the names beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from factcheck.verdict.num_concepts import NATIONS, STOPWORDS, concept, exclusive_groups, phrase
from factcheck.verdict.num_labels import looks_plural
from factcheck.verdict.num_tokens import Token, ends_sentence, tokenize, word_set
from factcheck.verdict.num_types import Kind, Mention
from factcheck.verdict.quantities import find_quantities

_CLAUSE_SIGNS = frozenset(",;:()[]–—")
_CLAUSE_WORDS = word_set("and but while whereas although though including which who whose when after with against")
_NOUN_STOPS = STOPWORDS | word_set("each overnight today yesterday tomorrow along worldwide")
_VERB_ENDINGS = ("ed", "ing")
_AHEAD = 5
_OWNED = 0.4
_CLAUSE_WORTH = 4  # words that a clause boundary counts for in a distance
_CLOSE = 10
_SAME_CLAUSE, _NEXT_CLAUSE, _SAME_SENTENCE, _NEXT_SENTENCE, _ELSEWHERE = 1.0, 0.8, 0.65, 0.4, 0.25


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of one mention, as concepts.

    `head` is what is counted ("" where the text leaves it out), `phrase` its whole noun phrase, `near` every concept
    of the text with a weight that falls with the distance in clauses, `close` the few around it with a weight that
    falls with the distance in words, `predicates` the nearest one of each group of
    predicates that exclude each other.
    """

    mention: Mention
    head: str
    phrase: frozenset[str]
    near: dict[str, float]
    close: dict[str, float]
    predicates: dict[int, str]


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


@lru_cache(maxsize=2048)
def read_scene(text: str, published: date | None) -> Scene:
    """Everything that is compared in `text`; kept, since one claim meets many passages and the reverse."""
    tokens = tokenize(text)
    mentions = find_quantities(text, tokens, published)
    layout = _lay_out(tokens, mentions)
    counted = [_counted(layout, mention) for mention in mentions]
    owned = {i: n for n, (_, run) in enumerate(counted) for i in run}
    leads: dict[tuple[int, Kind], int] = {}
    for mention in mentions:
        leads.setdefault((layout.sentences[mention.first], mention.kind), mention.first)
    contexts = tuple(
        _context(layout, mention, owned, leads[layout.sentences[mention.first], mention.kind], n, *counted[n])
        for n, mention in enumerate(mentions)
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


def _context(
    layout: _Layout, mention: Mention, owned: dict[int, int], lead: int, number: int, head: str, run: list[int]
) -> Context:
    """The surroundings of mention `number`; words that another mention counts weigh less.

    What stands before `lead`, the first mention of the kind in the sentence, is as close to the later ones: "X earned
    A here, B there and C in all" says of all three that X earned them.
    """
    clause, sentence = layout.clauses[mention.first], layout.sentences[mention.first]
    near: dict[str, float] = {}
    close: dict[str, float] = {}
    nearest: dict[int, tuple[int, str]] = {}
    for i, name in enumerate(layout.concepts):
        if not name:
            continue
        weight = _weight(abs(layout.clauses[i] - clause), abs(layout.sentences[i] - sentence))
        if owned.get(i, number) != number:
            weight *= _OWNED
        if weight > near.get(name, 0.0):
            near[name] = weight
        if layout.sentences[i] == sentence:
            distance = mention.first - i if i < mention.first else i - mention.last + 1
            rank = distance + _CLAUSE_WORTH * abs(layout.clauses[i] - clause)
            if owned.get(i, number) == number:
                apart = (
                    min(rank, lead - i + _CLAUSE_WORTH * (layout.clauses[lead] - layout.clauses[i]))
                    if i < lead
                    else rank
                )
                if apart < _CLOSE:
                    close[name] = max(close.get(name, 0.0), 1.0 - apart / _CLOSE)
            for group in exclusive_groups(name):
                if group not in nearest or rank < nearest[group][0]:
                    nearest[group] = (rank, name)
    if mention.unit in ("birth", "death"):
        name = "born" if mention.unit == "birth" else "die"
        near[name] = close[name] = 1.0
        nearest |= dict.fromkeys(exclusive_groups(name), (0.0, name))
    if head:
        near[head] = close[head] = 1.0
    noun_phrase = frozenset(layout.concepts[k] for k in run if layout.concepts[k]) | ({head} if head else set())
    return Context(mention, head, noun_phrase, near, close, {group: name for group, (_, name) in nearest.items()})


def _weight(clauses: int, sentences: int) -> float:
    if sentences:
        return _NEXT_SENTENCE if sentences == 1 else _ELSEWHERE
    return _SAME_CLAUSE if not clauses else _NEXT_CLAUSE if clauses == 1 else _SAME_SENTENCE


def _counted(layout: _Layout, mention: Mention) -> tuple[str, list[int]]:
    """Head and the tokens of the noun phrase of what a count, share or ordinal counts: "156 of the drones", "25% of ballots"."""
    if mention.kind not in (Kind.COUNT, Kind.PERCENT, Kind.ORDINAL):
        return "", []
    if mention.unit == "person":
        return "person", []
    tokens = layout.tokens
    i = mention.last
    while (
        i < len(tokens)
        and i - mention.last < 3
        and tokens[i].lower in ("of", "the", "its", "his", "their", "those", "-")
    ):
        i += 1
    if mention.kind is Kind.PERCENT and (i == mention.last or tokens[mention.last].lower != "of"):
        return "", []
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


def _head_of(words: list[str]) -> int:
    """Index of the noun that a run of words after a number ends in: the first plural, else the last that is no verb form."""
    for index, word in enumerate(words):
        if looks_plural(word):
            return index
    for index, word in enumerate(words):
        if index and word.endswith(_VERB_ENDINGS):
            return index - 1
    return len(words) - 1 if len(words) <= 2 else 1
