"""Puts an answer on the screen as it comes to be: verdict and evidence, then the summary by sentences."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from factcheck.cli.console import in_colour, note, note_console, show
from factcheck.cli.supervise import set_stage
from factcheck.types import Report, SummarySentence

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    from factcheck.checker import FactChecker

DECIDING = "finding and judging the evidence"
SUMMARISING = "the language model was writing the summary"


class Troubles:
    """What failed on the way to results that stand: each is told once on stderr, and any of them fails the run."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._told)

    def tell(self, report: Report, where: str = "") -> None:
        """Tell what the report brings and was not told yet; `where` goes before it."""
        for trouble in report.trouble:
            if trouble not in self._told:
                note(f"factcheck: {where}{trouble}")
                self._told.add(trouble)


def open_checker(index: Path | None) -> FactChecker:
    """The chain on this index; its remarks go to stderr. Raises FactcheckError."""
    set_stage("opening the index and the models")
    from factcheck.checker import FactChecker

    return FactChecker.open(index, note=note)


def print_verdict(console: Console, report: Report) -> None:
    """Show all but the summary."""
    from factcheck.report.terminal import render_verdict

    show(console, render_verdict(report, console.width, colour=in_colour(console)))


def print_summary(console: Console, checker: FactChecker, report: Report) -> Report:
    """Have the summary written and show each sentence once it is checked. Returns the finished report."""
    from factcheck.report.terminal import render_summary_heading, render_summary_sentence

    set_stage(SUMMARISING)
    status = _waiting() if report.verdict.evidence else None
    shown = 0

    def on_sentence(sentence: SummarySentence) -> None:
        nonlocal shown
        heading = [] if shown else [render_summary_heading()]
        shown += 1
        if status:
            status.stop()
        show(console, *heading, render_summary_sentence(sentence, console.width))
        if status:
            status.start()

    with status or nullcontext():
        return checker.summarise(report, on_sentence)


def print_footer(console: Console, report: Report) -> None:
    """Show what follows the summary."""
    from factcheck.report.terminal import render_footer

    show(console, render_footer(report, console.width))


def _waiting() -> Status | None:
    """A spinner on stderr where that is a terminal."""
    if not sys.stderr.isatty():
        return None
    console = note_console()
    return None if console.is_dumb_terminal else console.status("writing and checking the summary", spinner="dots")
