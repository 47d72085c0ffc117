"""What a saved news page holds besides its report: links, advertisements, captions, teasers, bios.

Each paragraph gets a kind from its own words (`py` and `captions.py` hold the patterns); then kinds and
neighbours decide. A doubtful paragraph of prose is kept: evidence lost is worse than a stray line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto

from factcheck.corpus.captions import is_caption, is_credit, reads_like_caption
from factcheck.corpus.noise import is_author_bio, is_end, is_noise, is_teaser_heading
from factcheck.corpus.paragraphs import BULLET, LINK, ends_sentence, is_heading, strip_markup

# An unpunctuated line of so few words is a sub-heading or a button, not a statement.
_MAX_LABEL_WORDS = 5
# A closing line ("Reporting by ...") ends the report only after this much of it.
_MIN_BEFORE_END = 3
_MAX_NOISE_CHARS = 400
_MAX_CREDIT_CHARS = 120
_MAX_CAPTION_CHARS = 600


class _Kind(Enum):
    PROSE = auto()
    LINE = auto()  # no full stop: a headline, a summary's bullet, a bare caption
    LABEL = auto()  # sub-heading or button
    NOISE = auto()
    ANCHOR = auto()  # a link without text, as teasers' pictures leave it
    CREDIT = auto()  # who took or sent the picture above
    CAPTION = auto()
    TEASERS = auto()  # heading of a list of other stories
    END = auto()  # nothing of the report follows


def drop_boilerplate(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Keep the report's own paragraphs, in order and without markup; empty if there are none."""
    texts = [strip_markup(paragraph) for paragraph in paragraphs]
    kinds = [_kind(raw, text) for raw, text in zip(paragraphs, texts, strict=True)]
    kept: list[str] = []
    in_teasers = False
    for i, (text, kind) in enumerate(zip(texts, kinds, strict=True)):
        if kind is _Kind.END and len(kept) >= _MIN_BEFORE_END:
            break
        if kind is _Kind.TEASERS:
            in_teasers = True
        elif kind is _Kind.PROSE:
            in_teasers = False
            if not (_next(kinds, i) is _Kind.CREDIT and len(text) <= _MAX_CAPTION_CHARS and reads_like_caption(text)):
                kept.append(text)
        elif kind is _Kind.LINE and not in_teasers and not _is_teaser_or_caption(text, kinds, i):
            kept.append(text)
    return _without_bios(kept)


def _kind(raw: str, text: str) -> _Kind:
    if not re.search(r"\w", text):
        return _Kind.ANCHOR if LINK.search(raw) else _Kind.NOISE
    if len(text) <= _MAX_NOISE_CHARS:
        if is_end(text):
            return _Kind.END
        if is_teaser_heading(text):
            return _Kind.TEASERS
        if is_noise(text) or _only_links(raw):
            return _Kind.NOISE
    if len(text) <= _MAX_CREDIT_CHARS and is_credit(text):
        return _Kind.CREDIT
    if len(text) <= _MAX_CAPTION_CHARS and is_caption(text):
        return _Kind.CAPTION
    if ends_sentence(text) and not text.endswith(":"):
        return _Kind.PROSE
    return _Kind.LABEL if _is_label(raw, text) else _Kind.LINE


def _only_links(raw: str) -> bool:
    """Whether hardly a word of the paragraph stands outside its links."""
    if not LINK.search(raw):
        return False
    outside = BULLET.sub("", LINK.sub("", raw), count=1)
    return len(re.findall(r"\w+", outside)) <= 2


def _is_label(raw: str, text: str) -> bool:
    if re.search(r"\d", text) or re.search(r":\s+\w", text):
        return False
    if BULLET.match(text) and not is_heading(raw):
        return len(text.split()) <= 3
    return len(text.split()) <= _MAX_LABEL_WORDS


def _next(kinds: Sequence[_Kind], i: int) -> _Kind | None:
    return kinds[i + 1] if i + 1 < len(kinds) else None


def _is_teaser_or_caption(text: str, kinds: Sequence[_Kind], i: int) -> bool:
    """Whether an unpunctuated line belongs to the picture or the link beside it."""
    if BULLET.match(text):
        return False
    before = kinds[i - 1] if i else None
    if _Kind.ANCHOR in (before, _next(kinds, i)):
        return True
    return _next(kinds, i) in (_Kind.CREDIT, _Kind.CAPTION)


def _without_bios(kept: list[str]) -> tuple[str, ...]:
    """Take away the notes about the authors at the end."""
    while kept and is_author_bio(kept[-1]):
        kept.pop()
    return tuple(kept)
