"""The index as a whole: texts in SQLite, vectors in FAISS, one writer at a time, any number of readers.

How a change becomes the new state, or leaves no trace:
1. the writer takes the lock and begins an SQLite transaction, in which it changes texts and vectors;
2. it writes the vector file of the coming state, under a name that no state has had before, and syncs it;
3. it commits: from here on readers see the new texts and, by the name that `meta` gives, the new vector file;
4. it deletes the vector files of other states.
Killed before 3, the old state stands and its vector file with it; after 3, the new one.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from factcheck.errors import InputError, StoreError
from factcheck.protocols import Encoder
from factcheck.store.damaged import open_sound, put_aside
from factcheck.store.embedding import Embedding, Progress
from factcheck.store.guard import REBUILD_ADVICE, as_store_error, write_lock
from factcheck.store.passages import FILE_NAME, PassageStore
from factcheck.store.rows import Meta
from factcheck.store.staging import Staging
from factcheck.store.state import Delta, built, changed, open_vectors
from factcheck.store.vectors import VectorFileError, VectorIndex, file_name, remove_other_files
from factcheck.types import Document, Passage

Note = Callable[[str], None]


class Changes(NamedTuple):
    """Names of the documents that a change touched, or found as they were."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Snapshot(NamedTuple):
    """One state of the index, texts and vectors, as long as the read transaction lasts."""

    passages: PassageStore
    vectors: VectorIndex


