"""Rule-made contrast pairs: what the data sets show too seldom.

Each maker takes a pair that is known to be SUPPORTED and changes one thing, so that the new label follows from
the rule: a changed number, date or bound, swapped roles, a negation, a detail that the passage does not give.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

from training.data import Example

SUPPORTED, REFUTED, NEUTRAL = 0, 1, 2

_NUMBER = re.compile(r"(?<![\w.,/–-])\d{1,3}(?:,\d{3})+(?![\w,/–-])|(?<![\w.,/–-])\d+(?:\.\d+)?(?![\w,/–-]|\.\d)")
_BOUND = re.compile(
    r"\b(?:more|less|fewer|over|under|above|below|at least|at most|about|around|nearly|almost|up to|"
    r"before|after|since|until|by|between|from|exceed\w*|than|approximately|roughly|age|aged)\s*[$€£]?$",
    re.IGNORECASE,
)
_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = re.compile(r"\b(" + "|".join(_MONTHS) + r")\b")
_COPULA = re.compile(r"\b(is|was|are|were|has|have|had|will|can|could|would)\b(?! not\b)")
_NAME = re.compile(r"\b[A-Z][\w'’-]+(?:\s+(?:of\s+|the\s+|de\s+)?[A-Z][\w'’-]+)*")
_TAIL = re.compile(r"\s((?:in|on|for|with|by|from|at|near|during|because of|thanks to)\s[^,.;]{4,40})\.?$")
_WORD = re.compile(r"[a-z0-9]+")
_NO_SUBJECTS = {"The", "There", "A", "An", "In", "On", "At", "It", "He", "She", "They", "By", "As", "Less", "More"}
_STAND_INS = ("He", "He", "She", "It", "It")

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(number: int) -> str:
    """A whole number below 1,000 in English words."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    rest = f" and {in_words(number % 100)}" if number % 100 else ""
    return f"{_ONES[number // 100]} hundred{rest}"


def _value(text: str) -> float:
    return float(text.replace(",", ""))


def _written_like(value: float, sample: str) -> str:
    if "." in sample:
        return f"{value:.{len(sample.split('.')[1])}f}"
    return f"{round(value):,}" if "," in sample else str(round(value))


def _is_year(text: str) -> bool:
    return text.isdigit() and len(text) == 4 and 1500 <= int(text) <= 2100


def _shared_number(example: Example, rng: random.Random) -> re.Match[str] | None:
    """A number of the claim that stands in the premise, too, and on which no bound or hedge hangs."""
    held = set(_NUMBER.findall(example.premise))
    found = [
        match
        for match in _NUMBER.finditer(example.claim)
        if match[0] in held and not _BOUND.search(example.claim[max(0, match.start() - 18) : match.start()])
    ]
    return rng.choice(found) if found else None


def _counts_something(claim: str, match: re.Match[str]) -> bool:
    """Whether plain words stand around the number, so that a bound or a number word fits in its place."""
    before, after = claim[: match.start()], claim[match.end() :]
    return bool(re.search(r"\b[a-z]+ $", before)) and bool(re.match(r" [a-z]{3,}", after))


def _with(example: Example, match: re.Match[str], text: str, label: int, source: str) -> Example:
    claim = example.claim[: match.start()] + text + example.claim[match.end() :]
    return Example(claim[0].upper() + claim[1:], example.premise, label, source)


def changed_number(example: Example, rng: random.Random) -> Example | None:
    """Another number in the claim than in the passage: REFUTED."""
    match = _shared_number(example, rng)
    if match is None:
        return None
    value = _value(match[0])
    if _is_year(match[0]):
        new = value + rng.choice([-30, -11, -10, -4, -2, -1, 1, 2, 3, 9, 10, 20])
    elif value < 12:
        new = value + rng.choice([1, 2, 3, 5, 10]) * (1 if value < 4 else rng.choice([1, -0.5]))
    else:
        new = value * rng.choice([0.1, 0.4, 0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 2, 3, 10])
    text = _written_like(new, match[0])
    if text in _NUMBER.findall(example.premise) or new < 0:
        return None
    return _with(example, match, text, REFUTED, "contrast_number")


