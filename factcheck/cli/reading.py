"""Source files on their way into the index: unchanged ones skipped, unreadable ones told of at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from factcheck.corpus.passages import passages_of
from factcheck.corpus.readers import CORPUS_SUFFIXES, SourceFile, find_sources, read_source
from factcheck.errors import InputError
from factcheck.settings import MAX_FILE_BYTES
from factcheck.types import Document, Passage


class Reading:
    """Reads sources one by one. A source or a row that cannot be read adds its reason to `failures`; the rest go on.

    known: sha256 by name of the documents that the index holds.
    """

    def __init__(
        self,
        sources: Sequence[SourceFile],
        known: Mapping[str, str] | None = None,
        failures: Sequence[str] = (),
    ) -> None:
        self.failures = list(failures)
        self.total = len(sources)
        self.read = 0
        self._sources = sources
        self._known = known or {}

    def documents(self) -> Iterator[tuple[Document, Sequence[Passage]]]:
        """Yield the documents with their passages; none for an unchanged one, which the store skips.

        Raises InputError if there are sources and not one can be read.
        """
        unread = 0
        for source in self._sources:
            try:
                yield from self._documents_of(source)
            except InputError as error:
                if self.total == 1:
                    raise
                self.failures.append(str(error))
                unread += 1
            self.read += 1
        if self.total and unread == self.total:
            raise InputError("none of the sources could be read; the index is as it was")

    def _documents_of(self, source: SourceFile) -> Iterator[tuple[Document, Sequence[Passage]]]:
        known = self._known.get(source.name)
        if known is not None and known == _file_hash(source.path):
            yield Document(name=source.name, sha256=known), ()
            return
        for parsed in read_source(source, self.failures.append):
            unchanged = self._known.get(parsed.document.name) == parsed.document.sha256
            yield parsed.document, () if unchanged else passages_of(parsed)


def find_usable(paths: Sequence[Path]) -> tuple[list[SourceFile], list[str]]:
    """The sources at the paths, and what is wrong with each path that has none.

    Raises InputError if a single path is given and has none, or two sources have one name.
    """
    usable, failures = [], []
    for path in paths:
        try:
            find_sources([path])
        except InputError as error:
            if len(paths) == 1:
                raise
            failures.append(str(error))
        else:
            usable.append(path)
    return find_sources(usable), failures


def document_names(path: Path) -> set[str]:
    """Names that the documents of an existing file or folder have in the index. Raises InputError."""
    names: set[str] = set()
    for source in find_sources([path]):
        if source.name.lower().endswith(CORPUS_SUFFIXES):
            names.update(parsed.document.name for parsed in read_source(source, lambda _: None))
        else:
            names.add(source.name)
    return names


def _file_hash(path: Path) -> str:
    """Return the sha256 of a file; "" for one that the reader will refuse, with its reason."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
