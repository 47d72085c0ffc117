"""A report on a terminal, as rich renderables.

The verdict stands first, then the evidence for and against (side by side where there is room), then the
summary and where to look. Colour is an addition: without it, quotation marks show what is quoted.
All text from outside is put into rich.text.Text, which never interprets markup.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from factcheck.report.escape import plain
from factcheck.report.words import (
    LABEL_NAMES,
    LABEL_SIGNS,
    STANCE_HEADINGS,
    also_in_line,
    by_document,
    by_stance,
    citation_marks,
    excerpt,
    link,
    percent,
    source_line,
    speaker_line,
    summary_note,
    verdict_meaning,
)
from factcheck.types import Evidence, Label, PartVerdict, Report, Stance, SummarySentence

WIDE = 100  # columns from which both sides fit next to each other
MEASURE = 96  # columns of running text that are still read with ease

_LABEL_COLOURS = {
    Label.SUPPORTED: "green",
    Label.REFUTED: "red",
    Label.CONFLICTING: "yellow",
    Label.NOT_ENOUGH_INFO: "blue",
}
_STANCE_COLOURS = {Stance.SUPPORTS: "green", Stance.REFUTES: "red", Stance.NEUTRAL: "blue"}
_QUIET = "dim"


def render_verdict(report: Report, width: int, *, colour: bool) -> RenderableType:
    """Claim, verdict and evidence: all that is known before the summary is written.

    `width` in columns; `colour` false puts quotation marks where colour would have shown the quoted words.
    """
    verdict = report.verdict
    sides = [by_stance(verdict.evidence, stance) for stance in (Stance.SUPPORTS, Stance.REFUTES)]
    parts = [_headline(report, width)]
    parts += [_indented(_part(part), width) for part in verdict.parts]
    parts += [_indented(Text(plain(note)), width) for note in verdict.notes]
    if all(sides) and width >= WIDE:
        parts += [Text(), _side_by_side(sides, width, colour)]
    else:
        for items in filter(None, sides):
            parts += [Text(), _one_side(items, width, colour)]
    if not any(sides) and verdict.evidence:
        parts += [Text(), _one_side(list(verdict.evidence), width, colour)]
    return Group(*parts)


def render_summary_heading() -> RenderableType:
    """What stands before the first sentence of the summary."""
    return Group(Text(), Text("Summary", "bold"))


def render_summary_sentence(sentence: SummarySentence, width: int) -> RenderableType:
    """One sentence of the summary with its citations."""
    text = Text(plain(sentence.text)).append(f" {citation_marks(sentence.citations)}", "cyan")
    return _indented(text, width)


def render_footer(report: Report, width: int) -> RenderableType:
    """What follows the summary: where it comes from, where to look, and what it took."""
    parts: list[RenderableType] = []
    if report.summary and (note := summary_note(report)):
        parts.append(_indented(Text(note, _QUIET), width))
    if report.verdict.evidence:
        parts += [Text(), Text("Where to look", "bold"), _sources(report.verdict.evidence, width)]
    parts += [Text(), Text(_cost(report), _QUIET)]
    return Group(*parts)


def render_evidence(item: Evidence, width: int, *, colour: bool) -> RenderableType:
    """One piece of evidence with its whole paragraph, the quoted words marked."""
    return _indented(_evidence(item, colour, context=len(item.passage.text)), width)


def _headline(report: Report, width: int) -> RenderableType:
    label = report.verdict.label
    line = Text.assemble((f"{LABEL_SIGNS[label]} {LABEL_NAMES[label]}", f"bold {_LABEL_COLOURS[label]}"))
    line.append(f" · {verdict_meaning(report)}")
    if label is not Label.NOT_ENOUGH_INFO:
        line.append(f" · {percent(report.verdict.confidence)} sure", _QUIET)
    return Group(line, _indented(Text(plain(report.claim.text), "bold"), width))


def _part(part: PartVerdict) -> Text:
    """One fact of the claim with its own verdict."""
    line = Text(f"{LABEL_SIGNS[part.label]} ", _LABEL_COLOURS[part.label]).append(plain(part.text), "default")
    return line.append(f" {citation_marks(part.citations)}", "cyan") if part.citations else line


def _indented(content: RenderableType, width: int) -> RenderableType:
    return Padding(content, (0, max(0, width - MEASURE - 2), 0, 2))


def _side_by_side(sides: Sequence[Sequence[Evidence]], width: int, colour: bool) -> RenderableType:
    gap = 4
    column = (min(width, 2 * MEASURE) - gap) // 2
    grid = Table.grid(padding=(0, gap, 0, 0))
    for _ in sides:
        grid.add_column(width=column)
    grid.add_row(*(_one_side(items, column, colour) for items in sides))
    return grid


def _one_side(items: Sequence[Evidence], width: int, colour: bool) -> RenderableType:
    stance = items[0].stance
    parts: list[RenderableType] = [Text(STANCE_HEADINGS[stance], f"bold {_STANCE_COLOURS[stance]}")]
    for number, item in enumerate(items):
        parts += [Text()] if number else []
        parts.append(_indented(_evidence(item, colour), width))
    return Group(*parts)


def _evidence(item: Evidence, colour: bool, context: int | None = None) -> RenderableType:
    """Number in the margin; source, words and reasons beside it."""
    body: list[Text] = [Text(source_line(item), "cyan"), _quotation(item, colour, context)]
    body += [Text(line, _QUIET) for line in (speaker_line(item), also_in_line(item)) if line]
    body += [Text(f"→ {plain(reason)}") for reason in item.reasons]
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(Text(f"[{item.id}]", "cyan"), Group(*body))
    return grid


def _quotation(item: Evidence, colour: bool, context: int | None) -> Text:
    before, quote, after = excerpt(item) if context is None else excerpt(item, context)
    marked = (quote, "bold") if colour else f"«{quote}»"
    return Text.assemble((before, _QUIET), marked, (after, _QUIET))


def _sources(evidence: Sequence[Evidence], width: int) -> RenderableType:
    """Titles are cut to the width; addresses stay whole on their line, to be clicked or copied."""
    documents = [(citation_marks(numbers), document) for document, numbers in by_document(evidence)]
    margin = max(len(marks) for marks, _ in documents) + 3
    parts = []
    for marks, document in documents:
        lines = [plain(document.title), link(document.url), plain(document.name)]
        for number, line in enumerate(dict.fromkeys(filter(None, lines))):
            text = Text(line, no_wrap=True, overflow="ignore")
            if line == lines[0]:
                text.truncate(max(10, width - margin), overflow="ellipsis")
            mark = Text(f"  {'' if number else marks}".ljust(margin), "cyan", no_wrap=True, overflow="ignore")
            parts.append(mark.append_text(Text.assemble(text, style="default")))
    return Group(*parts)


def _cost(report: Report) -> str:
    """Models and time, in one quiet line."""
    models = report.models
    names = [name for name in dict.fromkeys((models.encoder, models.verifier, models.reviewer, models.llm)) if name]
    device = [f"LLM on {models.device}"] if models.llm and models.device else []
    seconds = sum(report.timings_ms.values()) / 1000
    return plain(" · ".join([*names, *device, f"{seconds:.1f}\N{NO-BREAK SPACE}s"]))
