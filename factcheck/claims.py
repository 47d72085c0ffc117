"""Reads a claim from untrusted text."""

from __future__ import annotations

import unicodedata
from datetime import date

from factcheck.errors import InputError
from factcheck.report.escape import plain
from factcheck.settings import MAX_CLAIM_CHARS
from factcheck.types import Claim

MAX_STRAY_CONTROLS = 3  # what a careless copy brings along; more is not text that somebody wrote
_ESC = "\x1b"


def read_claim(text: str, as_of: date | None = None) -> Claim:
    """The claim that the text states: one line, in Unicode form NFC, without control characters.

    Raises InputError where the text is empty, longer than MAX_CLAIM_CHARS, or not plain text.
    """
    text = text.strip()
    if len(text) > MAX_CLAIM_CHARS:
        raise InputError(
            f"the claim has {len(text):,} characters; at most {MAX_CLAIM_CHARS:,} can be checked: shorten it"
        )
    controls = sum(_is_control(char) for char in text)
    if _ESC in text or controls > MAX_STRAY_CONTROLS:
        raise InputError("the claim holds control characters; give it as plain text")
    if any(unicodedata.category(char) == "Cs" for char in text):  # what undecodable bytes leave
        raise InputError("the claim is not valid UTF-8 text; give it in UTF-8")
    line = " ".join(plain(unicodedata.normalize("NFC", text)).split())
    if not any(_is_visible(char) for char in line):
        raise InputError("the claim is empty; write one sentence that can be true or false")
    return Claim(text=line, as_of=as_of)


def _is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc" and not char.isspace()


def _is_visible(char: str) -> bool:
    return not char.isspace() and unicodedata.category(char) != "Cf"