class Store:
    """An open index. Methods raise StoreError; what was stored before stays as it was.

    Threads may share it: they are served one after the other.
    """

    def __init__(self, directory: Path, passages: PassageStore, note: Note) -> None:
        self.directory = directory
        self._passages = passages
        self._note = note
        self._vectors: tuple[str, VectorIndex] | None = None
        self._turn = threading.RLock()

    @classmethod
    def open(cls, directory: Path, *, note: Note) -> Store:
        """Open an index that exists. note: told what was mended. Raises StoreError if none can be read."""
        if not (directory / FILE_NAME).is_file():
            raise StoreError(f"there is no index in {directory}; run `factcheck index build` to make it")
        with as_store_error(directory):
            store = cls(directory, PassageStore.open(directory), note)
            if store._passages.meta() is None:
                store.close()
                raise StoreError(f"the index in {directory} is empty; run `factcheck index build` to fill it")
            return store

    @classmethod
    def create_or_open(cls, directory: Path, encoder: Encoder, *, note: Note) -> Store:
        """Open an index to add to, an empty one where there is none.

        Raises StoreError if the index was made with another encoder.
        """
        with as_store_error(directory):
            directory.mkdir(parents=True, exist_ok=True)
            with write_lock(directory):
                store = cls(directory, PassageStore.open(directory, create=True), note)
        try:
            store.require(encoder)
        except StoreError:
            store.close()
            raise
        return store

    @classmethod
    def open_to_build(cls, directory: Path, *, note: Note) -> Store:
        """Open an index that is about to be made anew by `build`, whatever its encoder and its condition.

        One that cannot be read is put aside, as note says.
        """
        with as_store_error(directory):
            directory.mkdir(parents=True, exist_ok=True)
            with write_lock(directory):
                passages = open_sound(directory)
                if passages is None:
                    note(f"the index in {directory} cannot be read; it is kept as {put_aside(directory)}")
                    passages = PassageStore.open(directory, create=True)
        return cls(directory, passages, note)

    def close(self) -> None:
        """Let go of the files."""
        self._passages.close()

    @property
    def encoder_name(self) -> str:
        """Name of the encoder that made the vectors; empty before the first change."""
        with self._turn, as_store_error(self.directory):
            meta = self._passages.meta()
        return meta.encoder_name if meta else ""

    def require(self, encoder: Encoder) -> None:
        """Raise StoreError unless the vectors were made with this encoder, or there are none yet."""
        with self._turn, as_store_error(self.directory):
            meta = self._passages.meta()
        if meta and (meta.encoder_fingerprint, meta.dimension) != (encoder.fingerprint, encoder.dimension):
            same = meta.encoder_name == encoder.name
            other = f"{meta.encoder_name}, in another version" if same else f"{meta.encoder_name}, not {encoder.name}"
            raise StoreError(f"the index in {self.directory} was made with another encoder ({other}); {REBUILD_ADVICE}")

    def known_hashes(self) -> dict[str, str]:
        """sha256 of each document's file, by document name."""
        with self._turn, as_store_error(self.directory):
            return self._passages.known_hashes()

    def documents(self) -> list[tuple[Document, int]]:
        """All documents by name, each with the number of its passages."""
        with self._turn, as_store_error(self.directory):
            return self._passages.documents()

    def passage_count(self) -> int:
        """How many passages there are."""
        with self._turn, as_store_error(self.directory):
            return self._passages.passage_count()

    def add(
        self,
        documents: Iterable[tuple[Document, Sequence[Passage]]],
        encoder: Encoder,
        *,
        progress: Progress | None = None,
    ) -> Changes:
        """Add documents, all or none; one with a known name replaces the known one.

        A document whose name and sha256 are both known is unchanged; its passages are not looked at.
        progress: told (passages embedded, None). Raises StoreError; InputError if a name comes twice
        or a document has no passages.
        """
        with self._writing():
            self.require(encoder)
            delta = Delta(self._passages.newest_id())
            changes = self._put(documents, encoder, progress, delta)
            if changes.added or changes.changed:
                self._publish(encoder.name, encoder.fingerprint, encoder.dimension, delta)
        return changes

    def build(
        self,
        documents: Iterable[tuple[Document, Sequence[Passage]]],
        encoder: Encoder,
        *,
        progress: Progress | None = None,
    ) -> Changes:
        """Replace everything by these documents, all or none: `added` holds them, `removed` those gone."""
        with self._writing():
            before = self._passages.known_hashes()
            self._passages.clear()
            added = self._put(documents, encoder, progress, Delta()).added
            self._publish(encoder.name, encoder.fingerprint, encoder.dimension, None)
        return Changes(added=added, removed=tuple(sorted(before.keys() - set(added))))

    def remove(self, names: Sequence[str]) -> Changes:
        """Remove the documents with these names; a name that is not there is passed over."""
        with self._writing():
            known = self._passages.known_hashes()
            removed = tuple(name for name in dict.fromkeys(names) if name in known)
            meta = self._passages.meta()
            if removed and meta:
                delta = Delta(self._passages.newest_id())
                for name in removed:
                    delta.removed += self._passages.remove_document(name)
                self._publish(meta.encoder_name, meta.encoder_fingerprint, meta.dimension, delta)
        return Changes(removed=removed)

    def verify(self) -> list[str]:
        """Say what is unsound, one sentence each; nothing for a sound index. Mends nothing."""
        with self._turn, as_store_error(self.directory):
            found = self._passages.problems(self._note)
            meta = self._passages.meta()
            if meta is None:
                return [*found, "it is empty"]
            try:
                vectors = open_vectors(self.directory, meta)
            except VectorFileError as error:
                return [*found, f"{error}; the next check of a claim will mend that"]
            if not found and vectors.differs_from(self._passages.vectors(meta.dimension)):
                found.append(f"{file_name(meta.generation, meta.token)} differs from the vectors in SQLite")
            return found

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Texts and vectors of one and the same state, the newest; a damaged vector file is made again."""
        with self._turn, as_store_error(self.directory):
            while (vectors := self._begin_read()) is None:
                pass
            try:
                yield Snapshot(self._passages, vectors)
            finally:
                self._passages.rollback()

    def _put(
        self,
        documents: Iterable[tuple[Document, Sequence[Passage]]],
        encoder: Encoder,
        progress: Progress | None,
        delta: Delta,
    ) -> Changes:
        known, seen = self._passages.known_hashes(), set[str]()
        added, changed, unchanged = list[str](), list[str](), list[str]()
        with closing(Staging(self.directory, encoder)) as staging:
            embedding = Embedding(self._passages, encoder, staging, progress)
            for document, passages in documents:
                name = document.name
                if name in seen:
                    raise InputError(f"two sources are both named {name}; rename one, or add the folder above them")
                seen.add(name)
                if known.get(name) == document.sha256:
                    unchanged.append(name)
                    continue
                if not passages:  # also what a reader gives for a document that was in the index a moment ago
                    raise InputError(f"{name} has no text, or the index changed while it was read; try again")
                if name in known:
                    delta.removed += self._passages.remove_document(name)
                (changed if name in known else added).append(name)
                self._passages.add_document(document, embedding.take(document, passages))
            embedding.finish()
        return Changes(tuple(added), tuple(changed), tuple(unchanged))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the only writer's transaction, rolled back unless `_publish` commits it."""
        with self._turn, as_store_error(self.directory), write_lock(self.directory):
            self._passages.begin(write=True)
            try:
                yield
            finally:
                self._passages.rollback()
                self._tidy()

    def _publish(self, encoder_name: str, fingerprint: str, dimension: int, delta: Delta | None) -> None:
        """Make the transaction's texts the new state, with a vector file of its own.

        delta: what changed since the old state; None if everything did.
        """
        old = self._passages.meta()
        generation, token = (old.generation if old else 0) + 1, secrets.token_hex(8)
        if old is None or delta is None:
            vectors = built(self._passages, dimension)
        else:
            self._passages.drop_vectors([key for _, key in delta.removed])
            vectors = changed(self.directory, self._passages, old, delta)
        self._passages.count_words()
        name = file_name(generation, token)
        size, crc = vectors.write(self.directory / name)
        self._passages.set_meta(Meta(generation, token, size, crc, encoder_name, fingerprint, dimension))
        self._passages.commit()
        self._vectors = name, vectors
        Staging.discard(self.directory)

    def _tidy(self) -> None:
        """Delete what other states, or a broken-off change, left behind. Not essential, so it never fails."""
        with suppress(OSError, sqlite3.Error):
            meta = self._passages.meta()
            remove_other_files(self.directory, file_name(meta.generation, meta.token) if meta else "")
            self._passages.shrink_log()

    def _begin_read(self) -> VectorIndex | None:
        """Begin a transaction and return the vectors of the state it sees; None: something moved, again."""
        self._passages.begin(write=False)
        meta = self._passages.meta()
        if meta is None:
            self._passages.rollback()
            raise StoreError(f"the index in {self.directory} is empty; run `factcheck index build` to fill it")
        name = file_name(meta.generation, meta.token)
        if self._vectors is None or self._vectors[0] != name:
            try:
                self._vectors = name, open_vectors(self.directory, meta)
            except VectorFileError as error:
                self._passages.rollback()
                self._mend(meta, error)
                return None
        return self._vectors[1]

    def _mend(self, meta: Meta, reason: VectorFileError) -> None:
        """Make the vectors of a state again from SQLite, and their file if this process may write."""
        self._passages.begin(write=False)
        try:
            if self._passages.meta() != meta:  # a writer has moved on and deleted the file: nothing is wrong
                return
            vectors = built(self._passages, meta.dimension)
        finally:
            self._passages.rollback()
        name = file_name(meta.generation, meta.token)
        self._vectors = name, vectors
        try:
            with write_lock(self.directory, wait_seconds=0):
                self._passages.begin(write=True)
                if self._passages.meta() == meta:
                    size, crc = vectors.write(self.directory / name)
                    self._passages.set_meta(meta._replace(vector_bytes=size, vector_crc=crc))
                    self._passages.commit()
            outcome = "its vectors were made again from the database"
        except (StoreError, OSError, sqlite3.Error):
            outcome = "its vectors were made from the database for now, and could not be written"
        finally:
            self._passages.rollback()
        self._note(f"index in {self.directory}: {reason}; {outcome} ({len(vectors)} passages)")
