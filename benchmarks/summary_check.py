"""A second, simple check of summaries against what they cite.

Written apart from the program's own check, from the JSON contract alone, so that the two do not share
their mistakes. It is literal on purpose: what it reports wants a look, and may be a paraphrase that is
right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ONES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen
"""
DECADES = "twenty thirty forty fifty sixty seventy eighty ninety"
SMALL = {word: n for n, word in enumerate(ONES.split())}
TENS = {word: 10 * n for n, word in enumerate(DECADES.split(), start=2)}
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
MONTH_NAMES = "January February March April May June July August September October November December"
DAY_NAMES = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
CALENDAR = {name[:3].lower(): name for name in (*MONTH_NAMES.split(), *DAY_NAMES.split())}
DEMONYM = re.compile(r"(?:ians?|ans?|ish|ese|is?|s)$")
OPENING_WORDS = """
a according after all also although an and as at because before both but by during each for from he
her his if in it its most neither no none not of on one only other our over she since so some such
that the their there these they this those though to under until we what when where which while who
with
"""
OPENERS = frozenset(OPENING_WORDS.split())

_DIGITS = re.compile(r"\d+(?:[,\u00a0\u202f]\d{3})*(?:\.\d+)?")
_TOKEN = re.compile(r"\d+(?:[,\u00a0\u202f]\d{3})*(?:\.\d+)?|[^\W\d_]+(?:['’][^\W\d_]+)*")
_CALENDAR = re.compile(
    r"\b(?:(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Mon|Tue|Tues|Wed|Thu|Thurs|Fri|Sat|Sun)\b"
    rf"|(?:{'|'.join(CALENDAR.values())})s?\b)"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+|[\"“‘]\s*)$")


@dataclass(frozen=True)
class Fault:
    """Something in a summary sentence that its cited passages do not hold."""

    kind: str  # number, date, name, or citation
    what: str
    sentence: str


def faults(report: Mapping[str, Any]) -> list[Fault]:
    """Check every summary sentence of one result (the JSON contract)."""
    passages = {item["id"]: item["text"] for item in report["evidence"]}
    known_names = {name for text in [report["claim"], *passages.values()] for name in names(text)}
    found: list[Fault] = []
    for sentence in report["summary"]:
        text, cited = sentence["text"], sentence["citations"]
        if not cited:
            found.append(Fault("citation", "none", text))
        found += [Fault("citation", str(n), text) for n in cited if n not in passages]
        source = "\n".join(passages[n] for n in cited if n in passages)
        found += [Fault(kind, what, text) for kind, what in foreign(text, source, known_names)]
    return found


def foreign(text: str, source: str, known_names: Iterable[str] = ()) -> list[tuple[str, str]]:
    """List (kind, words) for numbers, dates and names of `text` that `source` does not hold.

    `known_names` are words that are names for certain, so that they count at the start of a sentence, too.
    """
    there = {value for _, value in numbers(source)}
    figures = [("number", said) for said, value in numbers(text) if value not in there and said.lower() != "one"]
    dates = [("date", name) for name in sorted(calendar(text) - calendar(source))]
    words = {_bare(word).lower() for word in _TOKEN.findall(source)}
    missing = [name for name in names(text, known_names) if not _holds(words, name.lower())]
    return figures + dates + [("name", name) for name in dict.fromkeys(missing)]


def numbers(text: str) -> list[tuple[str, float]]:
    """Find numbers in digits and words, with their values; not ordinals and fractions in words."""
    runs: list[list[str]] = [[]]
    for token in _TOKEN.findall(text.replace("-", " ")):
        run = runs[-1]
        if _continues(run, token):
            run.append(token)
        elif _is_number(token):
            runs.append([token])
        elif run:
            runs.append([])
    return [(" ".join(run), _value(run)) for run in runs if run]


def calendar(text: str) -> set[str]:
    """Collect the months and weekdays named in a text, written out."""
    return {CALENDAR[match[:3].lower()] for match in _CALENDAR.findall(text)}


def names(text: str, known: Iterable[str] = ()) -> list[str]:
    """Find capitalised words; at the start of a sentence only if known, or followed by another one."""
    sure = set(known)
    found: list[str] = []
    matches = [m for m in _TOKEN.finditer(text) if not m[0][0].isdigit()]
    for position, match in enumerate(matches):
        word = _bare(match[0])
        if not word[:1].isupper() or word == "I" or _CALENDAR.fullmatch(word) or _is_number(word):
            continue
        follower = matches[position + 1] if position + 1 < len(matches) else None
        in_a_row = follower is not None and follower[0][0].isupper() and follower.start() == match.end() + 1
        starts = bool(_SENTENCE_START.search(text[: match.start()]))
        if not starts or word in sure or word[1:2].isupper() or (in_a_row and word.lower() not in OPENERS):
            found.append(word)
    return found


def _continues(run: list[str], token: str) -> bool:
    """Whether a number goes on, as in 1.25 + million, two + hundred, hundred + and, twenty + five."""
    if not run:
        return False
    word = token.lower()
    in_words = not any(map(_DIGITS.fullmatch, run))
    return word in SCALES or (in_words and (word in SMALL or word in TENS or _is_and(run, word)))


def _is_and(run: list[str], word: str) -> bool:
    return word == "and" and run[-1].lower() == "hundred"


def _value(run: list[str]) -> float:
    """Value of one number: "two hundred and five thousand" is 205,000."""
    total, part = 0.0, 0.0
    for token in run:
        word = token.lower()
        if word in SCALES:
            part = (part or 1.0) * SCALES[word]
            if SCALES[word] > 100:
                total, part = total + part, 0.0
        elif _DIGITS.fullmatch(word):
            part += float(re.sub(r"[,\u00a0\u202f]", "", word))
        else:
            part += SMALL.get(word, TENS.get(word, 0))
    return round(total + part, 6)


def _is_number(word: str) -> bool:
    lower = word.lower()
    return bool(_DIGITS.fullmatch(word)) or lower in SMALL or lower in TENS or lower in SCALES


def _bare(word: str) -> str:
    """Cut a possessive ending off."""
    return re.sub(r"['’]s?$", "", word)


def _holds(words: set[str], name: str) -> bool:
    """Whether the words hold a name, or one with the same stem: Russia for Russian, Ukraine for Ukrainian."""
    stem = DEMONYM.sub("", name)
    return name in words or (
        stem != name and len(stem) > 3 and any(w.startswith(stem) and len(w) <= len(stem) + 4 for w in words)
    )
