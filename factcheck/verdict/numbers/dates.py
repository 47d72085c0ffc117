"""Dates, years, decades, weekdays and times of day in a text, as ranges of days.

Relative words ("Thursday", "yesterday", "last month") are resolved against the day of publication
(`factcheck.verdict.numbers.anchored`). Without that day a weekday stays a weekday and the other relative words are
passed over. Both orders of day and month are read where a month is named; 05/02/2026 is not.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_left
from dataclasses import replace
from datetime import date

from factcheck.verdict.numbers.anchored import find_anchored, with_years
from factcheck.verdict.numbers.calendar import (
    Days,
    century,
    day,
    decade,
    month,
    month_number,
    narrowed,
    quarter,
    season,
    two_digit_end,
    year,
)
from factcheck.verdict.numbers.labels import looks_plural
from factcheck.verdict.numbers.tokens import Token, word_set
from factcheck.verdict.numbers.types import Bound, Kind, Mention, Role
from factcheck.verdict.numbers.values import read_ordinal

_MONTH = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)?|apr(?:il|\.)?|may|june?|july?|aug(?:ust|\.)?"
    r"|sept?(?:ember|\.)?|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)(?![a-z])"
)
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_NTH = r"(?:st|nd|rd|th)?"
_YEAR = r"(?:1\d{3}|20\d\d)(?![\d%]|[,.]\d)"
_PATTERN = re.compile(
    rf"""\b(?:
    (?P<iso>(?P<iso_y>\d{{4}})-(?P<iso_m>\d\d)-(?P<iso_d>\d\d)\b)
  | (?P<dot>(?P<dot_d>\d\d?)\.(?P<dot_m>\d\d?)\.(?P<dot_y>\d{{4}})\b)
  | (?P<dmy>(?:{_WEEKDAY},?\s+)?(?P<dmy_d>\d\d?){_NTH}(?:\s*[-–—]\s*(?P<dmy_e>\d\d?){_NTH})?\s+(?:of\s+)?
        (?P<dmy_m>{_MONTH})(?:,?\s+(?P<dmy_y>{_YEAR}))?)
  | (?P<mdy>(?:{_WEEKDAY},?\s+)?(?P<mdy_m>{_MONTH})\s+(?:the\s+)?(?P<mdy_d>\d\d?)(?![\d%]|[,.:]\d){_NTH}
        (?:\s*[-–—]\s*(?P<mdy_e>\d\d?)(?!\d){_NTH})?(?:,?\s+(?P<mdy_y>{_YEAR}))?)
  | (?P<my>(?P<my_m>{_MONTH}),?\s+(?:of\s+)?(?P<my_y>{_YEAR}))
  | (?P<season>(?P<season_n>spring|summer|autumn|fall|winter)\s+(?:of\s+)?(?P<season_y>{_YEAR}))
  | (?P<part>(?P<part_n>q[1-4]|(?:first|second|third|fourth|1st|2nd|3rd|4th)\s+(?P<part_k>quarter|half))\s+
        (?:of\s+)?(?P<part_y>{_YEAR}))
  | (?P<span>(?P<span_a>1\d{{3}}|20\d\d)\s?[-–—/]\s?(?P<span_b>{_YEAR}|\d\d)(?![\d%]|[,.]\d))
  | (?P<decade>(?P<decade_y>(?:1\d|20)\d0)['’]?s\b)
  | (?P<century>(?P<century_n>\d\d?(?:st|nd|rd|th)|[a-z]+(?:-[a-z]+)?)[\s-]century\b)
  | (?P<time>(?P<time_h>[01]?\d|2[0-3])(?:[:.](?P<time_m>[0-5]\d))?\s?(?P<time_x>[ap]\.m\.|[ap]m\b)
        |(?P<clock_h>[01]?\d|2[0-3]):(?P<clock_m>[0-5]\d)\b(?!:)|(?P<noon>noon|midnight)\b)
  | (?P<year>{_YEAR})(?!\s*(?:bc|bce|ad)\b)
  | (?P<month>{_MONTH})
  | (?P<weekday>(?:(?:last|next)\s+)?{_WEEKDAY}\b)
  | (?P<relative>yesterday|today|tonight|tomorrow|overnight|last\s+night|this\s+(?:morning|afternoon|evening)
        |(?:last|this|next)\s+(?:year|month|week)\b)
  )""",
    re.VERBOSE | re.IGNORECASE,
)
_TRIGGER = re.compile(
    rf"\d|{_MONTH}|{_WEEKDAY}|century|noon|midnight|yesterday|today|to(?:night|morrow)|overnight|last|this|next",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"(?:(?<!\w)(?P<bound>before|prior\s+to|earlier\s+than|no\s+later\s+than|by\s+the\s+end\s+of|by|until|till|through"
    r"|up\s+to|after|later\s+than|following|since|from|starting(?:\s+(?:in|on))?|around|about|circa|ca?\.|not\s+before|as\s+of)"
    r"(?:\s+(?:the\s+year|the|after|before))?)?"
    r"\s*(?P<part>(?:the\s+)?(?:early|mid|late|start\s+of|beginning\s+of|middle\s+of|end\s+of)[\s-]*(?:the\s+)?)?\s*$",
    re.IGNORECASE,
)
_PREFIX_CHARS = 40
_BOUNDS: dict[str, tuple[Bound, Role]] = {
    "before": (Bound.LESS, Role.NONE),
    "prior to": (Bound.LESS, Role.NONE),
    "earlier than": (Bound.LESS, Role.NONE),
    "no later than": (Bound.AT_MOST, Role.NONE),
    "by the end of": (Bound.AT_MOST, Role.NONE),
    "by": (Bound.AT_MOST, Role.NONE),
    "after": (Bound.MORE, Role.NONE),
    "later than": (Bound.MORE, Role.NONE),
    "following": (Bound.MORE, Role.NONE),
    "not before": (Bound.AT_LEAST, Role.NONE),
    "until": (Bound.PLAIN, Role.TO),
    "till": (Bound.PLAIN, Role.TO),
    "through": (Bound.PLAIN, Role.TO),
    "up to": (Bound.PLAIN, Role.TO),
    "since": (Bound.PLAIN, Role.FROM),
    "from": (Bound.PLAIN, Role.FROM),
    "starting": (Bound.PLAIN, Role.FROM),
    "as of": (Bound.PLAIN, Role.NONE),
    "starting in": (Bound.PLAIN, Role.FROM),
    "starting on": (Bound.PLAIN, Role.FROM),
    "around": (Bound.ABOUT, Role.NONE),
    "about": (Bound.ABOUT, Role.NONE),
    "circa": (Bound.ABOUT, Role.NONE),
    "ca.": (Bound.ABOUT, Role.NONE),
    "c.": (Bound.ABOUT, Role.NONE),
}
_MONTH_LEADS = re.compile(
    r"\b(?:in|since|until|till|last|this|next|by|of|early|mid|late|from|to|during|through|before|after|between|and|"
    r"each|every)[\s-]+$",
    re.IGNORECASE,
)
_COUNT_LEADS = word_set("of by to about over than around nearly almost some least most roughly approximately")
_AMOUNT_LEADS = frozenset({"than", "under", "over", "least", "most", "nearly", "almost"})
_COUNTING_VERBS = word_set("were are had has have reported with recorded registered there confirmed of")
_AFTER_YEARS = word_set("in and or the when as by on at with for to he she it they was were had")
_JOINTS = frozenset({"and", "to", "until", "till", "through", "-", "–", "—"})


def find_dates(text: str, tokens: list[Token], published: date | None) -> list[Mention]:
    """Every date, year, weekday and time of day of `text`, in order, without overlaps."""
    if not _TRIGGER.search(text):
        return []
    starts = [token.start for token in tokens]
    found = []
    for match in _PATTERN.finditer(text):
        mention = _read(text, match, published)
        if mention is None:
            continue
        first = bisect_left(starts, mention.start)
        mention = replace(mention, first=first, last=bisect_left(starts, mention.end))
        if match.lastgroup == "year" and (_is_count(tokens, mention) or _is_quoted(text, mention)):
            continue
        found.append(_with_prefix(text, mention))
    return with_years(text, _joined(text, tokens, found), published)


def _read(text: str, match: re.Match[str], published: date | None) -> Mention | None:
    kind = match.lastgroup or ""
    if kind in ("weekday", "relative"):
        return find_anchored(text, match, kind, published)
    if kind == "time":
        return _time(match)
    if kind == "month" and not (match.group()[0].isupper() and _MONTH_LEADS.search(text[: match.start()][-12:])):
        return None
    if kind in ("year", "span") and match.start() and text[match.start() - 1] in "$€£.,-/":
        return None
    days = _days(match, kind)
    if days is None:
        return None
    return Mention(
        Kind.DATE,
        *(days.low, days.high),
        *(match.start(), match.end(), 0, 0),
        dimension=days.grain,
        bound=Bound.RANGE if kind == "span" else Bound.PLAIN,
        yearless=days.yearless,
    )


def _days(match: re.Match[str], kind: str) -> Days | None:
    """The days that an absolute date covers; None where the calendar has no such date."""
    group = match.group
    try:
        if kind in ("iso", "dot"):
            return day(int(group(f"{kind}_y")), int(group(f"{kind}_m")), int(group(f"{kind}_d")))
        if kind in ("dmy", "mdy"):
            written = group(f"{kind}_y")
            number = month_number(group(f"{kind}_m"))
            until = group(f"{kind}_e")
            return day(
                int(written) if written else None, number, int(group(f"{kind}_d")), int(until) if until else None
            )
        if kind == "my":
            return month(int(group("my_y")), month_number(group("my_m")))
        if kind == "month":
            return month(None, month_number(group()))
        if kind == "season":
            return season(int(group("season_y")), group("season_n").lower())
        if kind == "part":
            return quarter(int(group("part_y")), group("part_n").lower())
        if kind == "span":
            first = int(group("span_a"))
            return year(first, two_digit_end(first, group("span_b")))
        if kind == "decade":
            return decade(int(group("decade_y")))
        if kind == "century":
            return _century(group("century_n"))
        return year(int(group("year")))
    except ValueError:
        return None


def _century(words: str) -> Days | None:
    tokens = [Token(part, part.lower(), 0, len(part), "word") for part in re.findall(r"[^\W\d]+|\d+|-", words)]
    if tokens[0].text.isdigit():
        return century(int(tokens[0].text))
    ordinal = read_ordinal(tokens, 0)
    return century(ordinal[0]) if ordinal else None


def _time(match: re.Match[str]) -> Mention:
    if match.group("noon"):
        minutes = 720 if match.group("noon").lower() == "noon" else 0
    elif match.group("clock_h"):
        minutes = int(match.group("clock_h")) * 60 + int(match.group("clock_m"))
    else:
        hour = int(match.group("time_h")) % 12 + (12 if match.group("time_x").lower().startswith("p") else 0)
        minutes = hour * 60 + int(match.group("time_m") or 0)
    return Mention(Kind.TIME, minutes, minutes, match.start(), match.end(), 0, 0)


def _is_count(tokens: list[Token], mention: Mention) -> bool:
    """Whether four digits that look like a year count things: "of 1500 people", "1200 km", "1914 dollars"."""
    after = tokens[mention.last] if mention.last < len(tokens) else None
    if after is None or after.sort != "word":
        return after is not None and after.lower in ("°", "%")
    before = tokens[mention.first - 1].lower if mention.first else ""
    plural = after.lower.endswith("s") and not after.lower.endswith(("ss", "us", "is")) and after.text[0].islower()
    plural = plural and after.lower not in ("was", "has", "as", "does", "sales")
    plural = plural or after.lower in ("people", "men", "women", "children", "million", "km", "kg", "m", "troops")
    if before in _AMOUNT_LEADS and after.lower not in _AFTER_YEARS:
        return True
    if before in _COUNTING_VERBS and any(
        looks_plural(token.lower) for token in tokens[mention.last : mention.last + 3]
    ):
        return True
    if not plural:
        return False
    return before in _COUNT_LEADS or not (before in ("the", "in", "since", "s", "their", "its") or mention.low < 1800)


def _is_quoted(text: str, mention: Mention) -> bool:
    """Whether the digits are all that stands in quotation marks: a title."""
    return text[mention.start - 1 : mention.start] in ('"', "“") and text[mention.end : mention.end + 1] in ('"', "”")


def limit_start(text: str, start: int) -> int:
    """Where the words before a date at `start` begin that make it a limit ("before"), or `start`."""
    context = max(0, start - _PREFIX_CHARS)
    match = _PREFIX.search(text[context:start])
    return context + match.start("bound") if match is not None and match.group("bound") else start


def _with_prefix(text: str, mention: Mention) -> Mention:
    """The mention with the preposition before it read as a bound ("before", "since", "early", "end of")."""
    if mention.kind not in (Kind.DATE, Kind.TIME):
        return mention
    match = _PREFIX.search(text[max(0, mention.start - _PREFIX_CHARS) : mention.start])
    if match is None:
        return mention
    if match.group("part") and mention.kind is Kind.DATE:
        low, high = narrowed(int(mention.low), int(mention.high), match.group("part").lower())
        mention = replace(mention, low=low, high=high, dimension="part of " + mention.dimension)
    word = " ".join((match.group("bound") or "").lower().split())
    if word not in _BOUNDS:
        return mention
    bound, role = _BOUNDS[word]
    if word == "as of":
        return replace(mention, unit=word)
    return replace(mention, bound=bound if mention.bound is Bound.PLAIN else mention.bound, role=role)


def _joined(text: str, tokens: list[Token], mentions: list[Mention]) -> list[Mention]:
    """Pairs "from A to B", "between A and B", "A – B" as one range; a life's "(date – date)" as birth and death."""
    out: list[Mention] = []
    for mention in mentions:
        previous = out[-1] if out else None
        if previous is None or not _is_pair(text, tokens, previous, mention):
            out.append(mention)
            continue
        dash = tokens[previous.last].lower in ("-", "–", "—")
        opened = _in_parentheses(tokens, previous.first)
        if dash and opened and previous.dimension == mention.dimension == "day" and not previous.yearless:
            out[-1] = replace(previous, unit="birth")
            out.append(replace(mention, unit="death", role=Role.NONE))
            continue
        low = previous.low
        if previous.yearless and not mention.yearless:
            low = _in_year_of(previous.low, mention.high)
        out[-1] = replace(
            mention, low=low, start=previous.start, first=previous.first, bound=Bound.RANGE, role=Role.NONE
        )
    return out


def _is_pair(text: str, tokens: list[Token], one: Mention, two: Mention) -> bool:
    """Whether only a joint ("and", "to", a dash) stands between two dates, of which the second is the later."""
    if one.kind is not Kind.DATE or two.kind is not Kind.DATE or one.bound is Bound.RANGE:
        return False
    if two.low < one.low and (two.yearless or not one.yearless):
        return False
    between = [token.lower for token in tokens[one.last : two.first]]
    if not between or between[0] not in _JOINTS or len(between) > 3:
        return False
    if between[0] == "and":
        return bool(re.search(r"\bbetween\s+(?:the\s+|early\s+|late\s+|mid-?)*$", text[: one.start][-30:], re.I))
    return between[0] in ("-", "–", "—") or one.role is Role.FROM


def _in_parentheses(tokens: list[Token], i: int) -> bool:
    signs = [token.lower for token in tokens[max(0, i - 25) : i] if token.lower in "()"]
    return signs[-1:] == ["("]


def _in_year_of(low: float, high: float) -> int:
    """The month and day of `low` (in a year of no meaning) in the year of `high`."""
    end = date.fromordinal(int(high))
    start = date.fromordinal(int(low))
    last = calendar.monthrange(end.year, start.month)[1]
    candidate = date(end.year, start.month, min(start.day, last))
    return (candidate if candidate <= end else candidate.replace(year=end.year - 1, day=min(start.day, 28))).toordinal()
