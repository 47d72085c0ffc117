"""Where a paragraph ends."""

from __future__ import annotations

import textwrap

from factcheck.corpus.paragraphs import split_paragraphs

FIRST = (
    "The harbour reopened on Monday after a week of repairs, the port authority said. Two ferries sailed in the "
    "morning and carried 430 passengers to the island, where a crowd waited for them in the rain."
)
SECOND = (
    "Engineers will inspect the third pier in March, and until then no lorries may cross it at all, the notice says."
)


def test_blank_lines_part_paragraphs() -> None:
    assert split_paragraphs(f"{FIRST}\n\n \n{SECOND}\n") == [FIRST, SECOND]


def test_a_line_is_a_paragraph_where_lines_are_not_wrapped() -> None:
    assert split_paragraphs(f"{FIRST}\n{SECOND}\nShort one.\nShort two.") == [FIRST, SECOND, "Short one.", "Short two."]
    assert split_paragraphs("It rained.\nIt stopped.\nThe pier held.") == [
        "It rained.",
        "It stopped.",
        "The pier held.",
    ]


def test_wrapped_lines_are_joined() -> None:
    for width in (60, 72, 80):
        wrapped = "\n\n".join(textwrap.fill(paragraph, width) for paragraph in (FIRST, SECOND))
        assert split_paragraphs(wrapped) == [FIRST, SECOND]


def test_wrapped_bullets_and_headings_stay_apart() -> None:
    bullets = [f"* {FIRST}", f"- {SECOND}"]
    wrapped = "## The pier\n" + "\n".join(textwrap.fill(item, 72, subsequent_indent="  ") for item in bullets)
    assert split_paragraphs(wrapped) == ["## The pier", *bullets]


def test_a_list_of_headlines_is_not_joined() -> None:
    lines = [
        "Storm to hit the coast in a rare winter blow, forecasters warn again",
        "Thousands march against the new ferry prices in the capital on Sunday",
        "Ports sign a deal on pilots after years of quarrels over the channel",
    ]
    assert split_paragraphs("\n".join(lines)) == lines


def test_nothing_gives_no_paragraphs() -> None:
    assert split_paragraphs("") == []
    assert split_paragraphs("\n \n") == []
