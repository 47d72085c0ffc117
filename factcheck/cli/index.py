"""`factcheck index`: build the index of sources, and add, remove, list and verify them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from factcheck.cli.console import note, result_console
from factcheck.cli.options import IndexOption
from factcheck.cli.supervise import FAILED
from factcheck.errors import InputError, StoreError
from factcheck.report.escape import plain
from factcheck.settings import index_dir, resource

if TYPE_CHECKING:
    from factcheck.cli.reading import Reading
    from factcheck.protocols import Encoder
    from factcheck.store.embedding import Progress
    from factcheck.store.store import Changes, Store
    from factcheck.types import Document

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Build the index of sources, and add, remove, list, verify them.",
)

_FAILURES_TOLD = 20

_OneOrMorePaths = Annotated[
    list[Path], typer.Argument(metavar="PATH...", help="Files or folders of sources.", show_default=False)
]
_AnyPaths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATH...]", help="Files or folders; the seeds if none.", show_default=False),
]
_Names = Annotated[
    list[str],
    typer.Argument(metavar="NAME_OR_PATH...", help="Names (as `list` shows them), globs or paths.", show_default=False),
]


@app.command()
def build(paths: _AnyPaths = None, index: IndexOption = None) -> int:
    """Make the index anew from these sources alone; the old one stands until then."""
    from factcheck.cli.reading import Reading
    from factcheck.corpus.readers import find_sources
    from factcheck.store.store import Store

    reading = Reading(find_sources(paths or [resource("seeds")]))
    encoder = _open_encoder()
    store = Store.open_to_build(index_dir(index), note=note)
    return _change(store, reading, encoder, store.build)


@app.command()
def add(paths: _OneOrMorePaths, index: IndexOption = None) -> int:
    """Add sources, or read those again that changed; the unchanged are skipped."""
    from factcheck.cli.reading import Reading, find_usable
    from factcheck.store.store import Store

    sources, failures = find_usable(paths)
    if not sources:
        for failure in failures:
            note(f"factcheck: {failure}")
        return FAILED
    encoder = _open_encoder()
    store = Store.create_or_open(index_dir(index), encoder, note=note)
    return _change(store, Reading(sources, store.known_hashes(), failures), encoder, store.add)


@app.command()
def remove(names: _Names, index: IndexOption = None) -> None:
    """Remove documents from the index; their files stay."""
    with _opened(index) as store:
        known = list(store.known_hashes())
        matched = [name for pattern in names for name in _matching(pattern, known)]
        _print_changes(store.remove(matched), store)


@app.command("list")
def list_documents(
    index: IndexOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a document.")] = False,
) -> None:
    """List the documents of the index."""
    with _opened(index) as store:
        documents = store.documents()
    if as_json:
        for document, count in documents:
            typer.echo(json.dumps({**document.model_dump(mode="json"), "passages": count}))
    elif sys.stdout.isatty():
        _print_table(documents)
    else:
        for document, count in documents:
            typer.echo("\t".join(_cells(document, count)))


@app.command()
def verify(index: IndexOption = None) -> None:
    """Check that the index is sound."""
    with _opened(index) as store:
        if problems := store.verify():
            for problem in problems:
                typer.echo(plain(problem))
            raise StoreError(
                f"the index in {store.directory} is not sound; run `factcheck index build` with your sources"
            )
        count = len(store.known_hashes())
        typer.echo(f"sound: {count} documents, {store.passage_count()} passages, encoder {store.encoder_name}")


def _open_encoder() -> Encoder:
    from factcheck.models.encoder import open_indexing_encoder

    return open_indexing_encoder()


@contextmanager
def _opened(index: Path | None) -> Iterator[Store]:
    from factcheck.store.store import Store

    store = Store.open(index_dir(index), note=note)
    try:
        yield store
    finally:
        store.close()


def _change(store: Store, reading: Reading, encoder: Encoder, method: Callable[..., Changes]) -> int:
    """Run `store.add` or `store.build`; the exit status says whether every source could be read."""
    try:
        with _progress(reading) as progress:
            changes = method(reading.documents(), encoder, progress=progress)
        _print_changes(changes, store)
    finally:
        store.close()
        for failure in reading.failures[:_FAILURES_TOLD]:
            note(f"factcheck: {failure}")
        if (more := len(reading.failures) - _FAILURES_TOLD) > 0:
            note(f"factcheck: {more} more could not be read")
    return FAILED if reading.failures else 0


def _matching(pattern: str, known: Sequence[str]) -> list[str]:
    """Names of the documents meant. Raises InputError if there are none."""
    from factcheck.cli.reading import document_names

    if pattern in known:
        return [pattern]
    names = {name for name in known if fnmatchcase(name, pattern)}
    if not names:
        path = Path(pattern)
        given = document_names(path) if path.exists() else {path.name}
        names = given.intersection(known)
    if not names:
        raise InputError(f"no document of the index matches {pattern!r}; `factcheck index list` shows them")
    return sorted(names)


def _print_changes(changes: Changes, store: Store) -> None:
    counts = ", ".join(f"{kind} {len(names)}" for kind, names in changes._asdict().items())
    typer.echo(f"{counts} ({store.passage_count()} passages)")


def _cells(document: Document, count: int) -> tuple[str, str, str, str, str]:
    day = document.date.isoformat() if document.date else ""
    return plain(document.name), str(count), day, plain(document.publisher), plain(document.title)


def _print_table(documents: Sequence[tuple[Document, int]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("document", "passages", "date", "publisher", "title", box=None, pad_edge=False)
    for document, count in documents:
        table.add_row(*(Text(cell) for cell in _cells(document, count)))
    result_console().print(table)


@contextmanager
def _progress(reading: Reading) -> Iterator[Progress | None]:
    """On a terminal show how many sources were read and passages embedded; the value is told of passages."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from factcheck.cli.console import note_console

    columns = ("Reading", BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[passages]} passages"))
    with Progress(*columns, TimeElapsedColumn(), console=note_console(), transient=True) as bar:
        task = bar.add_task("", total=reading.total, passages=0)
        yield lambda done, _: bar.update(task, completed=reading.read, passages=done)
