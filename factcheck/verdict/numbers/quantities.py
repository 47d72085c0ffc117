"""Quantities in a text: numbers with their units, hedges and kinds.

A mention is what the words say; what it allows ("about 400" allows 412) is `num_relation`'s business, and what is
counted `num_context`'s.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from factcheck.verdict.numbers.apiece import is_total, parties
from factcheck.verdict.numbers.dates import find_dates
from factcheck.verdict.numbers.hedges import hedge_after, hedge_before
from factcheck.verdict.numbers.labels import PERCENT_WORDS, is_label, is_title_word, looks_plural
from factcheck.verdict.numbers.ranges import join_pairs
from factcheck.verdict.numbers.tokens import Token, word_set
from factcheck.verdict.numbers.types import Bound, Kind, Mention, Number
from factcheck.verdict.numbers.units import CURRENCY_WORDS, DOLLAR_NATIONS, DOLLAR_PREFIXES, SYMBOLS, find_unit
from factcheck.verdict.numbers.values import DECADES, NUMBER_WORDS, read_fraction, read_number, read_ordinal

_METRE_CUES = word_set("high tall long wide deep away above below race sprint hurdles freestyle from")
_WEIGHT_CUES = word_set("weigh weighs weighed weighing weight heavy heavier lighter")
_NO_ONE = frozenset({"nobody", "none", "noone"})
_RANK_LEADS = frozenset({"number", "#", "ranked", "ranks"})
_SCORE_CUES = word_set("win wins won beat beats lost lose loses defeat defeated drew draw draws score scored led")
_PRONOUNS = frozenset({"her", "his", "their", "my", "our", "your", "its"})
_SHARED = frozenset({Kind.COUNT, Kind.MONEY, Kind.MEASURE})
_EARLY_LATE = {"early": (0, 3), "mid": (4, 6), "late": (6, 9)}


def find_quantities(text: str, tokens: list[Token], published: date | None) -> list[Mention]:
    """Every quantity, date and time of `text` in order of place, without overlaps."""
    dates = {mention.first: mention for mention in find_dates(text, tokens, published)}
    out: list[Mention] = []
    i = 0
    while i < len(tokens):
        mention = dates.get(i)
        if mention is None:
            token = tokens[i]
            mention = _read(tokens, i, dates) if token.sort != "possessive" else None
        if mention is None:
            i += 1
            continue
        out.append(mention)
        i = max(mention.last, i + 1)
    return [_shared(tokens, mention) for mention in join_pairs(tokens, out)]


def _shared(tokens: list[Token], mention: Mention) -> Mention:
    """The mention with how many have so much each, or that it is of all together."""
    if mention.kind not in _SHARED or not mention.is_point:
        return mention
    each = parties(tokens, mention.first, mention.last)
    if each:
        return replace(mention, parties=each)
    return replace(mention, is_total=True) if is_total(tokens, mention.first, mention.last) else mention


def _read(tokens: list[Token], i: int, dates: dict[int, Mention]) -> Mention | None:
    word = tokens[i].lower
    if (tokens[i].sort == "word" and word in ("no", "zero")) or word in _NO_ONE:
        return _nothing(tokens, i)
    if tokens[i].sort == "word" and word in _PRONOUNS:
        return _age_in_decades(tokens, i)
    if word in SYMBOLS:
        return _money_by_symbol(tokens, i)
    share = read_fraction(tokens, i)
    if share is not None:
        return _finished(tokens, _mention(tokens, Kind.PERCENT, share[0], i, share[1], unit="%", step=0.0))
    ordinal = read_ordinal(tokens, i)
    if ordinal is not None:
        return _ordinal(tokens, i, *ordinal)
    if i + 1 in dates and word not in NUMBER_WORDS and tokens[i].sort != "number":
        return None
    number = read_number(tokens, i)
    if number is None or is_label(tokens, number):
        return None
    return _pair(tokens, number) or _finished(tokens, _with_unit(tokens, number))


def _mention(
    tokens: list[Token], kind: Kind, value: float, first: int, last: int, *, unit: str = "", step: float = 1.0
) -> Mention:
    where = (tokens[first].start, tokens[last - 1].end, first, last)
    return Mention(kind, value, value, *where, unit=unit, step=step)


def _nothing(tokens: list[Token], i: int) -> Mention | None:
    """Read "no casualties", "nobody", "no one", "none", "zero deaths" as a count of 0."""
    word = tokens[i].lower
    after = tokens[i + 1].lower if i + 1 < len(tokens) else ""
    if word == "zero":
        return _finished(tokens, _mention(tokens, Kind.COUNT, 0.0, i, i + 1))
    if word == "no" and after == "one":
        return _mention(tokens, Kind.COUNT, 0.0, i, i + 2, unit="person")
    if word == "no":
        noun = next((t.lower for t in tokens[i + 1 : i + 3] if t.sort == "word" and looks_plural(t.lower)), None)
        return _mention(tokens, Kind.COUNT, 0.0, i, i + 1) if noun else None
    return _mention(tokens, Kind.COUNT, 0.0, i, i + 1, unit="" if word == "none" else "person")


def _age_in_decades(tokens: list[Token], i: int) -> Mention | None:
    """Read "in her eighties", "in his late 30s"."""
    j = i + 1
    low, high = 0, 9
    if j < len(tokens) and tokens[j].lower in _EARLY_LATE:
        low, high = _EARLY_LATE[tokens[j].lower]
        j += 2 if j + 1 < len(tokens) and tokens[j + 1].lower == "-" else 1
    if j >= len(tokens) or i == 0 or tokens[i - 1].lower not in ("in", "into", "of"):
        return None
    last = j + 1
    start = DECADES.get(tokens[j].lower)
    if start is None and tokens[j].text.isdigit() and len(tokens[j].text) == 2 and tokens[j].text[1] == "0":
        if [t.lower for t in tokens[j + 1 : j + 2]] not in (["s"], ["'s"], ["’s"]):
            return None
        start, last = int(tokens[j].text), j + 2
    if start is None:
        return None
    mention = _mention(tokens, Kind.AGE, 0.0, i, last, unit="year")
    return replace(mention, low=start + low, high=start + high, bound=Bound.RANGE)


def _money_by_symbol(tokens: list[Token], i: int) -> Mention | None:
    if i + 1 >= len(tokens) or tokens[i + 1].sort != "number":
        return None
    number = read_number(tokens, i + 1)
    if number is None:
        return None
    first, code = i, SYMBOLS[tokens[i].lower]
    prefix = tokens[i - 1].lower if i and tokens[i - 1].end == tokens[i].start else ""
    if code == "USD" and prefix in DOLLAR_PREFIXES:
        first, code = i - 1, DOLLAR_PREFIXES[prefix]
    return _finished(tokens, _from_number(tokens, number, Kind.MONEY, first, number.last, code, code, 1.0))


def _from_number(
    tokens: list[Token], number: Number, kind: Kind, first: int, last: int, dimension: str, unit: str, factor: float
) -> Mention:
    return Mention(
        kind,
        *(number.low * factor, number.high * factor),
        *(tokens[first].start, tokens[last - 1].end, first, last),
        dimension=dimension,
        unit=unit,
        bound=Bound.VAGUE if number.vague else Bound.PLAIN,
        step=number.step * factor,
        digits=number.digits,
        magnitude=number.magnitude,
        scale=factor,
    )


def _with_unit(tokens: list[Token], number: Number) -> Mention:
    """The number with what follows it: percent, age, currency, unit, or nothing (a count)."""
    j = number.last
    if j < len(tokens) and tokens[j].lower == "-":
        j += 1
    words = [token.lower for token in tokens[j : j + 4]]
    first = words[0] if words else ""

    def made(kind: Kind, taken: int, dimension: str = "", unit: str = "", factor: float = 1.0) -> Mention:
        return _from_number(tokens, number, kind, number.first, j + taken, dimension, unit, factor)

    if number.first and tokens[number.first - 1].lower in _RANK_LEADS and number.low < 1000:
        return _from_number(tokens, number, Kind.ORDINAL, number.first, number.last, "", "", 1.0)
    if first in PERCENT_WORDS or words[:2] == ["per", "cent"]:
        return made(Kind.PERCENT, 2 if first == "per" else 1, unit="%")
    if _is_age(tokens, number, words):
        return made(Kind.AGE, _age_words(words), unit="year")
    money = _money_words(tokens, j, words, number)
    if money:
        return made(Kind.MONEY, money[1], money[0], money[0])
    before = tokens[number.last - 1]
    if before.lower == "m" and first in _METRE_CUES:
        return replace(made(Kind.MEASURE, 0, "length", "metre", 1e-6), magnitude=False, scale=1.0)
    adjacent = j == number.last and j < len(tokens) and tokens[j].start == before.end
    found = find_unit(words, adjacent)
    if found is None:
        return _from_number(tokens, number, Kind.COUNT, number.first, number.last, "", "", 1.0)
    unit, taken = found
    kind = Kind.DURATION if unit.dimension == "time" else Kind.MEASURE
    if [token.lower for token in tokens[j + taken : j + taken + 3]] == ["and", "a", "half"]:
        number, taken = replace(number, low=number.low + 0.5, high=number.high + 0.5), taken + 3
    mention = made(kind, taken, unit.dimension, unit.name, unit.factor)
    if unit.offset or unit.dimension == "temperature":
        below = -1.0 if _is_minus(tokens, number.first) else 1.0
        low, high = (number.low * below * unit.factor + unit.offset for _ in range(2))
        mention = replace(mention, low=low, high=high)
    return mention


def _is_minus(tokens: list[Token], i: int) -> bool:
    if i == 0:
        return False
    sign = tokens[i - 1]
    spaced = i == 1 or tokens[i - 2].end < sign.start
    return sign.lower == "minus" or (sign.lower in ("-", "−", "–") and sign.end == tokens[i].start and spaced)


def _is_age(tokens: list[Token], number: Number, words: list[str]) -> bool:
    if not 0 < number.low < 125 or number.vague:
        return False
    if _age_words(words):
        return True
    before = [token.lower for token in tokens[max(0, number.first - 3) : number.first]]
    if before[-1:] in (["aged"], ["age"]) or before[-2:] == ["age", "of"]:
        return True
    i = number.first
    if i < 2 or tokens[i - 1].lower != "," or number.last >= len(tokens) or not tokens[i].text.isdigit():
        return False
    name = tokens[i - 2]
    return tokens[number.last].lower in (",", ".", ")") and name.sort == "word" and name.text[0].isupper()


def _age_words(words: list[str]) -> int:
    """How many of the words after a number make it an age: "years old", "-year-old", "years of age"."""
    if words[:1] not in (["year"], ["years"]):
        return 0
    if words[1:2] == ["old"]:
        return 2
    return 3 if words[1:3] in (["-", "old"], ["of", "age"]) else 0


def _money_words(tokens: list[Token], j: int, words: list[str], number: Number) -> tuple[str, int] | None:
    first = words[0] if words else ""
    if first in CURRENCY_WORDS:
        return CURRENCY_WORDS[first], 1
    if first in DOLLAR_NATIONS and words[1:2] in (["dollars"], ["dollar"]):
        return DOLLAR_NATIONS[first], 2
    if first in ("pound", "pounds"):
        near = {token.lower for token in tokens[max(0, j - 9) : j + 6]}
        return None if near & _WEIGHT_CUES and not number.magnitude else ("GBP", 1)
    return None


def _ordinal(tokens: list[Token], i: int, value: int, last: int) -> Mention | None:
    """An ordinal that stands before a noun or after a verb of ranking; "first" alone says too little."""
    after = tokens[last].lower if last < len(tokens) else ""
    before = tokens[i - 1].lower if i else ""
    ranked = before in ("ranks", "ranked", "finished", "placed", "came", "finishing", "rank", "ranking")
    noun = last < len(tokens) and tokens[last].sort == "word" and after.isalpha() and after not in ("of", "and", "the")
    if not (ranked or noun) or before == "at" or is_title_word(tokens, i, last):
        return None
    return _finished(tokens, _mention(tokens, Kind.ORDINAL, float(value), i, last))


def _pair(tokens: list[Token], number: Number) -> Mention | None:
    """Scores ("won 2-1") and ratings ("5.8/10", "58 out of 100")."""
    j = number.last
    words = [token.lower for token in tokens[j : j + 3]]
    if words[:1] == ["/"] and j + 1 < len(tokens) and tokens[j + 1].text in ("4", "5", "10", "20", "100"):
        return _rating(tokens, number, j + 2)
    if words[:2] == ["out", "of"] and j + 2 < len(tokens) and tokens[j + 2].text in ("4", "5", "10", "20", "100"):
        return _rating(tokens, number, j + 3)
    if words[:1] not in (["-"], ["–"], ["—"]) or j + 1 >= len(tokens) or tokens[j + 1].sort != "number":
        return None
    first, second = tokens[number.first].text, tokens[j + 1].text
    if not (first.isdigit() and second.isdigit() and len(first) <= 3 and len(second) <= 3):
        return None
    near = {token.lower for token in tokens[max(0, number.first - 12) : number.first]}
    if int(first) < int(second) and not near & _SCORE_CUES:
        return None
    where = (tokens[number.first].start, tokens[j + 1].end, number.first, j + 2)
    return Mention(Kind.SCORE, float(first), float(second), *where)


def _rating(tokens: list[Token], number: Number, last: int) -> Mention:
    whole = tokens[last - 1].text
    mention = _from_number(tokens, number, Kind.RATING, number.first, last, whole, "/" + whole, 1.0)
    return _finished(tokens, mention)


def _finished(tokens: list[Token], mention: Mention) -> Mention:
    """The mention with the hedges before and after it."""
    if mention.bound is not Bound.PLAIN:
        return mention
    bound, first = hedge_before(tokens, mention.first)
    if bound is Bound.PLAIN:
        bound, last = hedge_after(tokens, mention.last)
        end = tokens[last - 1].end
        return replace(mention, bound=bound, last=last, end=end)
    return replace(mention, bound=bound, start=tokens[first].start)
