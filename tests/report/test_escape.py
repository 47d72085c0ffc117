from hypothesis import given
from hypothesis import strategies as st

from factcheck.report.escape import plain


def test_escape_sequences_are_removed_whole() -> None:
    assert plain("\x1b[31mred\x1b[0m \x1b]0;title\x07and \x1b]8;;http://x\x1b\\link\x9b2J end") == "red and link end"


def test_line_breaks_and_tabs_become_spaces() -> None:
    assert plain("one\ntwo\r\nthree\tfour\u2028five") == "one two three four five"


def test_bidirectional_and_invisible_controls_are_removed() -> None:
    assert plain("a\u202eb\u2066c\u200fd\ufeffe\U000e0041f") == "abcdef"


def test_ordinary_text_of_any_script_is_kept() -> None:
    text = "Zażółć «gęślą» jaźń — Київ 東京 👩\u200d🚀"
    assert plain(text) == text


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    assert not [char for char in plain(text) if ord(char) < 32 or 127 <= ord(char) < 160]
