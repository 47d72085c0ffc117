"""`factcheck batch`: checks every claim of a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from factcheck.cli.answer import Troubles, open_checker
from factcheck.cli.batch_input import STDIN, BadLine, Row, read_rows
from factcheck.cli.batch_output import Finished, Form, Output, form_of, read_finished
from factcheck.cli.console import note, note_console
from factcheck.cli.options import (
    TOP_K,
    AsOfOption,
    ExitZeroOption,
    IndexOption,
    ModeOption,
    SourceOption,
    TopKOption,
    read_day,
)
from factcheck.errors import ConfigError
from factcheck.report.words import tally
from factcheck.settings import Mode
from factcheck.types import Label

if TYPE_CHECKING:
    from factcheck.checker import CheckOptions, FactChecker

_LINES_NAMED = 10


def batch(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Claims: .txt, one a line; .csv; .jsonl; or - for standard input."),
    ],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="OUT", help="Write here rather than to standard output."),
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--format", help="How to write; else as OUT's suffix says, else jsonl.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with OUT where a jsonl run broke off.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=64, help="Worker processes, each with its own models.")] = 1,
    summary: Annotated[
        bool,
        typer.Option("--summary/--no-summary", help="Have the language model write summaries, too (slow)."),
    ] = False,
    mode: ModeOption = Mode.AUTO,
    top_k: TopKOption = TOP_K,
    source: SourceOption = None,
    as_of: AsOfOption = None,
    index: IndexOption = None,
    exit_zero: ExitZeroOption = False,
) -> int:
    """Check every claim of a file. Lines that hold no claim are reported; the rest is checked.

    Exits with 0 if every claim is SUPPORTED, with 1 if one is not, with 2 if something failed or a line could
    not be read.
    """
    from factcheck.checker import CheckOptions

    options = CheckOptions(mode=mode, top_k=top_k, source=source, in_bulk=True)
    if out is not None and out.exists() and file.exists() and out.samefile(file):
        raise ConfigError(f"{out} is the file of claims; give another file with -o")
    lines = read_rows(file, read_day(as_of))
    rows = [line for line in lines if isinstance(line, Row)]
    bad = [line for line in lines if isinstance(line, BadLine)]
    form = form_of(out, form)
    finished = read_finished(out, form) if resume else {}
    output = Output(out, form, resume=resume)
    for line in bad:
        note(f"factcheck: {'standard input' if file == STDIN else file}, line {line.line}: {line.message}")
    todo = [row for row in rows if (row.line, row.claim.text) not in finished]
    labels = [label for row in rows if (label := finished.get((row.line, row.claim.text)))]
    troubles = Troubles()
    try:
        _check_rows(todo, output, labels, troubles, partial(open_checker, index), options, jobs=jobs, summary=summary)
    finally:
        output.close()
        if (labels or not todo) and not isinstance(sys.exception(), BrokenPipeError):
            note(_closing(labels, bad, len(rows), finished))
    if bad or troubles:
        return 2
    return 0 if exit_zero or all(label is Label.SUPPORTED for label in labels) else 1


def _check_rows(
    rows: Sequence[Row],
    output: Output,
    labels: list[Label],
    troubles: Troubles,
    opener: Callable[[], FactChecker],
    options: CheckOptions,
    *,
    jobs: int,
    summary: bool,
) -> None:
    """Check the rows, write each result and add its label: after an error, the labels tell how far it came."""
    from factcheck.cli.batch_pool import check_claims

    claims = [row.claim for row in rows]
    on_screen = output.is_stdout and sys.stdout.isatty()
    with (
        closing(check_claims(claims, opener, options, jobs=jobs, summary=summary)) as reports,
        _progress(len(rows), shown=not on_screen) as advance,
    ):
        for row, report in zip(rows, reports, strict=True):
            output.write(row, report)
            labels.append(report.verdict.label)
            troubles.tell(report, f"line {row.line}: ")
            advance()


def _closing(labels: Sequence[Label], bad: Sequence[BadLine], total: int, finished: Finished) -> str:
    """The tally of all claims with a verdict, and what is missing."""
    parts = [tally(labels)]
    if finished:
        parts.append(f"{len(finished)} of them from an earlier run")
    if len(labels) < total:
        parts.append(f"{total - len(labels)} not reached")
    if bad:
        numbers = ", ".join(str(line.line) for line in bad[:_LINES_NAMED])
        more = f" and {len(bad) - _LINES_NAMED} more" if len(bad) > _LINES_NAMED else ""
        lines = "1 line" if len(bad) == 1 else f"{len(bad)} lines"
        parts.append(f"{lines} could not be read (line{'' if len(bad) == 1 else 's'} {numbers}{more})")
    return "; ".join(parts)


@contextmanager
def _progress(total: int, *, shown: bool) -> Iterator[Callable[[], None]]:
    """A bar on stderr with rate and time left, if that is a terminal; gives what counts one claim as done."""
    if not (shown and total and sys.stderr.isatty()):
        yield lambda: None
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.2f} claims/s" if task.speed else "")

    columns = (BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=note_console(), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda: progress.advance(task)
