"""Front matter: the block between two `---` lines at the head of a file, with flat `key: value` lines.

Read line by line rather than by a YAML parser: saved web pages often carry titles with bare colons or odd
quotes, which are no YAML, and a malformed block must not cost the text under it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - `date` is a field name below
from urllib.parse import urlsplit

from factcheck.corpus.cleaning import clean_line

_MAX_LINES = 60
_FENCE = re.compile(r"---+\s*$|\.\.\.\s*$")
_KEY = re.compile(r"([A-Za-z][\w-]{0,30})\s*:(?:\s+|$)(.*)")
_TITLE_KEYS = ("title", "headline")
_PUBLISHER_KEYS = ("publisher", "site", "site_name", "sitename", "outlet", "source")
_URL_KEYS = ("url", "source", "link", "canonical", "source_url")
_DATE_KEYS = ("date", "published", "date_published", "pubdate", "publish_date")
_KNOWN_KEYS = {*_TITLE_KEYS, *_PUBLISHER_KEYS, *_URL_KEYS, *_DATE_KEYS} | {
    "description",
    "author",
    "authors",
    "word_count",
    "tags",
    "language",
    "summary",
    "updated",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})")
_MONTH_FIRST = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? {_MONTH},? (\d{{4}})\b", re.IGNORECASE)
_SUFFIX = re.compile(r"^(.{8,})\s+([|–—-])\s+([^|–—]{2,40})$")
_PUBLISHER_WORD = re.compile(
    r"\b(news|times|post|guardian|journal|herald|tribune|press|daily|telegraph|independent|today|magazine|gazette|review"
    r"|chronicle|observer|reuters|bloomberg|bbc|cnn|cbc|npr|pbs|afp|wikipedia|al jazeera|politico|axios)\b"
    r"|\.(com|org|net)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FrontMatter:
    """What the head of a file says about it; empty where it says nothing."""

    title: str = ""
    publisher: str = ""
    url: str = ""
    date: Date | None = None


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """Part the front matter from the text under it. Lines that are no front matter stay in the text."""
    lines = text.lstrip("\n").split("\n")
    if not _FENCE.match(lines[0]):
        return FrontMatter(), text
    close = next((i for i, line in enumerate(lines[1:_MAX_LINES], 1) if _FENCE.match(line)), None)
    if close is None:
        fields, rest = _unclosed_fields(lines[1:])
    else:
        fields, stray = _fields(lines[1:close])
        rest = [*stray, *lines[close + 1 :]]
    return _front_matter(fields), "\n".join(rest)


def split_publisher(title: str, url: str = "") -> tuple[str, str]:
    """Title without the publisher at its end, and the publisher: `T - ABC News` gives `T`, `ABC News`.

    What follows a dash is a publisher only if it has a publisher's word or is the name in the URL's host.
    """
    match = _SUFFIX.match(title)
    if match is None or len(match[3].split()) > 5:
        return title, ""
    head, mark, publisher = match[1].strip(), match[2], match[3].strip()
    squeezed = re.sub(r"\W", "", publisher).lower()
    in_host = len(squeezed) > 2 and squeezed in re.sub(r"\W", "", urlsplit(url).netloc).lower()
    named = bool(_PUBLISHER_WORD.search(publisher)) and publisher[0].isupper()
    if in_host or named or (mark == "|" and publisher[0].isupper() and not re.search(r"\d", publisher)):
        return head, publisher
    return title, ""


def find_date(text: str) -> Date | None:
    """Find the first full date in the text (`2026-02-05`, `Feb. 5, 2026`, `5 February 2026`), or None."""
    if match := _ISO_DATE.search(text):
        return _date(match[1], int(match[2]), match[3])
    if match := _MONTH_FIRST.search(text):
        return _date(match[3], _month(match[1]), match[2])
    if match := _DAY_FIRST.search(text):
        return _date(match[3], _month(match[2]), match[1])
    return None


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _date(year: str, month: int, day: str) -> Date | None:
    try:
        return Date(int(year), month, int(day))
    except ValueError:
        return None


def _fields(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Keys in lower case with their values, and the lines that are neither fields nor parts of one."""
    fields: dict[str, str] = {}
    stray: list[str] = []
    key = ""
    for line in lines:
        if match := _KEY.match(line):
            key = match[1].lower().replace("-", "_")
            fields.setdefault(key, match[2].strip())
        elif key and line[:1].isspace() and line.strip() and not line.lstrip().startswith("- "):
            fields[key] = f"{fields[key]} {line.strip()}".strip()  # a long value, folded
        elif line.strip() and not line.lstrip().startswith(("- ", "#")):
            stray.append(line)
    return fields, stray


def _unclosed_fields(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Without the closing fence only keys that front matter is known to have are taken from the text."""
    count = 0
    for line in lines:
        match = _KEY.match(line)
        if match is None or match[1].lower() not in _KNOWN_KEYS:
            break
        count += 1
    return _fields(lines[:count])[0], lines[count:]


def _front_matter(fields: dict[str, str]) -> FrontMatter:
    values = {key: clean_line(_unquoted(value)) for key, value in fields.items()}
    url = next((values[key] for key in _URL_KEYS if _is_url(values.get(key, ""))), "")
    title = next((values[key] for key in _TITLE_KEYS if values.get(key)), "")
    title, suffix = split_publisher(title, url)
    named = next((values[key] for key in _PUBLISHER_KEYS if values.get(key) and not _is_url(values[key])), "")
    date = next((found for key in _DATE_KEYS if (found := find_date(values.get(key, "")))), None)
    return FrontMatter(title, named or suffix, url, date)


def _is_url(value: str) -> bool:
    return re.match(r"https?://\S+$", value) is not None


def _unquoted(value: str) -> str:
    value = re.sub(r"^[>|][+-]?(\s+|$)", "", value)  # the mark of a block value
    for quote in "\"'":
        if len(value) >= 2 and value[0] == value[-1] == quote:
            return value[1:-1].replace(f"\\{quote}", quote).replace(quote * 2, quote)
    return value
