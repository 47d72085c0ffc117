"""`factcheck check`: checks the claims of the command line or of standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from factcheck.claims import read_claim
from factcheck.cli.answer import (
    DECIDING,
    SUMMARISING,
    Troubles,
    open_checker,
    print_footer,
    print_summary,
    print_verdict,
)
from factcheck.cli.console import note, result_console
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
from factcheck.cli.supervise import set_stage
from factcheck.errors import InputError
from factcheck.settings import MAX_FILE_BYTES, Mode
from factcheck.types import Claim, Label, Report

if TYPE_CHECKING:
    from factcheck.checker import CheckOptions, FactChecker


def check(
    claims: Annotated[
        list[str] | None,
        typer.Argument(metavar="CLAIM", help="Statements to check. Without any: standard input, one a line."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a claim, one a line.")] = False,
    no_summary: Annotated[bool, typer.Option("--no-summary", help="Stop at verdict and evidence.")] = False,
    mode: ModeOption = Mode.AUTO,
    top_k: TopKOption = TOP_K,
    source: SourceOption = None,
    as_of: AsOfOption = None,
    index: IndexOption = None,
    exit_zero: ExitZeroOption = False,
) -> int:
    """Check claims against the indexed sources, and cite every sentence of the answer.

    Without a claim on a terminal, asks for one claim after another. Exits with 0 if every claim is SUPPORTED,
    with 1 if one is not, with 2 if something failed.
    """
    day = read_day(as_of)
    asked = [_claim_or_why(text, day, number, len(claims or ())) for number, text in enumerate(claims or (), 1)]
    if asked and all(isinstance(claim, str) for claim in asked):
        *others, last = map(str, asked)
        for why in others:
            note(f"factcheck: {why}")
        raise InputError(last)
    if sys.stdin is None and not asked:
        raise InputError('there is no claim and no standard input; give a claim: factcheck "CLAIM"')
    from factcheck.checker import CheckOptions

    options = CheckOptions(mode=mode, top_k=top_k, source=source)
    if not asked and sys.stdin.isatty():
        from factcheck.cli.repl import repl

        return repl(options, day, index, summary=not no_summary)
    with closing(open_checker(index)) as checker:
        run = _Run(checker, options, as_json=as_json, summary=not no_summary)
        run.answer(iter(asked) if asked else _claims_of_stdin(day))
    return run.status(exit_zero)


class _Run:
    """Answers claims one after the other, and remembers how it went."""

    def __init__(self, checker: FactChecker, options: CheckOptions, *, as_json: bool, summary: bool) -> None:
        self._checker = checker
        self._options = options
        self._json = as_json
        self._summary = summary
        self._labels: list[Label] = []
        self._failed = False
        self._troubles = Troubles()
        if summary:
            checker.preload()

    def answer(self, claims: Iterator[Claim | str]) -> None:
        """Check every claim, and tell of every string: it says why a line is none. Raises FactcheckError."""
        for claim in claims:
            if isinstance(claim, str):
                note(f"factcheck: {claim}")
                self._failed = True
                continue
            set_stage(DECIDING)
            (report,) = self._checker.decide([claim], self._options)
            report = self._print_json(report) if self._json else self._print(report)
            self._labels.append(report.verdict.label)
            self._troubles.tell(report)
        if not self._labels and not self._failed:
            raise InputError("standard input holds no claim; write one a line")

    def status(self, exit_zero: bool) -> int:
        """The exit status: 2 if something failed, 1 if a claim is not SUPPORTED, else 0."""
        if self._failed or self._troubles:
            return 2
        return 0 if exit_zero or all(label is Label.SUPPORTED for label in self._labels) else 1

    def _print_json(self, report: Report) -> Report:
        from factcheck.report.json_lines import format_json_line

        if self._summary:
            set_stage(SUMMARISING)
            report = self._checker.summarise(report)
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        sys.stdout.write(format_json_line(report) + "\n")
        sys.stdout.flush()
        return report

    def _print(self, report: Report) -> Report:
        console = result_console()
        if self._labels:
            console.print()
        print_verdict(console, report)
        if self._summary:
            report = print_summary(console, self._checker, report)
        print_footer(console, report)
        return report


def _claim_or_why(text: str, day: date | None, number: int, total: int) -> Claim | str:
    """The claim of an argument, or what is wrong with it; the others are checked all the same."""
    try:
        return read_claim(text, day)
    except InputError as error:
        return str(error) if total == 1 else f"claim {number}: {error}"


def _claims_of_stdin(day: date | None) -> Iterator[Claim | str]:
    """The claims on standard input as they arrive; for a line that is none, what is wrong with it."""
    stream = sys.stdin.buffer
    number = 0
    while line := stream.readline(MAX_FILE_BYTES):
        number += 1
        try:
            text = line.decode("utf-8-sig")
            if text.strip():
                yield read_claim(text, day)
        except UnicodeDecodeError:
            yield f"line {number} of standard input is not UTF-8"
        except InputError as error:
            yield f"line {number} of standard input: {error}"
