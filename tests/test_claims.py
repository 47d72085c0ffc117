from datetime import date

import pytest

from factcheck.claims import read_claim
from factcheck.errors import InputError
from factcheck.settings import MAX_CLAIM_CHARS
from factcheck.types import Claim


def test_claim_is_trimmed_composed_and_put_on_one_line() -> None:
    assert read_claim("  Cafe\u0301s\n  opened\tearly\x00 ", date(2026, 2, 5)) == Claim(
        text="Caf\u00e9s opened early", as_of=date(2026, 2, 5)
    )


@pytest.mark.parametrize("text", ["", " \n\t", "\x00", "\u200b\u202e"])
def test_claim_with_nothing_to_read_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="the claim is empty"):
        read_claim(text)


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\x00b\x01c\x02d\x03e"])
def test_claim_with_control_characters_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="the claim holds control characters; give it as plain text"):
        read_claim(text)


def test_claim_with_undecodable_bytes_is_refused_rather_than_changed() -> None:
    with pytest.raises(InputError, match="the claim is not valid UTF-8 text; give it in UTF-8"):
        read_claim(b"caf\xe9s opened early".decode("utf-8", errors="surrogateescape"))


def test_overlong_claim_is_refused_with_both_lengths() -> None:
    with pytest.raises(InputError) as caught:
        read_claim("x" * 100_000)
    assert str(caught.value) == "the claim has 100,000 characters; at most 2,000 can be checked: shorten it"
    assert len(read_claim("x" * MAX_CLAIM_CHARS).text) == MAX_CLAIM_CHARS
