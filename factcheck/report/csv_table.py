"""Reports as a table for a spreadsheet, one claim a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from factcheck.report.escape import plain
from factcheck.report.json_lines import dump_line
from factcheck.report.words import by_stance, citation_marks, day, source_name
from factcheck.types import Evidence, Report, Stance

COLUMNS = ("line", "claim", "verdict", "confidence", "cause", "for", "against", "summary", "input")
_FORMULA_STARTS = ("=", "+", "-", "@")


def format_csv_header() -> str:
    """The first line, with its line break."""
    return _line(COLUMNS)


def format_csv_row(report: Report, line: int, extra: Mapping[str, Any] | None = None) -> str:
    """One row with its line break; `extra` is what the input said beside the claim, kept as JSON."""
    verdict = report.verdict
    cells = (
        str(line),
        report.claim.text,
        verdict.label.value,
        f"{verdict.confidence:.4f}",
        verdict.cause.value if verdict.cause else "",
        _quotations(by_stance(verdict.evidence, Stance.SUPPORTS)),
        _quotations(by_stance(verdict.evidence, Stance.REFUTES)),
        " ".join(f"{s.text} {citation_marks(s.citations)}" for s in report.summary),
        dump_line(extra) if extra else "",
    )
    return _line(cells)


def _quotations(items: Sequence[Evidence]) -> str:
    return " | ".join(f"[{item.id}] {item.quote} ({_origin(item)})" for item in items)


def _origin(item: Evidence) -> str:
    document = item.passage.document
    return ", ".join(filter(None, (source_name(document), day(document.date), plain(document.name))))


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """The cell on one line, with an apostrophe before what a spreadsheet would run as a formula."""
    text = plain(cell).strip()
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
