"""Numerals in digits and in words: "1.25 million", "three hundred and fourteen", "two thirds", "dozens".

English number words only. text2num reads them too, but rewrites the text and so loses the offsets that a quoted
reason needs, and knows neither fractions nor vague words.
"""

from __future__ import annotations

from factcheck.verdict.numbers.tokens import Token, numbered
from factcheck.verdict.numbers.types import Number

_UNITS = numbered(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = {word: 10 * n for word, n in numbered("twenty thirty forty fifty sixty seventy eighty ninety", 2).items()}
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SCALES |= {"lakh": 1e5, "crore": 1e7}
_LETTERS = {"k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "b": 1e9, "bn": 1e9, "bln": 1e9, "tn": 1e12, "trn": 1e12}
_SPACED_LETTERS = frozenset({"mn", "mln", "bn", "bln", "tn", "trn"})
_PLURAL_SCALES = {
    "dozens": (24.0, 99.0),
    "hundreds": (200.0, 999.0),
    "thousands": (2e3, 99999.0),
    "millions": (2e6, 999e6),
    "billions": (2e9, 999e9),
}
_FEW = {"several": (3.0, 30.0), "few": (2.0, 8.0), "handful": (2.0, 8.0)}
_PARTS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "quarter": 4,
    **numbered("fourth fifth sixth seventh eighth ninth tenth", 4),
}
_PARTS |= {part + "s": size for part, size in _PARTS.items() if part not in ("half", "halves")}
_GLYPHS = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅕": 0.2, "⅛": 0.125}
_ORDINAL_UNITS = numbered(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth",
    1,
) | {"thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60, "hundredth": 100}
_DECADE_WORDS = "teens twenties thirties forties fifties sixties seventies eighties nineties"
DECADES = {word: 10 * n for word, n in numbered(_DECADE_WORDS, 1).items()}
_AND_A_HALF = (("-", "and", "-", "a", "-", "half"), ("and", "a", "half"))
_LONGEST = 40  # characters of a numeral; longer ones are codes, or too large for a float
_TIME_UNITS = frozenset({"minute", "hour", "day", "week", "month", "year", "decade", "century"})
_ORDINAL_ENDINGS = frozenset({"st", "nd", "rd", "th"})
NUMBER_WORDS = frozenset(_UNITS) | frozenset(_TENS) | frozenset(_SCALES)
_STARTERS = NUMBER_WORDS | frozenset(_PLURAL_SCALES) | {"dozen", "half", "quarter", "several", "tens", "couple"}


def last_place(value: float, decimals: int) -> tuple[float, int]:
    """Place of the last significant digit (100 for 1,200; 0.1 for 4.6) and the number of significant digits."""
    whole = round(value * 10**decimals)
    place = 10.0**-decimals
    while whole and whole % 10 == 0:
        whole //= 10
        place *= 10
    return place, len(str(abs(whole)))


def _magnitude(tokens: list[Token], i: int, after_digits: bool) -> tuple[float, int]:
    """The scale word or letters at token i ("million", "bn", "m" if it touches the digits) and the next index."""
    if i >= len(tokens):
        return 1.0, i
    word = tokens[i].lower
    if word in _SCALES:
        scale, j = _magnitude(tokens, i + 1, False)
        return _SCALES[word] * scale, j
    if word == "-" and i + 1 < len(tokens) and tokens[i + 1].lower in _SCALES:
        return _SCALES[tokens[i + 1].lower], i + 2
    if word == "dozen":
        return 12.0, i + 1
    touching = after_digits and tokens[i].start == tokens[i - 1].end
    if after_digits and word in _LETTERS and (touching or word in _SPACED_LETTERS):
        return _LETTERS[word], i + 1
    return 1.0, i


def _in_digits(tokens: list[Token], i: int) -> Number:
    text = tokens[i].text
    if "," in text and len(text.rpartition(",")[2]) < 3:  # a decimal comma, as in "1,5 million"
        text = text.replace(",", ".")
    literal = "".join(c for c in text if c.isdigit() or c == ".")
    value = float(literal)
    decimals = len(literal.partition(".")[2])
    place, digits = last_place(value, decimals)
    j = i + 1
    if j < len(tokens) and tokens[j].lower in _GLYPHS:
        value, place, j = value + _GLYPHS[tokens[j].lower], 0.01, j + 1
    scale, j = _magnitude(tokens, j, True)
    if scale >= 1e6 and not decimals:
        place = max(place, 1.0)
    return Number(value * scale, value * scale, place * scale, digits, i, j, magnitude=scale >= 1e3)


def _cardinal_words(tokens: list[Token], i: int) -> tuple[float, int, bool]:
    """Value of the number words from token i on, the next index, and whether a scale word stood among them."""
    total = current = 0.0
    scaled = False
    end = j = i
    while j < len(tokens):
        word = tokens[j].lower
        if word in _UNITS:
            if current % 10 or (end > i and _UNITS[word] > 9 and current % 100):
                break
            current += _UNITS[word]
        elif word in _TENS:
            if current % 100:
                break
            current += _TENS[word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in _SCALES:
            total += (current or 1) * _SCALES[word]
            current, scaled = 0.0, True
        elif not (end > i and _joins(tokens, j, word)):
            break
        j += 1
        if word in NUMBER_WORDS:
            end = j
    return total + current, end, scaled


def _joins(tokens: list[Token], j: int, word: str) -> bool:
    """Whether "-" or "and" at token j holds two number words together ("sixty-two", "hundred and five")."""
    if j + 1 >= len(tokens) or tokens[j + 1].lower not in NUMBER_WORDS:
        return False
    if word == "and":
        return tokens[j - 1].lower in _SCALES
    return word == "-" and (tokens[j - 1].lower in _TENS or tokens[j + 1].lower in _SCALES)


def _in_words(tokens: list[Token], i: int) -> Number | None:
    if tokens[i].lower in _SCALES:  # "million" with no number before it
        return None
    value, j, scaled = _cardinal_words(tokens, i)
    if j == i:
        return None
    if tokens[j - 1].lower in _UNITS and j + 1 < len(tokens) and tokens[j].lower == "point":
        digit = _UNITS.get(tokens[j + 1].lower, 10)
        if digit < 10:
            scale, end = _magnitude(tokens, j + 2, False)
            value = (value + digit / 10) * scale
            return Number(value, value, 0.1 * scale, 2, i, end, magnitude=scale >= 1e3)
    if tokens[j - 1].lower not in _SCALES and j < len(tokens) and tokens[j].lower == "dozen":
        value, j = value * 12, j + 1
    halves = next((form for form in _AND_A_HALF if _follows(tokens, j - 1, *form)), ())
    if halves and value < 100:
        return Number(value + 0.5, value + 0.5, 0.1, 2, i, j + len(halves))
    place, digits = last_place(value, 0)
    return Number(value, value, place, digits, i, j, magnitude=scaled and value >= 1e6)


def read_number(tokens: list[Token], i: int) -> Number | None:
    """The cardinal number that begins at token i, or None. "a", "half a", "a few" and vague words included."""
    word = tokens[i].lower
    if tokens[i].sort == "number":
        return _in_digits(tokens, i) if len(tokens[i].text) <= _LONGEST else None
    if word in _GLYPHS:
        return None
    if word in ("a", "an"):
        return _after_article(tokens, i)
    if word not in _STARTERS:
        return None
    if word == "tens" and _follows(tokens, i, "of", "thousands"):
        return Number(2e4, 99999.0, 1e4, 1, i, i + 3, vague=True)
    if word == "hundreds" and _follows(tokens, i, "of", "thousands"):
        return Number(2e5, 999999.0, 1e5, 1, i, i + 3, vague=True)
    if word in _PLURAL_SCALES and (i == 0 or tokens[i - 1].sort != "number"):
        low, high = _PLURAL_SCALES[word]
        return Number(low, high, low, 1, i, i + 1, vague=True)
    if word == "several":
        scale, j = _magnitude(tokens, i + 1, False)
        low, high = _FEW[word]
        return Number(low * scale, high * scale, scale, 1, i, j, vague=True)
    if word == "half" and _follows(tokens, i, "a") and i + 2 < len(tokens):
        scale, j = _magnitude(tokens, i + 2, False)
        return Number(scale / 2, scale / 2, scale / 10, 1, i, j, magnitude=scale >= 1e3) if j > i + 2 else None
    if word == "dozen":
        return Number(12.0, 12.0, 1.0, 2, i, i + 1)
    return _in_words(tokens, i)


def _after_article(tokens: list[Token], i: int) -> Number | None:
    if i + 1 >= len(tokens):
        return None
    word = tokens[i + 1].lower
    if word in ("few", "handful"):
        scale, j = _magnitude(tokens, i + 2, False)
        low, high = _FEW[word]
        return Number(low * scale, high * scale, scale, 1, i, j, vague=True)
    if word == "couple":
        return Number(2.0, 2.0, 1.0, 1, i, i + 2)
    if word in _TIME_UNITS and _follows(tokens, i + 1, "and", "a", "half"):
        return Number(1.0, 1.0, 0.1, 2, i, i + 1)
    scale, j = _magnitude(tokens, i + 1, False)
    if j == i + 1:
        return None
    if word != "dozen":
        value, j, _ = _cardinal_words(tokens, i + 1)
        place, digits = last_place(value, 0)
        if tokens[j : j + 3] and [t.lower for t in tokens[j : j + 3]] == ["and", "a", "half"]:
            value, place, digits, j = value * 1.5, place / 10, 2, j + 3
        return Number(value, value, place, digits, i, j, magnitude=value >= 1e6)
    return Number(scale, scale, 1.0, 2, i, j)


def _follows(tokens: list[Token], i: int, *words: str) -> bool:
    return tuple(token.lower for token in tokens[i + 1 : i + 1 + len(words)]) == words


def read_fraction(tokens: list[Token], i: int) -> tuple[float, int] | None:
    """A share of a whole at token i in percent, and the next index: "half", "a fifth", "two thirds", "one in five"."""
    word = tokens[i].lower
    if word in _GLYPHS:
        return 100 * _GLYPHS[word], i + 1
    if word == "half" and not _follows(tokens, i, "a"):
        return (50.0, i + 1) if _is_share(tokens, i, i + 1) else None
    if word == "quarter" and i and tokens[i - 1].lower in ("one", "nearly", "almost", "about", "roughly"):
        return (25.0, i + 1) if _is_share(tokens, i, i + 1) else None
    if word in ("a", "an", "one") or word in _UNITS:
        count = 1 if word in ("a", "an") else _UNITS[word]
        j = i + 2 if _follows(tokens, i, "-") else i + 1
        if j < len(tokens) and tokens[j].lower in _PARTS and _is_share(tokens, i, j + 1):
            size = _PARTS[tokens[j].lower]
            return (100.0 * count / size, j + 1) if count <= size else None
    return _in_every(tokens, i)


def _is_share(tokens: list[Token], i: int, j: int) -> bool:
    """Whether the fraction words up to j are a share of something, not an ordinal ("a third person")."""
    if j >= len(tokens) or tokens[j].sort == "sign":
        return tokens[j - 1].lower != "quarter" or i == 0 or tokens[i].lower not in ("the",)
    plural = tokens[j - 1].lower.endswith("s") or tokens[j - 1].lower == "half"
    after = tokens[j].lower
    return after in ("of", "as", "the", "its", "their", "his", "her", "more", "less", "is", "are", "were", "was") or (
        plural and after not in ("hour", "time", "way")
    )


def _in_every(tokens: list[Token], i: int) -> tuple[float, int] | None:
    """Read "one in five", "three out of ten", "3 in every 10": a share of a round group of at most 1,000."""
    part = _small(tokens, i)
    if part is None:
        return None
    words = [token.lower for token in tokens[i + 1 : i + 4]]
    skip = 3 if words[:2] == ["out", "of"] or words[:2] == ["in", "every"] else 2 if words[:1] == ["in"] else 0
    whole = _small(tokens, i + skip) if skip and i + skip < len(tokens) else None
    if whole is None or not 0 < part < whole <= 1000:
        return None
    if skip == 2 and (whole not in (3, 4, 5, 6, 8, 10, 20, 100, 1000) or not _counts_things(tokens, i + skip)):
        return None
    if skip == 3 and words[0] == "out" and not _counts_things(tokens, i + skip):
        return None
    return 100.0 * part / whole, i + skip + 1


def _counts_things(tokens: list[Token], i: int) -> bool:
    """Whether a word other than a unit of time follows token i ("one in five voters", not "first in five months")."""
    if i + 1 >= len(tokens) or tokens[i + 1].sort != "word":
        return False
    word = tokens[i + 1].lower
    if not (word.endswith("s") or word in ("people", "men", "women", "children", "adults", "of")):
        return False
    return not word.startswith(("year", "month", "week", "day", "hour", "minute", "decade"))


def _small(tokens: list[Token], i: int) -> float | None:
    token = tokens[i]
    if token.sort == "number":
        return float(token.text) if token.text.isdigit() and len(token.text) <= 4 else None
    value = _UNITS.get(token.lower, _TENS.get(token.lower))
    return None if value is None else float(value)


def read_ordinal(tokens: list[Token], i: int) -> tuple[int, int] | None:
    """The ordinal at token i ("third", "twenty-first", "42nd") and the next index, or None."""
    token = tokens[i]
    if token.sort == "number":
        touching = i + 1 < len(tokens) and tokens[i + 1].start == token.end
        if touching and token.text.isdigit() and tokens[i + 1].lower in _ORDINAL_ENDINGS:
            return int(token.text), i + 2
        return None
    if token.lower in _ORDINAL_UNITS:
        return _ORDINAL_UNITS[token.lower], i + 1
    if token.lower in _TENS and _follows(tokens, i, "-") and i + 2 < len(tokens):
        unit = _ORDINAL_UNITS.get(tokens[i + 2].lower, 10)
        return (_TENS[token.lower] + unit, i + 3) if unit < 10 else None
    return None
