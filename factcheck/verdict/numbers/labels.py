"""Numbers that count nothing because they belong to a name: "COVID-19", "Chapter 3", "the Tenth Doctor"."""

from __future__ import annotations

from factcheck.verdict.numbers.concepts import NATIONS
from factcheck.verdict.numbers.hedges import hedge_before
from factcheck.verdict.numbers.tokens import Token, ends_sentence, word_set
from factcheck.verdict.numbers.types import Bound, Number
from factcheck.verdict.numbers.units import CURRENCY_WORDS, find_unit

_LABEL_WORDS = word_set(
    "chapter page type model version class section article no phase stage line room channel season episode series "
    "volume part day week level grade group route highway flight district area number windows"
)
_NOT_COUNTED_ONE = word_set(
    "of another or and thing day time way side hand such who that which can could must should will would may might "
    "is was has had has to in at on as by for from with the its his her step point reason more most"
)
_OPENERS = word_set("the a all in on of at by some these those its their his her and but with for to from")
_ENCLOSED = frozenset({("(", ")"), ('"', '"'), ("“", "”"), ("'", "'"), ("‘", "’")})
PERCENT_WORDS = frozenset({"%", "percent", "pct", "percentage"})
_UNMARKED_PLURALS = word_set(
    "people men women children police staff troops cattle sheep fish aircraft personnel personnel civilians"
)
_NEVER_PLURAL = ("ss", "us", "is")
_NOT_NOUNS = word_set("was has is as does his its this thus less always perhaps us yes afterwards towards")


def looks_plural(word: str) -> bool:
    """Whether a lower-case word has the shape of a plural noun."""
    if word in _UNMARKED_PLURALS:
        return True
    return len(word) > 3 and word.endswith("s") and not word.endswith(_NEVER_PLURAL) and word not in _NOT_NOUNS


def is_label(tokens: list[Token], number: Number) -> bool:
    """Whether the number is part of a name ("COVID-19", "Chapter 3", "291Mc", "UFC 243"), so that it counts nothing."""
    i, j = number.first, number.last
    token = tokens[i]
    if token.lower == "one":
        return _is_pronoun(tokens, i, j)
    if token.sort != "number":
        return is_title_word(tokens, i, j)
    glued = j < len(tokens) and j == i + 1 and tokens[j].sort == "word" and tokens[j].start == token.end
    if (
        glued
        and find_unit([t.lower for t in tokens[j : j + 3]], True) is None
        and tokens[j].lower not in CURRENCY_WORDS
    ):
        return True
    if i == 0:
        return False
    before = tokens[i - 1]
    if before.end == token.start and before.lower in ("-", "/", ".", "_", ":") and i > 1:
        return tokens[i - 2].end == before.start and (tokens[i - 2].sort == "word" or before.lower == "/")
    if before.end == token.start and before.sort == "word":
        return True
    if before.lower in _LABEL_WORDS or _is_enclosed(tokens, i, j):
        return True
    return before.sort == "word" and before.text[0].isupper() and _is_named(tokens, i, j)


def _is_pronoun(tokens: list[Token], i: int, j: int) -> bool:
    """Whether "one" stands for somebody or something, and counts nothing ("one of them", "no one")."""
    before = tokens[i - 1].lower if i else ""
    after = tokens[j].lower if j < len(tokens) else "of"
    return after in _NOT_COUNTED_ONE or not after[0].isalpha() or before in ("no", "this", "that", "the", "which")


def _is_enclosed(tokens: list[Token], i: int, j: int) -> bool:
    """Whether the number is all that stands in parentheses or quotation marks, as a title or a tally does."""
    return (tokens[i - 1].lower, tokens[j].lower if j < len(tokens) else "") in _ENCLOSED


def is_title_word(tokens: list[Token], i: int, j: int) -> bool:
    """Whether a capitalised number word is part of a name ("Nine-Nine", "One True Thing", "the Tenth Doctor")."""
    if not tokens[i].text[0].isupper():
        return False
    opens = i == 0 or ends_sentence(tokens, i - 1)
    after = tokens[j] if j < len(tokens) else None
    capital = after is not None and after.sort == "word" and after.text[0].isupper() and after.lower not in NATIONS
    return capital or not opens


def _is_named(tokens: list[Token], i: int, j: int) -> bool:
    """Whether the capitalised word before token i takes the number into its name ("Ted 2 has")."""
    opens = i == 1 or ends_sentence(tokens, i - 2)
    if opens and (tokens[i - 1].lower in _OPENERS or hedge_before(tokens, i)[0] is not Bound.PLAIN):
        return False
    if j >= len(tokens) or tokens[j].sort != "word":
        return tokens[j].lower not in ("%", "°") if j < len(tokens) else True
    led = tokens[i - 2].lower in _OPENERS if i > 1 else True
    if not led:
        return True
    after = [looks_plural(token.lower) and token.text[0].islower() for token in tokens[j : j + 3]]
    words = [token.lower for token in tokens[j : j + 3]]
    return not (any(after) or find_unit(words, False) or words[0] in PERCENT_WORDS or words[0] in CURRENCY_WORDS)
