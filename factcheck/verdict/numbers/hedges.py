"""Words that bound or blur a number: "more than", "at least", "nearly", "or so"."""

from __future__ import annotations

from factcheck.verdict.numbers.tokens import Token, word_set
from factcheck.verdict.numbers.types import Bound

_BEFORE_TEXT = {
    Bound.MORE: "more than|over|above|exceeding|exceeded|exceeds|exceed|topped|surpassed|surpassing|upwards of"
    "|in excess of|north of|higher than|greater than|larger than|longer than|older than|taller than|heavier than"
    "|better than|well over|beyond|passed|bigger than|later than",
    Bound.AT_LEAST: "at least|no fewer than|no less than|not less than|not fewer than|minimum of|minimum|≥|a minimum",
    Bound.LESS: "less than|fewer than|under|below|lower than|smaller than|shorter than|short of|younger than"
    "|well under|lighter than|earlier than",
    Bound.AT_MOST: "at most|up to|no more than|not more than|maximum of|maximum|as many as|as much as|not over"
    "|not exceed|not exceeding|not exceeded|≤|no higher than|no larger than|not above|no longer than|no older than",
    Bound.ABOUT: "about|around|roughly|approximately|some|circa|estimated|an estimated|close to|approx|approx .|~|≈|ca"
    "|near|in the region of|on the order of|somewhere around",
    Bound.NEARLY: "nearly|almost|just under|just below|slightly less than|slightly under|slightly below"
    "|a little under|a little less than|just less than|approaching|little less than|not quite",
    Bound.JUST_OVER: "just over|just above|slightly more than|slightly over|slightly above|a little over"
    "|a little more than|just more than|little more than|barely more than",
    Bound.EXACTLY: "exactly|precisely|only|just|an exact|merely",
}
_AFTER_TEXT = {
    Bound.ABOUT: "or so|or thereabouts|- odd|approximately|- ish",
    Bound.AT_LEAST: "or more|or over|or higher|+|- plus|plus|at least|or above|and over|or older|or longer",
    Bound.AT_MOST: "or less|or fewer|or under|at most|or below|or younger",
}


def _by_edge(table: dict[Bound, str], edge: int) -> dict[str, list[tuple[tuple[str, ...], Bound]]]:
    """Phrases by their last (edge -1) or first (edge 0) word, the longest first."""
    index: dict[str, list[tuple[tuple[str, ...], Bound]]] = {}
    for bound, phrases in table.items():
        for phrase in phrases.split("|"):
            words = tuple(phrase.split())
            index.setdefault(words[edge], []).append((words, bound))
    for entries in index.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return index


_BEFORE = _by_edge(_BEFORE_TEXT, -1)
_AFTER = _by_edge(_AFTER_TEXT, 0)
_PHRASAL = word_set("hand hands handed handing take takes took taken turn turned give gave given averaged win won")
_PASSED_OVER = frozenset({"a", "an", "total", "of"})


def hedge_before(tokens: list[Token], first: int) -> tuple[Bound, int]:
    """The hedge that ends just before token `first` and the token it begins at; PLAIN and `first` where none does.

    "a total of" may stand between ("more than a total of 300").
    """
    i = first
    while i and tokens[i - 1].lower in _PASSED_OVER and first - i < 3:
        found = _ending_at(tokens, i)
        if found:
            return found
        i -= 1
    return _ending_at(tokens, i) or (Bound.PLAIN, first)


def _ending_at(tokens: list[Token], i: int) -> tuple[Bound, int] | None:
    if i > 1 and tokens[i - 1].lower == "over" and tokens[i - 2].lower in _PHRASAL:
        return None
    for words, bound in _BEFORE.get(tokens[i - 1].lower, ()) if i else ():
        first = i - len(words)
        if first >= 0 and all(tokens[first + k].lower == word for k, word in enumerate(words)):
            return bound, first
    return None


def hedge_after(tokens: list[Token], last: int) -> tuple[Bound, int]:
    """The hedge that begins at token `last` and the index after it; PLAIN and `last` where none does."""
    for words, bound in _AFTER.get(tokens[last].lower, ()) if last < len(tokens) else ():
        end = last + len(words)
        if end <= len(tokens) and all(tokens[last + k].lower == word for k, word in enumerate(words)):
            return bound, end
    return Bound.PLAIN, last
