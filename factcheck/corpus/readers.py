"""Source files into documents and paragraphs."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in factcheck.types
from pathlib import Path
from typing import BinaryIO, cast

from factcheck.corpus.boilerplate import drop_boilerplate
from factcheck.corpus.cleaning import clean_line, clean_text, decode
from factcheck.corpus.frontmatter import FrontMatter, find_date, split_front_matter, split_publisher
from factcheck.corpus.noise import is_publication_line
from factcheck.corpus.paragraphs import is_heading, lead_length, split_paragraphs, strip_markup
from factcheck.errors import InputError
from factcheck.settings import MAX_FILE_BYTES
from factcheck.types import Document

TEXT_SUFFIXES = (".txt", ".md")
CORPUS_SUFFIXES = (".jsonl", ".jsonl.gz")
_KINDS = ", ".join((*TEXT_SUFFIXES, *CORPUS_SUFFIXES))
_MAX_SHOWN = 300  # characters of a path in a message
# A date counts as the report's own only this near to its head.
_MAX_DATELINE_PARAGRAPHS = 5


@dataclass(frozen=True)
class SourceFile:
    """A file to read, and the name that its document will have."""

    path: Path
    name: str


@dataclass(frozen=True)
class ParsedDocument:
    """A document with its paragraphs in order, free of markup and boilerplate."""

    document: Document
    paragraphs: tuple[str, ...]


def find_sources(paths: Sequence[Path]) -> list[SourceFile]:
    """Find the source files at the paths: folders are searched through, hidden files skipped.

    Links to folders are not followed. A file given directly is named by its file name, a folder's file by its
    path within that folder. Raises InputError for a missing path, a file of another kind, a folder without
    sources, and two files that would have the same name.
    """
    found: dict[str, SourceFile] = {}
    for path in paths:
        for source in _sources_at(path):
            other = found.setdefault(source.name, source)
            if not _same_file(other.path, source.path):
                raise InputError(
                    f"{_shown(other.path)} and {_shown(source.path)} would both be called {source.name!r}; "
                    "rename one, or add a folder that holds both"
                )
    return list(found.values())


def read_source(source: SourceFile, on_bad_row: Callable[[str], None] | None = None) -> list[ParsedDocument]:
    """Read the document in a text file, or one document a row of a corpus.

    Raises InputError, which names the file and the line; with `on_bad_row` a row that cannot be used is handed to
    it, in words, and the others are read. `Document.sha256` is the hash of the file's bytes, or of the row's.
    """
    if source.path.name.lower().endswith(CORPUS_SUFFIXES):
        return list(_read_corpus(source, on_bad_row))
    return [_read_text(source)]


def _sources_at(path: Path) -> list[SourceFile]:
    try:
        if path.is_dir():
            return _sources_in(path)
        if not path.exists():
            raise InputError(f"{_shown(path)} does not exist; check the path")
        if not path.is_file() or not _readable_kind(path.name):
            raise InputError(f"{_shown(path)} is not a source file; give a folder or a file that ends in {_KINDS}")
    except (OSError, ValueError) as error:
        raise InputError(f"{_shown(path)} cannot be read ({_reason(error)}); check the path") from error
    return [SourceFile(path, _name(path.name))]


def _sources_in(folder: Path) -> list[SourceFile]:
    def fail(error: OSError) -> None:
        raise error

    sources = []
    for root, folders, files in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(files):
            path = Path(root) / file
            # A link to nothing counts, so that reading it tells of what is lost; a pipe or a device does not.
            usable = path.is_file() or (path.is_symlink() and not path.exists())
            if not file.startswith(".") and _readable_kind(file) and usable:
                sources.append(SourceFile(path, _name(path.relative_to(folder).as_posix())))
    if not sources:
        raise InputError(f"{_shown(folder)} holds no source files; add files that end in {_KINDS}")
    return sorted(sources, key=lambda source: source.name)


def _readable_kind(name: str) -> bool:
    return name.lower().endswith((*TEXT_SUFFIXES, *CORPUS_SUFFIXES))


def _name(raw: str) -> str:
    """Make a file's name fit to store and show: control characters and undecodable bytes become `?`."""
    printable = raw.encode("utf-8", errors="replace").decode("utf-8")
    return "".join(c if c.isprintable() or c == " " else "?" for c in printable)


def _shown(path: Path) -> str:
    name = _name(str(path))
    return name if len(name) <= _MAX_SHOWN else f"{name[: _MAX_SHOWN // 2]}…{name[-_MAX_SHOWN // 2 :]}"


