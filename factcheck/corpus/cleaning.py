"""From bytes to plain text: character sets, line ends, blanks, characters that must not reach a terminal."""

from __future__ import annotations

import codecs
import re

_BYTE_ORDER_MARKS = (  # UTF-32 first: its little-endian mark begins with the one of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A Western text seldom has more accented letters than this; mojibake of another script has far more.
_MAX_HIGH_SHARE = 0.3

_ANSI = re.compile(
    r"\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # operating system command: window titles, links
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # control sequence: colours, cursor
    r"|\x1b[ -/]*[0-~]?"
)
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_BLANK = re.compile("[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def decode(data: bytes) -> str | None:
    """Text of the bytes, or None if they are not text.

    UTF-8, UTF-16 and UTF-32 with a byte order mark, UTF-8 with a few damaged bytes (shown as U+FFFD), else
    Windows-1252 if that gives a plausible Western text. Other character sets cannot be told apart safely.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                return None
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_damaged_utf8(data) or _decode_western(data)


def _decode_damaged_utf8(data: bytes) -> str | None:
    text = data.decode("utf-8-sig", errors="replace")
    damaged = text.count("\ufffd")
    intact = sum(character > "\x7f" for character in text) - damaged
    return text if intact > 2 * damaged else None


def _decode_western(data: bytes) -> str | None:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    controls = sum(character < " " and character not in "\t\n\r\f\x1b" for character in text)
    high = sum(character > "\x7f" for character in text)
    return text if controls == 0 and high <= _MAX_HIGH_SHARE * len(text) else None


def clean_text(text: str) -> str:
    r"""Text with `\n` line ends and without terminal escapes, control and invisible characters."""
    return _INVISIBLE.sub("", _LINE_END.sub("\n", _ANSI.sub("", text)))


def clean_line(text: str) -> str:
    """`clean_text` in one line, with single blanks and none at the ends."""
    return _BLANK.sub(" ", clean_text(text).replace("\n", " ")).strip()
