"""The head of a file, well made or not."""

from __future__ import annotations

from datetime import date

import pytest

from factcheck.corpus.frontmatter import FrontMatter, find_date, split_front_matter, split_publisher

BODY = "Two ports signed."


def test_front_matter_of_a_saved_page() -> None:
    text = (
        '---\ntitle: "Ports sign: what now? | Coast Press"\nsource: https://coast.example/a?id=1\n'
        "date: 2026-02-05T08:00:00Z\nauthor:\n  - Jane Roe\nword_count: 12\n---\n\n" + BODY
    )
    assert split_front_matter(text) == (
        FrontMatter("Ports sign: what now?", "Coast Press", "https://coast.example/a?id=1", date(2026, 2, 5)),
        f"\n{BODY}",
    )


def test_keys_in_other_words() -> None:
    text = (
        f"---\nTitle: 'It''s over'\nURL: https://c.example\nsource: Coast Press\npublished: Feb. 5, 2026\n---\n{BODY}"
    )
    assert split_front_matter(text) == (
        FrontMatter("It's over", "Coast Press", "https://c.example", date(2026, 2, 5)),
        BODY,
    )


def test_a_named_publisher_goes_before_the_title_suffix() -> None:
    matter, _ = split_front_matter("---\ntitle: Ports sign again - ABC News\npublisher: ABC\n---\n")
    assert matter == FrontMatter("Ports sign again", "ABC")


@pytest.mark.parametrize(
    ("text", "matter", "rest"),
    [
        (BODY, FrontMatter(), BODY),
        (f"---\ntitle: Ports\n{BODY}\nNext: more.", FrontMatter("Ports"), f"{BODY}\nNext: more."),
        (f"---\n{BODY}\n---\nMore.", FrontMatter(), f"{BODY}\nMore."),
        (f"---\ntitle Ports\ndate: someday\n---\n{BODY}", FrontMatter(), f"title Ports\n{BODY}"),
        (f"---\n{BODY}", FrontMatter(), BODY),
        ("---", FrontMatter(), ""),
        (f"---\ndate: 2026-02-31\nurl: javascript:alert(1)\n---\n{BODY}", FrontMatter(), BODY),
        (f"---\ntitle: >\n  Ports sign\n  again\n---\n{BODY}", FrontMatter("Ports sign again"), BODY),
    ],
)
def test_malformed_front_matter_keeps_the_text(text: str, matter: FrontMatter, rest: str) -> None:
    assert split_front_matter(text) == (matter, rest)


@pytest.mark.parametrize(
    ("title", "url", "expected"),
    [
        ("Ports sign a deal - ABC News", "", ("Ports sign a deal", "ABC News")),
        ("Ports sign a deal | Reuters", "", ("Ports sign a deal", "Reuters")),
        ("Ports sign a deal – The Oslo Times", "", ("Ports sign a deal", "The Oslo Times")),
        (
            "Ports sign - with a twist - Havnebladet",
            "https://www.havnebladet.no/a",
            ("Ports sign - with a twist", "Havnebladet"),
        ),
        ("Trade talks in Oslo - Day Two", "", ("Trade talks in Oslo - Day Two", "")),
        ("Covid-19 in Oslo - what we know", "", ("Covid-19 in Oslo - what we know", "")),
        ("Results 2024 | 2025", "", ("Results 2024 | 2025", "")),
        ("Reuters", "", ("Reuters", "")),
    ],
)
def test_publisher_at_the_end_of_a_title(title: str, url: str, expected: tuple[str, str]) -> None:
    assert split_publisher(title, url) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-05", date(2026, 2, 5)),
        ("KYIV, Feb. 5, 2026 (AP) - ", date(2026, 2, 5)),
        ("Published 5th February 2026", date(2026, 2, 5)),
        ("Sept 30 2025", date(2025, 9, 30)),
        ("Feb 5", None),
        ("February 31, 2026", None),
        ("02/05/2026", None),
        ("", None),
    ],
)
def test_full_dates(text: str, expected: date | None) -> None:
    assert find_date(text) == expected
