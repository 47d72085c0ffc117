"""Numbers that hold for each of several ("157 prisoners each"), and those that are totals ("a total of 314")."""

from __future__ import annotations

from factcheck.verdict.numbers.tokens import Token, word_set

UNKNOWN = 1
_REACH = 6  # tokens between the number and "each"
_STOPS = word_set(". ; : ! ? ( )")
_GOES_ON = word_set("and on in at to for from with after before as while when by during over since under but or")
_VERBS = word_set("was were is are has have had will died")
_NO_SHARE = word_set("of other and")  # "each of the", "each other"


def parties(tokens: list[Token], first: int, last: int) -> int:
    """How many have so much each: 0 if the number (tokens first to last) is a total, UNKNOWN if it is not said.

    Of two parties it is known: "both", "the two sides", "each side", "Russia and Ukraine".
    """
    place = _before(tokens, first)
    if place is None:
        place = _after(tokens, last)
    if place is None:
        return 0
    return 2 if _of_two(tokens, place) else UNKNOWN


def is_total(tokens: list[Token], first: int, last: int) -> bool:
    """Whether the number (tokens first to last) is said to be of all together: "a total of 314", "314 in all"."""
    before = [token.lower for token in tokens[max(0, first - 2) : first]]
    if before == ["total", "of"] or before in (["in", "all"], ["in", "total"]):
        return True
    after = [token.lower for token in tokens[last : last + _REACH + 1]]
    for i, word in enumerate(after[:-1]):
        if word in _STOPS:
            break
        if word == "in" and after[i + 1] in ("all", "total"):
            return i + 2 == len(after) or after[i + 2] in _STOPS | _GOES_ON | _VERBS  # not "in all districts"
    return False


def _before(tokens: list[Token], first: int) -> int | None:
    """Where "each" stands before a number: "the sides each handed over 157", "each side handed over 157"."""
    for i in range(first - 1, max(-1, first - 1 - _REACH), -1):
        word = tokens[i].lower
        if word in _STOPS or tokens[i].sort == "number":
            return None
        if word == "each":
            return i if i + 1 < first and tokens[i + 1].lower not in _NO_SHARE else None
    return None


def _after(tokens: list[Token], last: int) -> int | None:
    """Where "each" or "apiece" stands after a number and what it counts: "157 prisoners of war each"."""
    for i in range(last, min(len(tokens), last + _REACH)):
        word = tokens[i].lower
        if word in _STOPS or tokens[i].sort == "number":
            return None
        if word == "apiece":
            return i
        if word == "each":
            after = tokens[i + 1] if i + 1 < len(tokens) else None
            return i if after is None or after.sort == "sign" or after.lower in _GOES_ON else None
    return None


def _of_two(tokens: list[Token], place: int) -> bool:
    if place + 1 < len(tokens) and tokens[place + 1].lower in ("side", "party"):
        return True
    for i in range(place - 1, -1, -1):
        word = tokens[i].lower
        if word in _STOPS:
            return False
        if word == "both" or (word == "two" and i + 1 < len(tokens) and tokens[i + 1].lower.endswith("s")):
            return True
        if word == "and" and 0 < i < len(tokens) - 1 and _name(tokens[i - 1]) and _name(tokens[i + 1]):
            return i < 2 or tokens[i - 2].lower != ","
    return False


def _name(token: Token) -> bool:
    return token.sort == "word" and token.text[0].isupper()
