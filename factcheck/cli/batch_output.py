"""Writes the results of a batch, and finds out which claims an earlier run has finished."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from factcheck.cli.batch_input import Row
from factcheck.errors import ConfigError, InputError
from factcheck.report.csv_table import format_csv_header, format_csv_row
from factcheck.report.html import format_html
from factcheck.report.json_lines import format_json_line
from factcheck.report.markdown import format_markdown
from factcheck.types import Label, Report

_RESULT_START = b'{"schema_version"'

Finished = dict[tuple[int, str], Label]  # line number and claim text -> verdict


class Form(StrEnum):
    """How results are written."""

    JSONL = "jsonl"
    CSV = "csv"
    MD = "md"
    HTML = "html"


def form_of(path: Path | None, form: Form | None) -> Form:
    """The form asked for, else the one that the file's suffix names, else jsonl."""
    if form is not None:
        return form
    suffix = path.suffix.lower().removeprefix(".") if path else ""
    suffix = {"htm": "html", "markdown": "md", "ndjson": "jsonl"}.get(suffix, suffix)
    return Form(suffix) if suffix in set(Form) else Form.JSONL


def read_finished(path: Path | None, form: Form) -> Finished:
    """What the results file of a broken-off run holds; empty if there is none.

    A last line that was not written to its end is cut off the file. Raises InputError for any other damage, and
    ConfigError for results that no run can go on with.
    """
    if path is None or form is not Form.JSONL:
        raise ConfigError("--resume goes on with a file of jsonl results; name it with -o OUT.jsonl")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    whole = data[: data.rfind(b"\n") + 1]
    finished: Finished = {}
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            result = json.loads(line)
            finished[result["line"], result["claim"]] = Label(result["verdict"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise InputError(f"{path}, line {number} is no result of a batch; give another file with -o") from error
    if rest := data[len(whole) :]:
        if not (rest.startswith(_RESULT_START) or _RESULT_START.startswith(rest)):
            raise InputError(f"{path} ends in what no batch has written; give another file with -o")
        with _writing(str(path)), path.open("r+b") as stream:
            stream.truncate(len(whole))
    return finished


class Output:
    """The results file, or standard output. jsonl and csv are written and flushed a claim at a time."""

    def __init__(self, path: Path | None, form: Form, *, resume: bool = False) -> None:
        """Open the file. Raises ConfigError if it holds something and is not to be resumed."""
        self._name = str(path or "standard output")
        self._form = form
        self._reports: list[Report] = []
        self._stream = self._open(path, resume)
        self._written = 0

    @property
    def is_stdout(self) -> bool:
        """Whether results go to standard output."""
        return self._stream is sys.stdout

    def write(self, row: Row, report: Report) -> None:
        """Add one result. Raises InputError if it cannot be written."""
        self._written += 1
        extra = {"input": row.extra} if row.extra else {}
        if self._form is Form.JSONL:
            self._put(format_json_line(report, {"line": row.line, **extra}) + "\n")
        elif self._form is Form.CSV:
            header = format_csv_header() if self._written == 1 else ""
            self._put(header + format_csv_row(report, row.line, row.extra))
        else:
            self._reports.append(report)

    def close(self) -> None:
        """Write what needs all results, if there is any, and close the file."""
        if self._reports:
            self._put({Form.MD: format_markdown, Form.HTML: format_html}[self._form](self._reports))
        if not self.is_stdout:
            with _writing(self._name):
                self._stream.close()

    def _open(self, path: Path | None, resume: bool) -> TextIO:
        if path is None:
            sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
            return sys.stdout
        with _writing(self._name):
            if not resume and path.is_file() and path.stat().st_size:
                advice = "; go on with it by --resume, or" if self._form is Form.JSONL else ";"
                raise ConfigError(f"{path} exists{advice} give another file with -o")
            return path.open("a" if resume else "w", encoding="utf-8", errors="backslashreplace", newline="")

    def _put(self, text: str) -> None:
        with _writing(self._name):
            self._stream.write(text)
            self._stream.flush()


@contextmanager
def _writing(name: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"{name} cannot be written: {error.strerror}") from error
