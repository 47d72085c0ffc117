"""Bytes into text that is safe to store and show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.corpus.cleaning import clean_line, clean_text, decode


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"], ids=lambda encoding: str(encoding)
)
def test_character_sets_that_can_be_told_apart(encoding: str) -> None:
    text = "The café’s 3 € menu – “good”."
    assert decode(text.encode(encoding)) == text


def test_a_damaged_byte_does_not_turn_utf8_into_mojibake() -> None:
    assert decode("naïve café – ".encode() + b"\xff end") == "naïve café – \ufffd end"


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF\x00\x01",
        b"\xff\xd8\xff\xe0\x10JFIF\x01\x02\x81",
        b"\xff\xfea",
        "Порт открыт в понедельник".encode("cp1251"),
        "港は月曜日に再開した".encode("shift_jis"),
        b"\x81\x8d\x8f",
    ],
)
def test_other_bytes_are_no_text(data: bytes) -> None:
    assert decode(data) is None


def test_line_ends_become_newlines() -> None:
    assert clean_text("a\r\nb\rc\x85d\u2028e\x0cf") == "a\nb\nc\nd\ne\nf"


def test_terminal_escapes_and_invisible_characters_go() -> None:
    text = "\x1b[31mred\x1b[0m \x1b]0;title\x07bell\x07 \x9b2Jc1 zero\u200bwidth \u202eflip\u2069 so\u00adft \ufeffmark"
    assert clean_text(text) == "red bell c1 zerowidth flip soft mark"


def test_blanks_become_single_spaces() -> None:
    assert clean_line("  a\u00a0\u2009b\t c\n d ") == "a b c d"


@given(st.text(st.characters() | st.sampled_from(list("\x1b[]\x9b;0m\x07\\")), max_size=60))
def test_no_control_character_survives(text: str) -> None:
    cleaned = clean_text(text)
    assert all(c == "\n" or c == "\t" or unicodedata.category(c) not in ("Cc", "Cs") for c in cleaned)
    assert clean_text(cleaned) == cleaned
