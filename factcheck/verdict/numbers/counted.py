"""The words of a text with their concepts, and which of them a number counts."""

from __future__ import annotations

from dataclasses import dataclass

from factcheck.verdict.numbers.concepts import STOPWORDS, concept, phrase
from factcheck.verdict.numbers.labels import looks_plural
from factcheck.verdict.numbers.tokens import Token, ends_sentence, word_set
from factcheck.verdict.numbers.types import Kind, Mention

_CLAUSE_SIGNS = frozenset(",;:()[]–—")
_CLAUSE_WORDS = word_set("and but while whereas although though including which who whose when after with against")
_NOUN_STOPS = STOPWORDS | word_set("each overnight today yesterday tomorrow along worldwide")
_VERB_ENDINGS = ("ed", "ing")
_AHEAD = 5
_PARTITIVE = frozenset({"of", "the", "its", "his", "their", "those", "-"})
_THEM = word_set("them these those which whom")
OCCASIONS = "time"  # head of a number of times
_TIMES = word_set("times occasions")


@dataclass(frozen=True, slots=True)
class Layout:
    """Per token: concept ("" for none), number of its clause and of its sentence."""

    tokens: list[Token]
    concepts: list[str]
    clauses: list[int]
    sentences: list[int]


def lay_out(tokens: list[Token], mentions: list[Mention]) -> Layout:
    """Read a text's tokens; those of a mention have no concept."""
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
    return Layout(tokens, concepts, clauses, sentences)


def _counted(layout: Layout, mention: Mention) -> tuple[str, list[int]]:
    """Head and tokens of the noun phrase that a count, share or ordinal counts ("156 of the drones")."""
    if mention.kind not in (Kind.COUNT, Kind.PERCENT, Kind.ORDINAL):
        return "", []
    if mention.unit == "person":
        return "person", []
    tokens = layout.tokens
    i = mention.last
    if mention.kind is Kind.COUNT and i < len(tokens) and tokens[i].lower in _TIMES:
        return OCCASIONS, []
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


def counted(layout: Layout, mentions: list[Mention]) -> list[tuple[str, list[int]]]:
    """Head and tokens of what each mention counts.

    "15,000 of them" counts what the count before it does, of this sentence or the last.
    """
    known, head, sentence = [], "", 0
    for mention, (own, run) in ((mention, _counted(layout, mention)) for mention in mentions):
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
