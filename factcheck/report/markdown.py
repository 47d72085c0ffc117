"""Reports as Markdown (CommonMark), readable as plain text too."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    tally,
    verdict_meaning,
)
from factcheck.types import Document, Evidence, Label, Report, Stance

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&$])")
_BLOCK_START = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))")


def format_markdown(reports: Sequence[Report]) -> str:
    """A document with one section a report, ending in a line break; several are preceded by their tally."""
    head = "# Fact check\n\n"
    if len(reports) != 1:
        head += f"{tally(report.verdict.label for report in reports)}.\n\n"
    return head + "\n".join(_section(report) for report in reports)


def _section(report: Report) -> str:
    verdict = report.verdict
    sure = "" if verdict.label is Label.NOT_ENOUGH_INFO else f" · {percent(verdict.confidence)} sure"
    headline = f"**{LABEL_SIGNS[verdict.label]} {LABEL_NAMES[verdict.label]}** · {verdict_meaning(report)}{sure}"
    blocks = [f"## {_escaped(report.claim.text)}", headline]
    if verdict.parts:
        blocks.append(
            "\n".join(
                f"- {LABEL_SIGNS[p.label]} {_escaped(p.text)} {citation_marks(p.citations)}".rstrip()
                for p in verdict.parts
            )
        )
    blocks += [_escaped(note) for note in verdict.notes]
    for stance in Stance:
        if items := by_stance(verdict.evidence, stance):
            blocks.append(f"### {STANCE_HEADINGS[stance]}")
            blocks += [_evidence(item) for item in items]
    if report.summary:
        sentences = (f"{_escaped(s.text)} {citation_marks(s.citations)}" for s in report.summary)
        blocks += ["### Summary", " ".join(sentences)]
        blocks += filter(None, [_italic(summary_note(report))])
    if verdict.evidence:
        lines = (_source(document, numbers) for document, numbers in by_document(verdict.evidence))
        blocks += ["### Where to look", "\n".join(lines)]
    return "\n\n".join(blocks) + "\n"


def _evidence(item: Evidence) -> str:
    before, quote, after = (_escaped(part) for part in excerpt(item))
    words = f"{before}{_bold(quote)}{after}"
    lines = [f"> {citation_marks([item.id])} {_escaped(source_line(item))}", ">", f"> {words}"]
    details = [_escaped(line) for line in (speaker_line(item), also_in_line(item)) if line]
    details += [f"→ {_escaped(reason)}" for reason in item.reasons]
    for detail in details:
        lines += [">", f"> {detail}"]
    return "\n".join(lines)


def _source(document: Document, numbers: Sequence[int]) -> str:
    url = link(document.url)
    title = _escaped(document.title or document.name)
    target = f"[{title}](<{url}>)" if url else title
    name = f" ({_escaped(document.name)})" if document.title else ""
    return f"- {citation_marks(numbers)} {target}{name}"


def _bold(text: str) -> str:
    """Bold needs its marks next to the words: white space at the ends is put outside them."""
    words = text.strip()
    lead, _, tail = text.partition(words) if words else ("", "", text)
    return f"{lead}**{words}**{tail}" if words else text


def _italic(text: str) -> str:
    return f"*{_escaped(text)}*" if text else ""


def _escaped(text: str) -> str:
    """The text on one line, without anything that Markdown or HTML would interpret."""
    return _BLOCK_START.sub(_unblocked, _SPECIAL.sub(r"\\\1", plain(text)))


def _unblocked(start: re.Match[str]) -> str:
    """A list mark or underline at the start of a line, as mere text; digits keep theirs out of the escape."""
    return f"{start[1]}{start[2]}\\" if start[2].isdigit() else f"{start[1]}\\{start[2]}"