def _same_file(left: Path, right: Path) -> bool:
    return left == right or left.resolve() == right.resolve()


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _read_text(source: SourceFile) -> ParsedDocument:
    data = _read_bytes(source)
    text = decode(data)
    if text is None:
        raise InputError(f"{source.name} is not a text file, or in an unknown character set; save it as UTF-8 text")
    matter, body = split_front_matter(clean_text(text))
    raw = split_paragraphs(body)
    title, publisher, raw = _title(matter, raw)
    paragraphs = drop_boilerplate(raw)
    if not paragraphs:
        raise InputError(f"{source.name} holds no text that could be evidence; check the file")
    document = Document(
        name=source.name,
        sha256=hashlib.sha256(data).hexdigest(),
        title=title,
        publisher=publisher,
        url=matter.url,
        date=matter.date or _dateline_date(raw),
    )
    return ParsedDocument(document, paragraphs)


def _read_bytes(source: SourceFile) -> bytes:
    try:
        with source.path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            # The file may grow while it is read, so what was read counts as well.
            data = file.read(MAX_FILE_BYTES + 1) if size <= MAX_FILE_BYTES else b""
    except OSError as error:
        raise InputError(f"{source.name} cannot be read ({_reason(error)}); check the file") from error
    if size > MAX_FILE_BYTES or len(data) > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // (1024 * 1024)
        raise InputError(f"{source.name} is larger than {limit} MB; split it into smaller files")
    if not data:
        raise InputError(f"{source.name} is empty; remove it or give it text")
    return data


def _title(matter: FrontMatter, paragraphs: list[str]) -> tuple[str, str, list[str]]:
    """Part title, publisher and the other paragraphs; without front matter the first heading is the title."""
    at = next((i for i, paragraph in enumerate(paragraphs) if is_heading(paragraph)), None)
    if at is None:
        return matter.title, matter.publisher, paragraphs
    heading, publisher = split_publisher(strip_markup(paragraphs[at]), matter.url)
    if matter.title and matter.title != heading:
        return matter.title, matter.publisher, paragraphs
    return heading, matter.publisher or publisher, paragraphs[:at] + paragraphs[at + 1 :]


def _dateline_date(paragraphs: Sequence[str]) -> Date | None:
    """Find the date in a line of publication or a dateline (`KYIV, Feb. 5, 2026 (AP) - `) at the head."""
    for paragraph in paragraphs[:_MAX_DATELINE_PARAGRAPHS]:
        line = strip_markup(paragraph)
        dateline = line[: lead_length(line)]
        if dateline or is_publication_line(line):
            found = find_date(dateline or line)
            if found:
                return found
    return None


def _read_corpus(source: SourceFile, on_bad_row: Callable[[str], None] | None) -> Iterator[ParsedDocument]:
    seen: set[str] = set()
    number = 0
    for number, line in _corpus_lines(source):
        try:
            parsed = _parse_row(line, f"{source.name} line {number}")
            name = parsed.document.name
            if name in seen:
                raise InputError(
                    f"{source.name} line {number} repeats document {name!r}; give each row a name of its own"
                )
        except InputError as error:
            if on_bad_row is None:
                raise
            on_bad_row(str(error))
            continue
        seen.add(name)
        yield parsed
    if not seen:
        problem = "holds no row that can be used; mend it" if number else "is empty; remove it or give it rows"
        raise InputError(f"{source.name} {problem}")


def _corpus_lines(source: SourceFile) -> Iterator[tuple[int, bytes]]:
    """Numbered rows that are not blank; no row may be larger than a text file may be."""
    number = 0
    try:
        with _open_corpus(source.path) as file:
            while line := file.readline(MAX_FILE_BYTES + 1):
                number += 1
                if len(line) > MAX_FILE_BYTES:
                    raise InputError(f"{source.name} line {number} is too long; a row holds one document")
                if line.strip():
                    yield number, line
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"{source.name} cannot be read after line {number} ({_reason(error)}); check the file"
        ) from error


def _open_corpus(path: Path) -> BinaryIO:
    if path.name.lower().endswith(".gz"):
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def _parse_row(line: bytes, where: str) -> ParsedDocument:
    """Read one row. Its text is no web page, so nothing is taken out of it."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where} is not valid JSON; mend or remove the line") from error
    if not isinstance(row, dict):
        raise InputError(f"{where} is not a JSON object; a row is {{document, title, text}}")
    for field in ("document", "text"):
        if not isinstance(row.get(field), str) or not clean_line(row[field]):
            raise InputError(f"{where} has no {field!r}; a row is {{document, title, text}}")
    title, publisher, url, date = (_field(row, field, where) for field in ("title", "publisher", "url", "date"))
    document = Document(
        name=clean_line(row["document"]),
        sha256=hashlib.sha256(line.strip()).hexdigest(),
        title=title,
        publisher=publisher,
        url=url,
        date=find_date(date),
    )
    return ParsedDocument(document, tuple(split_paragraphs(clean_text(row["text"]))))


def _field(row: dict[str, object], field: str, where: str) -> str:
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{where} has a {field!r} that is no text; put it in quotation marks or leave it out")
    return clean_line(value)
