"""Text into paragraphs, and paragraphs out of their markup."""

from __future__ import annotations

import re
from itertools import pairwise

from factcheck.corpus.cleaning import clean_line

# Text is taken for hard-wrapped if its longest line lies between these; outside, a line is a paragraph.
_MIN_WIDTH, _MAX_WIDTH = 50, 100
_MAX_LONG_SHARE = 0.05
# How full a line must be for the next to be its continuation, when the line stops within a sentence.
_FULL_SHARE = 0.75

BULLET = re.compile(r"(?:[*+•·‣▪◦●–—-]|\(?\d{1,2}[.)])\s+(?=\S)")
_HEADING = re.compile(r"#{1,6}\s+")
_STARTS_BLOCK = re.compile(rf"(?:{BULLET.pattern}|{_HEADING.pattern}|[>|]|={{3,}}$|-{{3,}}$)")
_SENTENCE_END = re.compile(r"""[.!?…:]["'”’)\]*_»]*$|[”"]$""")

# "KYIV, Feb 5 (Reuters) - ", "LONDON -- ", "ABUJA, Nigeria (AP) — "
_DATELINE = re.compile(
    r"[A-Z][A-Z'’.-]+(?:[ /][A-Z'’.-]+){0,3}(?:, [A-Z][A-Za-z.]+(?: [A-Za-z0-9.]+){0,2}){0,2}(?:,? \d{4})?"
    r"(?: \([A-Z][A-Za-z &]{1,20}\))? ?(?:--|[-–—])\s+(?=\S)"
)

LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"()]*\")?\)")
_IMAGE = re.compile(r"!\[[^\[\]]*\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"()]*\")?\)")
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*]*[^\s*])\1(?![\w*])")
_UNDERLINE = re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])([^_]*[^\s_])\1(?!\w)")
_NEW_TAB = re.compile(r",? opens (?:in )?(?:a )?new (?:tab|window)\b", re.IGNORECASE)


def split_paragraphs(text: str) -> list[str]:
    """Paragraphs of cleaned text: at blank lines, and at every line unless the text is hard-wrapped."""
    lines = [clean_line(line) for line in text.split("\n")]
    width = _wrap_width(lines)
    paragraphs: list[list[str]] = []
    previous = ""
    for line in lines:
        if previous and line and width and _continues(previous, line, width):
            paragraphs[-1].append(line)
        elif line:
            paragraphs.append([line])
        previous = line
    return [" ".join(parts) for parts in paragraphs]


def ends_sentence(text: str) -> bool:
    """Whether the text stops as a sentence or a quotation does."""
    return _SENTENCE_END.search(text) is not None


def lead_length(text: str) -> int:
    """Length of the bullet mark and the dateline that the text opens with; 0 without them."""
    at = 0
    for pattern in (BULLET, _DATELINE):
        if match := pattern.match(text, at):
            at = match.end()
    return at


def is_heading(paragraph: str) -> bool:
    """Whether the paragraph is marked as a heading (`#`)."""
    return _HEADING.match(paragraph) is not None


def strip_markup(paragraph: str) -> str:
    """Paragraph without headings' marks, links' addresses, images and emphasis. A bullet's mark stays."""
    text = _HEADING.sub("", re.sub(r"^(?:> ?)+", "", paragraph), count=1)
    text = LINK.sub(r"\1", _IMAGE.sub("", text))
    text = _UNDERLINE.sub(r"\2", _EMPHASIS.sub(r"\2", text))
    return clean_line(_NEW_TAB.sub("", text).replace("`", ""))


def _wrap_width(lines: list[str]) -> int:
    """Width that the text is wrapped at, or 0 if it is not."""
    lengths = [len(line) for line in lines if line and "://" not in line and "](" not in line]
    short = [length for length in lengths if length <= _MAX_WIDTH]
    if not short or len(lengths) - len(short) > _MAX_LONG_SHARE * len(lengths):
        return 0
    width = max(short)
    if width < _MIN_WIDTH:
        return 0
    broken = any(
        len(line) >= _FULL_SHARE * width and not ends_sentence(line) and after[:1].islower()
        for line, after in pairwise(lines)
    )
    return width if broken else 0


def _continues(line: str, after: str, width: int) -> bool:
    """Whether `after` goes on with the paragraph of `line`: its first word would not have fitted any more."""
    if _STARTS_BLOCK.match(after) or is_heading(line):
        return False
    filled = len(line) + 1 + len(after.split(maxsplit=1)[0])
    return filled > width if ends_sentence(line) else filled > _FULL_SHARE * width
