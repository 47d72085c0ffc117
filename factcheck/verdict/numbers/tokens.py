"""Words, numerals and signs of a text with their offsets, and a light stemmer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:(?:[,\u00a0\u202f]\d{3}|,\ 000)(?!\d))+(?:\.\d+)?|\d{1,3},\d{1,2}(?![\d,])|\d+(?:\.\d+)?)"
    r"|(?P<word>(?:[^\W\d_]\.){2,}|[^\W\d_]+)"
    r"|(?P<possessive>['’](?:s|t|re|ve|ll|d|m)\b)"
    r"|(?P<sign>[^\w\s]|_)"
)


def word_set(text: str) -> frozenset[str]:
    """The words of `text`, for tables."""
    return frozenset(text.split())


def numbered(text: str, first: int = 0) -> dict[str, int]:
    """The words of `text`, each with its number, counted from `first`."""
    return {word: number for number, word in enumerate(text.split(), first)}


_ABBREVIATIONS = word_set(
    "jan feb mar apr jun jul aug sep sept oct nov dec mr mrs ms dr st no vs gen sen rep gov lt col sgt prof "
    "approx c ca inc corp co ltd jr sr mt fig a.m. p.m. u.s. u.k. u.n. e.g. i.e."
)
_ENDS = frozenset(".!?")


class Token(NamedTuple):
    """One token; `text[start:end]` of the source, `sort` is "number", "word", "possessive" or "sign"."""

    text: str
    lower: str
    start: int
    end: int
    sort: str


def tokenize(text: str) -> list[Token]:
    """All tokens of `text`, in order."""
    return [
        Token(match.group(), match.group().lower(), match.start(), match.end(), match.lastgroup or "")
        for match in _TOKEN.finditer(text)
    ]


def ends_sentence(tokens: list[Token], i: int) -> bool:
    """Whether token i is a full stop, question or exclamation mark that closes a sentence."""
    token = tokens[i]
    if token.lower not in _ENDS:
        return False
    if i + 1 < len(tokens):
        after = tokens[i + 1]
        if after.start == token.end and after.sort in ("word", "number") and not after.text[0].isupper():
            return False
        if after.sort == "word" and after.text[0].islower():
            return False
    return not (token.lower == "." and i and tokens[i - 1].lower in _ABBREVIATIONS)


_SUFFIXES = (
    ("iest", "y"),
    ("ies", "y"),
    ("ied", "y"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("ing", ""),
    ("ed", ""),
    ("s", ""),
)
_UNDOUBLED = frozenset("bdgmnprt")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A rough stem of a lower-case word: inflection and a final e are cut ("carried" -> "carry")."""
    for suffix, ending in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 - bool(ending):
            if suffix == "s" and word[-2] in "sui":
                break
            word = word[: -len(suffix)] + ending
            if not ending and suffix != "s" and len(word) > 3 and word[-1] == word[-2] and word[-1] in _UNDOUBLED:
                word = word[:-1]
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word