def bounded_number(example: Example, rng: random.Random) -> Example | None:
    """A bound or a rounding around the passage's number: SUPPORTED or REFUTED as arithmetic says."""
    match = _shared_number(example, rng)
    if match is None or _is_year(match[0]) or _value(match[0]) < 5:
        return None
    if not _counts_something(example.claim, match):
        return None
    value = _value(match[0])
    low, high = value * rng.uniform(0.4, 0.93), value * rng.uniform(1.08, 2.0)
    size = 10 ** max(0, len(str(int(value))) - 2)
    low_text = _written_like(max(1, low // size * size), match[0])
    high_text = _written_like((high // size + 1) * size, match[0])
    above = rng.choice(["more than", "over", "at least", "upwards of"])
    below = rng.choice(["fewer than", "less than", "under", "at most", "no more than"])
    text, label = rng.choice(
        [
            (f"{above} {low_text}", SUPPORTED),
            (f"{above} {high_text}", REFUTED),
            (f"{below} {high_text}", SUPPORTED),
            (f"{below} {low_text}", REFUTED),
            (f"{rng.choice(['about', 'around', 'roughly'])} {_written_like(value, match[0])}", SUPPORTED),
        ]
    )
    return _with(example, match, text, label, "contrast_bound")


def spelled_number(example: Example, rng: random.Random) -> Example | None:
    """The same or another number, in words."""
    match = _shared_number(example, rng)
    if match is None or not match[0].isdigit() or int(match[0]) > 999:
        return None
    if not _counts_something(example.claim, match):
        return None
    value, label = int(match[0]), SUPPORTED
    if rng.random() < 0.5:
        value, label = max(2, value + rng.choice([-7, -3, 2, 4, 10, 30])), REFUTED
    if label == REFUTED and str(value) in _NUMBER.findall(example.premise):
        return None
    return _with(example, match, in_words(value % 1000), label, "contrast_words")


def changed_month(example: Example, rng: random.Random) -> Example | None:
    """Another month than the passage's: REFUTED."""
    match = _MONTH.search(example.claim)
    if match is None or match[0] not in example.premise or (match[0] == "May" and match.start() == 0):
        return None
    other = rng.choice([month for month in _MONTHS if month not in example.premise])
    return _with(example, match, other, REFUTED, "contrast_date")


def swapped_roles(example: Example, rng: random.Random) -> Example | None:
    """Who did it to whom, the wrong way round: REFUTED."""
    names = [m for m in _NAME.finditer(example.claim) if m[0] in example.premise and len(m[0]) > 2]
    if len(names) != 2:
        return None
    first, second = names
    between = example.claim[first.end() : second.start()]
    if re.search(r"\b(and|or|with|is|was|are|were|met|married)\b|^[\s,]*$", between) or len(between) < 5:
        return None
    claim = example.claim[: first.start()] + second[0] + between + first[0] + example.claim[second.end() :]
    return Example(claim, example.premise, REFUTED, "contrast_roles")


def _negated(text: str) -> str | None:
    match = _COPULA.search(text)
    return None if match is None else f"{text[: match.end()]} not{text[match.end() :]}"


def negation(example: Example, rng: random.Random) -> Example | None:
    """A claim or a passage denied, and the two denials beside each other."""
    denied = _negated(example.claim)
    if denied is None or " not " in example.claim or "n't" in example.claim:
        return None
    kind = rng.choice([0, 1, 2, 2, 2, 3])
    if kind == 0:
        return Example(denied, example.premise, REFUTED, "contrast_negation")
    if kind == 1:
        return Example(example.claim, denied, REFUTED, "contrast_negation")
    if kind == 2:
        return Example(denied, denied, SUPPORTED, "contrast_negation")
    return Example(denied, example.claim, REFUTED, "contrast_negation")


class Details:
    """Closing details of claims ("... for ten million dollars"), to be hung on other claims."""

    def __init__(self, examples: list[Example]) -> None:
        tails = [m[1] for e in examples if (m := _TAIL.search(e.claim)) and m[1].count(" ") < 7]
        self._tails = sorted(set(tails))

    def added(self, example: Example, rng: random.Random) -> Example | None:
        """A supported claim with a detail that the passage does not give: NEUTRAL."""
        tail = rng.choice(self._tails)
        words = set(_WORD.findall(tail.lower())) - {"the", "in", "on", "of", "a", "by", "for", "at", "with"}
        in_premise = set(_WORD.findall(example.premise.lower()))
        both_have_numbers = any(c.isdigit() for c in tail) and any(c.isdigit() for c in example.premise)
        if both_have_numbers or words & in_premise or example.claim.count(" ") > 25:
            return None
        return Example(f"{example.claim.rstrip('. ')} {tail}.", example.premise, NEUTRAL, "contrast_detail")


Maker = Callable[[Example, random.Random], Example | None]

# Tried in this order of groups, at random within one: numbers are the rarest and the most wanted.
NUMBER_MAKERS: tuple[Maker, ...] = (
    changed_number,
    bounded_number,
    bounded_number,
    spelled_number,
    changed_month,
)
ROLE_MAKERS: tuple[Maker, ...] = (swapped_roles,)


def contrast_pairs(examples: list[Example], rng: random.Random) -> Iterator[Example]:
    """One changed pair, at most, from each SUPPORTED example of a factual set."""
    details = Details(examples)
    for example in examples:
        if example.label != SUPPORTED or "snli" in example.source:
            continue
        numbers = rng.sample(NUMBER_MAKERS, len(NUMBER_MAKERS))
        last = [rng.choice([negation, details.added])]
        for maker in (*numbers, *ROLE_MAKERS, *last):
            if made := maker(example, rng):
                yield made
                break


def without_context(example: Example, rng: random.Random) -> Example | None:
    """The passage as it reads when torn from its page: the claim's subject is only "he" or "it" there.

    The label stays. Only a name that opens the claim is replaced, wherever the passage gives it in full.
    """
    match = _NAME.match(example.claim)
    if match is None or match[0] not in example.premise or match[0] in _NO_SUBJECTS:
        return None
    rest = example.claim[match.end() :]
    stand_in = "They" if re.match(r" (?:are|were|have)\b", rest) else rng.choice(_STAND_INS)
    first = example.premise.find(match[0])
    opens = first == 0 or example.premise[max(0, first - 2) : first] in (". ", '."')
    head = example.premise[:first] + (stand_in if opens else stand_in[0].lower() + stand_in[1:])
    tail = example.premise[first + len(match[0]) :].replace(match[0], stand_in[0].lower() + stand_in[1:])
    return Example(example.claim, head + tail, example.label, example.source + "+torn")
