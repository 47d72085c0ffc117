import io

import pytest
from rich.console import Console, RenderableType

from factcheck.cli.console import show
from factcheck.report.terminal import (
    render_evidence,
    render_footer,
    render_summary_heading,
    render_summary_sentence,
    render_verdict,
)
from factcheck.types import Cause, Label, Report, Verdict
from tests.report.reports import AGAINST_HOSTILE, FOR, SENTENCES, report


def drawn(*parts: RenderableType, width: int = 80, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=colour, no_color=not colour, markup=False, highlight=False)
    show(console, *parts)
    return out.getvalue()


def whole(result: Report, width: int) -> str:
    sentences = [render_summary_sentence(sentence, width) for sentence in result.summary]
    heading = [render_summary_heading()] if sentences else []
    verdict = render_verdict(result, width, colour=False)
    return drawn(verdict, *heading, *sentences, render_footer(result, width), width=width)


def test_supported_claim_at_80_columns_without_colour() -> None:
    assert whole(report(Label.SUPPORTED, summary=True), 80) == (
        "✓ SUPPORTED · the sources say so · 97 % sure\n"
        "  Russia launched 183 drones.\n"
        "\n"
        "For\n"
        "  [1] Kyiv News, 5 February 2026, paragraph 1\n"
        "      Two people were killed. «Russia launched 183 drones overnight», Ukraine's\n"
        "      air force said, adding that 156 were shot down.\n"
        "      according to Ukraine's air force\n"
        "      also in copy.md\n"
        "      → claim and passage say 183 drones\n"
        "\n"
        "Summary\n"
        "  Russia launched 183 drones. [1]\n"
        "  Of them 156 were shot down. [1]\n"
        "\n"
        "Where to look\n"
        "  [1] Overnight attack\n"
        "      https://news.example/a?b=1&c=2\n"
        "      kyiv.md\n"
        "\n"
        "mini · judge · tiny-llm · LLM on cpu · 0.1\N{NO-BREAK SPACE}s\n"
    )


def test_both_sides_stand_next_to_each_other_in_a_wide_terminal_only() -> None:
    result = report(Label.CONFLICTING)
    wide = drawn(render_verdict(result, 120, colour=False), width=120).splitlines()
    narrow = drawn(render_verdict(result, 99, colour=False), width=99).splitlines()
    assert "For" + " " * 59 + "Against" in wide
    assert [line for line in narrow if line in {"For", "Against"}] == ["For", "Against"]


@pytest.mark.parametrize("width", [20, 40, 80, 99, 100, 120, 250])
def test_no_line_but_an_address_is_longer_than_the_terminal(width: int) -> None:
    lines = whole(report(Label.CONFLICTING, "A long claim about drones. " * 20), width).splitlines()
    assert [line for line in lines if len(line) > width and "https://" not in line] == []


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    assert drawn(render_evidence(AGAINST_HOSTILE, 80, colour=False)) == (
        "  [3] <script>alert(1)</script>, paragraph 3\n"
        "      Red [bold]text[/bold] «said 5 drones <img src=x onerror=alert(1)>»\n"
    )
    coloured = drawn(render_verdict(report(Label.CONFLICTING), 80, colour=True), colour=True)
    assert "\x1b[31mRed" not in coloured
    assert "[bold]text[/bold]" in coloured


def test_quoted_words_are_bold_in_colour_and_between_marks_without() -> None:
    assert "\x1b[1mRussia launched 183 drones overnight" in drawn(
        render_evidence(FOR, 100, colour=True), width=100, colour=True
    )
    assert "«Russia launched 183 drones overnight»" in drawn(render_evidence(FOR, 100, colour=False), width=100)


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (Cause.NO_PASSAGES, "the sources hold no passage to compare it with"),
        (Cause.OFF_TOPIC, "none of the sources is about this"),
        (Cause.RELATED_BUT_SILENT, "the sources touch on it but do not say whether it is so"),
        (Cause.NOT_CHECKABLE, "this is a question, an opinion or a command, not a statement of fact"),
    ],
)
def test_missing_verdict_gives_its_cause_in_words(cause: Cause, words: str) -> None:
    verdict = Verdict(label=Label.NOT_ENOUGH_INFO, confidence=0.6, cause=cause)
    result = report(Label.NOT_ENOUGH_INFO).model_copy(update={"verdict": verdict})
    text = drawn(render_verdict(result, 120, colour=False), width=120)
    assert text == f"? NOT ENOUGH INFORMATION · {words}\n  Russia launched 183 drones.\n"


def test_summary_sentence_shows_its_citations() -> None:
    assert drawn(render_summary_sentence(SENTENCES[0], 80)) == "  Russia launched 183 drones. [1]\n"
