"""Reads the claims of a batch file: one a line (.txt), a table (.csv) or objects (.jsonl)."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from factcheck.claims import read_claim
from factcheck.errors import InputError
from factcheck.settings import MAX_FILE_BYTES
from factcheck.types import Claim

STDIN = Path("-")
CLAIM_FIELD = "claim"
_DELIMITERS = ",;\t|"
_NO_DELIMITER = "\x1f"  # makes the whole line one cell, still with its quotation marks read
_MAX_RECORD_LINES = 50
_LINE_END = re.compile("\r\n|\r|\n")
_UNDECODED = re.compile("[\udc80-\udcff]")
_SUFFIXES = {".txt": "txt", ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class Row(NamedTuple):
    """A claim of the file, the number of its line (from 1), and what else the file says of it."""

    line: int
    claim: Claim
    extra: dict[str, Any]


class BadLine(NamedTuple):
    """A line that holds no claim, and why."""

    line: int
    message: str


class _Field(NamedTuple):
    line: int
    text: str
    extra: dict[str, Any]


def read_rows(path: Path, as_of: date | None = None) -> list[Row | BadLine]:
    """All claims of the file (`-` is standard input) in order, with the lines that are none.

    Raises InputError where the file as a whole cannot be used.
    """
    text = _read_text(path)
    form = _form(path, text)
    lines = _LINE_END.split(text)
    fields = {"txt": _text_fields, "csv": _csv_fields, "jsonl": _json_fields}[form](lines)
    rows = [_row(field, as_of) if isinstance(field, _Field) else field for field in fields]
    if not rows:
        raise InputError(f"{path} holds no claim")
    return rows


def _read_text(path: Path) -> str:
    """The file's text; bytes that are not UTF-8 become lone surrogates, so that only their lines are lost."""
    try:
        if path == STDIN:
            data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            with path.open("rb") as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"{path} is larger than {MAX_FILE_BYTES // 2**20} MB; split it")
    if b"\0" in data:
        raise InputError(f"{path} is not a text file in UTF-8")
    return data.decode("utf-8-sig", errors="surrogateescape")


def _form(path: Path, text: str) -> str:
    suffix = path.suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if path != STDIN and suffix:
        raise InputError(f"{path} is of no known kind; a batch is a .txt, .csv or .jsonl file")
    return "jsonl" if text.lstrip().startswith("{") else "txt"


def _row(field: _Field, as_of: date | None) -> Row | BadLine:
    if _UNDECODED.search(field.text):
        return BadLine(field.line, "not UTF-8")
    try:
        return Row(field.line, read_claim(field.text, as_of), field.extra)
    except InputError as error:
        return BadLine(field.line, str(error))


def _text_fields(lines: list[str]) -> Iterator[_Field | BadLine]:
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield _Field(number, line, {})


def _json_fields(lines: list[str]) -> Iterator[_Field | BadLine]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, parse_constant=_refuse_constant)
        except json.JSONDecodeError as error:
            yield BadLine(number, f"not JSON: {error.msg}, at character {error.colno}")
            continue
        except RecursionError:
            yield BadLine(number, "not usable JSON: it is nested too deeply")
            continue
        except ValueError as error:  # NaN and Infinity; an integer of thousands of digits
            yield BadLine(number, f"not usable JSON: {str(error).partition(';')[0]}")
            continue
        claim = value.pop(CLAIM_FIELD, None) if isinstance(value, dict) else None
        if isinstance(claim, str):
            yield _Field(number, claim, value)
        else:
            yield BadLine(number, f"no object with a text {CLAIM_FIELD!r}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _csv_fields(lines: list[str]) -> Iterator[_Field | BadLine]:
    """Rows of a table. Its claims stand in the column `claim`, else in the first one.

    A first row with a cell `claim`, or with a single word where the claim should be, is taken for the header.
    """
    delimiter = _delimiter(lines)
    header: list[str] = []
    column = 0
    first = True
    for number, record in _csv_records(lines, delimiter):
        if isinstance(record, str):
            yield BadLine(number, record)
            continue
        names = [cell.strip().lower() for cell in record]
        if first and (CLAIM_FIELD in names or len(names[0].split()) == 1):
            header = [cell.strip() for cell in record]
            column = names.index(CLAIM_FIELD) if CLAIM_FIELD in names else 0
        elif column < len(record):
            others = {name: cell for name, cell in zip(header, record, strict=False) if name}
            yield _Field(number, record[column], {k: v for k, v in others.items() if k != header[column]})
        else:
            yield BadLine(number, f"no column {column + 1}, where the claims stand")
        first = False


def _csv_records(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Number of the first line and cells of each record, or what is wrong with it.

    A cell may run over several lines. One whose quotation mark is never closed costs its own line only, not
    the rest of the file.
    """
    start = 0
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        record: list[str] | str = "a quotation mark is not closed"
        end = start + 1
        for last in range(start + 1, min(start + _MAX_RECORD_LINES, len(lines)) + 1):
            part = [f"{line}\n" for line in lines[start:last]]
            try:
                record = next(csv.reader(part, delimiter=delimiter, strict=True))
                end = last
                break
            except csv.Error as error:
                if "unexpected end" in str(error):
                    continue
                if last == start + 1:
                    record = f"not a row of a table: {error}"
                break
        yield start + 1, record
        start = end


def _delimiter(lines: list[str]) -> str:
    """What parts the cells: what makes a header with `claim`, else what parts the first rows evenly."""
    sample = [line for line in lines if line.strip()][:20]
    for delimiter in _DELIMITERS:
        for _, record in _csv_records(sample[:1], delimiter):
            names = [cell.strip().lower() for cell in record] if isinstance(record, list) else []
            if CLAIM_FIELD in names and len(names) > 1:
                return delimiter
    for delimiter in _DELIMITERS:
        widths = {len(record) for _, record in _csv_records(sample, delimiter) if isinstance(record, list)}
        if len(widths) == 1 and widths != {1} and len(sample) > 1:
            return delimiter
    return _NO_DELIMITER
