"""Markdown, HTML, CSV and JSON."""

import csv
import io
import json
from html.parser import HTMLParser

import pytest

from factcheck.report.csv_table import COLUMNS, format_csv_header, format_csv_row
from factcheck.report.html import format_html
from factcheck.report.json_lines import format_json_line
from factcheck.report.markdown import format_markdown
from factcheck.report.words import link, percent, tally
from factcheck.types import Claim, Label
from tests.report.reports import report

ALL = [report(label, summary=True) for label in Label]


class Page(HTMLParser):
    """Tags, links and the text of a page; refuses tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in {"meta", "input"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_of_all_verdicts_is_well_formed_and_escapes_hostile_text() -> None:
    text = format_html(ALL)
    page = Page(text)
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "\x1b" not in text
    assert sorted(set(page.links)) == ["#e1-1", "#e3-1", "https://news.example/a?b=1&c=2"]
    assert "4 claims: 1 supported, 1 refuted, 1 conflicting, 1 not enough information" in page.text


def test_html_offers_the_filter_only_where_verdicts_differ() -> None:
    assert Page(format_html(ALL)).tags.count("input") == 5
    assert Page(format_html(ALL[:1])).tags.count("input") == 0


def test_markdown_of_one_report() -> None:
    assert format_markdown([report(Label.SUPPORTED, "2 * 3 drones [flew] <b>", summary=True)]) == (
        "# Fact check\n"
        "\n"
        "## 2 \\* 3 drones \\[flew\\] \\<b\\>\n"
        "\n"
        "**✓ SUPPORTED** · the sources say so · 97 % sure\n"
        "\n"
        "### For\n"
        "\n"
        "> [1] Kyiv News, 5 February 2026, paragraph 1\n"
        ">\n"
        "> Two people were killed. **Russia launched 183 drones overnight**, Ukraine's air force said, adding that "
        "156 were shot down.\n"
        ">\n"
        "> according to Ukraine's air force\n"
        ">\n"
        "> also in copy.md\n"
        ">\n"
        "> → claim and passage say 183 drones\n"
        "\n"
        "### Summary\n"
        "\n"
        "Russia launched 183 drones. [1] Of them 156 were shot down. [1]\n"
        "\n"
        "### Where to look\n"
        "\n"
        "- [1] [Overnight attack](<https://news.example/a?b=1&c=2>) (kyiv.md)\n"
    )


def test_markdown_neither_links_nor_passes_on_hostile_text() -> None:
    text = format_markdown(ALL)
    assert "](<javascript" not in text
    assert "<script>" not in text
    assert "\\<script\\>alert(1)\\</script\\>" in text


@pytest.mark.parametrize(("start", "escaped"), [("- a", "\\- a"), ("1. a", "1\\. a"), ("+1 a", "\\+1 a")])
def test_markdown_keeps_a_claim_from_becoming_a_list(start: str, escaped: str) -> None:
    assert f"## {escaped}\n" in format_markdown([report(Label.REFUTED, start)])


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x"])
def test_csv_never_holds_a_formula(start: str) -> None:
    row = format_csv_row(report(Label.SUPPORTED, start), 7, {"id": 1})
    header, cells = csv.reader(io.StringIO(format_csv_header() + row))
    assert tuple(header) == COLUMNS
    assert cells == [
        "7",
        f"'{start}",
        "SUPPORTED",
        "0.9740",
        "",
        "[1] Russia launched 183 drones overnight (Kyiv News, 5 February 2026, kyiv.md)",
        "",
        "",
        '{"id": 1}',
    ]


def test_json_line_is_one_line_that_no_terminal_obeys_and_that_reads_back() -> None:
    result = report(Label.CONFLICTING).model_copy(update={"claim": Claim(text="a\x9b2Jb\u202ec\u2028d")})
    line = format_json_line(result, {"line": 3})
    assert [char for char in line if char in "\x9b\u202e\u2028\x1b\n"] == []
    assert json.loads(line) == {**result.to_json_object(), "line": 3}


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("HTTP://a.example", "HTTP://a.example"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://a.example/<b>", ""),
        ("https://", ""),
        ("http://[bad", ""),
    ],
)
def test_only_web_addresses_become_links(url: str, safe: str) -> None:
    assert link(url) == safe


def test_rounding_never_claims_certainty() -> None:
    assert [percent(p) for p in (0.0, 0.5, 0.984, 0.9999, 1.0)] == ["0 %", "50 %", "98 %", "99 %", "100 %"]


def test_tally_names_every_verdict() -> None:
    assert tally([Label.REFUTED]) == "1 claim: 0 supported, 1 refuted, 0 conflicting, 0 not enough information"
