"""The texts of the index in SQLite: the source of truth, from which everything else can be made again.

The journal is a write-ahead log: a writer may take minutes to embed inside its one transaction, and with a
log readers go on with the last committed state meanwhile, whereas a rollback journal shuts them out as soon
as the transaction outgrows the page cache. Where the folder cannot be written to, no log can be kept: the
file is then opened as immutable (`schema.connect`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from factcheck.errors import StoreError
from factcheck.protocols import FloatArray
from factcheck.store import schema, words
from factcheck.store.rows import (
    DOCUMENT_COLUMNS,
    VECTOR_TYPE,
    Meta,
    NewPassage,
    StoredPassage,
    read_day,
    read_document,
    read_passage,
    spans_json,
)
from factcheck.types import Document

FILE_NAME = "passages.sqlite"


class PassageStore:
    """One connection to the SQLite file. Methods raise sqlite3.Error; `Store` turns it into a StoreError."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @classmethod
    def open(cls, directory: Path, *, create: bool = False) -> PassageStore:
        """Connect and bring the schema up to date. Raises sqlite3.Error, StoreError (not our index)."""
        store = cls(schema.connect(directory / FILE_NAME, create=create))
        try:
            if schema.version_of(store._db) < schema.VERSION:
                _migrate(store._db)
            store._db.execute("SELECT count(*) FROM meta").fetchone()
        except StoreError as error:
            store.close()
            raise StoreError(f"the index in {directory} cannot be used: {error}") from error
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Disconnect; an open transaction is rolled back."""
        self._db.close()

    def begin(self, *, write: bool) -> None:
        """Start a transaction: all reads inside see one state."""
        self._db.execute("BEGIN IMMEDIATE" if write else "BEGIN")

    def commit(self) -> None:
        """Make the transaction's changes the new state, on the disk."""
        self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Forget the transaction's changes."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def shrink_log(self) -> None:
        """Move the write-ahead log into the file as far as readers allow, without waiting for them."""
        self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def meta(self) -> Meta | None:
        """Return the state's description; None before the first commit."""
        row = self._db.execute(f"SELECT {', '.join(Meta._fields)} FROM meta").fetchone()
        return Meta(*row) if row else None

    def set_meta(self, meta: Meta) -> None:
        """Store the description of the state."""
        marks = ", ".join("?" * len(meta))
        self._db.execute(f"INSERT OR REPLACE INTO meta (id, {', '.join(Meta._fields)}) VALUES (1, {marks})", meta)

    def add_document(self, document: Document, passages: Sequence[NewPassage]) -> None:
        """Insert a document whose name is not taken, with its passages (not their vectors)."""
        day = document.date.isoformat() if document.date else None
        row = (document.name, document.sha256, document.title, document.publisher, document.url, day)
        document_id = self._db.execute(
            "INSERT INTO documents (name, sha256, title, publisher, url, date) VALUES (?, ?, ?, ?, ?, ?)", row
        ).lastrowid
        self._db.executemany(
            "INSERT INTO passages (document_id, paragraph, text, sentences, hash) VALUES (?, ?, ?, ?, ?)",
            ((document_id, p.paragraph, p.text, spans_json(p.sentences), key) for p, key in passages),
        )
        self._db.execute(
            "INSERT INTO passage_words (rowid, title, text)"
            " SELECT passages.id, title, text FROM passages JOIN documents ON documents.id = document_id"
            " WHERE document_id = ?",
            (document_id,),
        )

    def remove_document(self, name: str) -> list[tuple[int, str]]:
        """Delete a document and its passages; returns their ids and keys. Their vectors stay: see `drop_vectors`."""
        gone = self._db.execute(
            "SELECT passages.id, hash FROM passages JOIN documents ON documents.id = document_id WHERE name = ?",
            (name,),
        ).fetchall()
        # An index of words over a view cannot look up what it must forget, so it is told, before the rows go.
        self._db.execute(
            "INSERT INTO passage_words (passage_words, rowid, title, text)"
            " SELECT 'delete', passages.id, title, text FROM passages"
            " JOIN documents ON documents.id = document_id WHERE name = ?",
            (name,),
        )
        self._db.execute("DELETE FROM documents WHERE name = ?", (name,))
        return gone

    def clear(self) -> None:
        """Delete every document, passage and vector, readable or not."""
        for table in ("documents", "passages", "vectors"):
            self._db.execute(f"DELETE FROM {table}")
        self._db.execute("INSERT INTO passage_words (passage_words) VALUES ('rebuild')")

    def missing_vectors(self, keys: Sequence[str]) -> list[str]:
        """Those of the keys that no vector is stored for, each once, in order."""
        known = self._db.execute(
            "SELECT hash FROM vectors WHERE hash IN (SELECT value FROM json_each(?))", (json.dumps(keys),)
        )
        seen = {row[0] for row in known}
        return [key for key in dict.fromkeys(keys) if key not in seen]

    def add_vectors(self, keys: Sequence[str], vectors: FloatArray) -> None:
        """Store vectors (shape (len(keys), dimension)) in half precision."""
        rows = zip(keys, vectors.astype(VECTOR_TYPE), strict=True)
        self._db.executemany(
            "INSERT OR REPLACE INTO vectors (hash, vector) VALUES (?, ?)",
            ((key, vector.tobytes()) for key, vector in rows),
        )

    def drop_vectors(self, keys: Sequence[str]) -> None:
        """Delete those of these vectors that no passage uses."""
        self._db.execute(
            "DELETE FROM vectors WHERE hash IN (SELECT value FROM json_each(?))"
            " AND NOT EXISTS (SELECT 1 FROM passages WHERE passages.hash = vectors.hash)",
            (json.dumps(keys),),
        )

    def newest_id(self) -> int:
        """The highest id that a passage was ever given; later ones are higher."""
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
        return int(row[0]) if row else 0

    def known_hashes(self) -> dict[str, str]:
        """sha256 of each document's file, by document name."""
        return dict(self._db.execute("SELECT name, sha256 FROM documents"))

    def documents(self) -> list[tuple[Document, int]]:
        """All documents by name, with the number of their passages."""
        rows = self._db.execute(
            f"SELECT {DOCUMENT_COLUMNS}, count(passages.id) FROM documents"
            " LEFT JOIN passages ON document_id = documents.id GROUP BY documents.id ORDER BY name"
        )
        return [(read_document(row[:6]), row[6]) for row in rows]

    def passage_count(self) -> int:
        """How many passages there are."""
        return int(self._db.execute("SELECT count(*) FROM passages").fetchone()[0])

    def document_dates(self) -> list[tuple[int, str, date | None]]:
        """(row id, name, date) of each document, for filters."""
        rows = self._db.execute("SELECT id, name, date FROM documents")
        return [(row_id, name, read_day(day)) for row_id, name, day in rows]

    def passage_ids(self, document_ids: Sequence[int]) -> NDArray[np.int64]:
        """Ids of the passages of these documents."""
        rows = self._db.execute(
            "SELECT id FROM passages WHERE document_id IN (SELECT value FROM json_each(?))",
            (json.dumps(document_ids),),
        )
        return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def sample_vectors(self, count: int, dimension: int) -> FloatArray:
        """About `count` vectors, shape (n, dimension), spread evenly over the passages."""
        step = max(1, self.passage_count() // count)
        rows = self._db.execute(
            "SELECT vector FROM passages JOIN vectors USING (hash) WHERE passages.id % ? = 0", (step,)
        )
        return (
            np.frombuffer(b"".join(row[0] for row in rows), dtype=VECTOR_TYPE).reshape(-1, dimension).astype(np.float32)
        )

    def vectors(
        self, dimension: int, *, after: int = 0, batch: int = 4096
    ) -> Iterator[tuple[NDArray[np.int64], FloatArray]]:
        """The (ids, vectors) of every passage with an id above `after`, in the order of the ids, `batch` at a time."""
        cursor = self._db.execute(
            "SELECT passages.id, vector FROM passages JOIN vectors USING (hash) WHERE passages.id > ?"
            " ORDER BY passages.id",
            (after,),
        )
        while rows := cursor.fetchmany(batch):
            ids = np.fromiter((row[0] for row in rows), dtype=np.int64)
            joined = b"".join(row[1] for row in rows)
            if len(joined) != len(rows) * dimension * VECTOR_TYPE.itemsize:
                raise sqlite3.DatabaseError("a vector has the wrong length")
            yield ids, np.frombuffer(joined, VECTOR_TYPE).reshape(len(rows), dimension).astype(np.float32)

    def count_words(self) -> None:
        """Bring the list of common words up to date; called inside a writing transaction."""
        words.count_words(self._db, self.passage_count())

    def affordable(self, asked: Sequence[str]) -> list[str]:
        """Those of the words that `match` can look for in a few milliseconds, the rarest of them first chosen."""
        return words.affordable(self._db, asked)

    def match(
        self, expression: str, limit: int, weights: tuple[float, float], document_ids: Sequence[int] | None
    ) -> list[int]:
        """Passage ids by BM25, best first. weights: of title and of text. document_ids: None for all."""
        condition, values = "", [expression]
        if document_ids is not None:
            condition = " AND document_id IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(document_ids))
        join = " JOIN passages ON passages.id = passage_words.rowid" if condition else ""
        rows = self._db.execute(
            f"SELECT passage_words.rowid FROM passage_words{join} WHERE passage_words MATCH ?{condition}"
            " ORDER BY bm25(passage_words, ?, ?) LIMIT ?",
            (*values, *weights, limit),
        )
        return [row[0] for row in rows]

    def fetch(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Return the passages with these ids, in one query."""
        rows = self._db.execute(
            f"SELECT passages.id, paragraph, text, sentences, vector, {DOCUMENT_COLUMNS} FROM passages"
            " JOIN documents ON documents.id = document_id JOIN vectors USING (hash)"
            " WHERE passages.id IN (SELECT value FROM json_each(?))",
            (json.dumps(ids),),
        )
        return {row[0]: read_passage(row) for row in rows}

    def preceding(self, ids: Sequence[int], count: int) -> dict[int, list[str]]:
        """Texts of the `count` passages before each of these in its document, nearest first."""
        rows = self._db.execute(
            "SELECT later.id, earlier.text FROM passages AS later JOIN passages AS earlier"
            " ON earlier.id BETWEEN later.id - ? AND later.id - 1 AND earlier.document_id = later.document_id"
            " WHERE later.id IN (SELECT value FROM json_each(?)) ORDER BY later.id, earlier.id DESC",
            (count, json.dumps(ids)),
        )
        texts: dict[int, list[str]] = {}
        for row_id, text in rows:
            texts.setdefault(row_id, []).append(text)
        return texts

    def is_whole(self) -> bool:
        """Whether SQLite can read every page of the file."""
        try:
            return bool(self._db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        except sqlite3.DatabaseError:
            return False

    def problems(self, note: Callable[[str], None]) -> list[str]:
        """Say what is unsound in the file, one sentence each. note: told what could not be checked."""
        found = [f"SQLite: {row[0]}" for row in self._db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"SQLite: a row of {row[0]} has no parent" for row in self._db.execute("PRAGMA foreign_key_check")]
        (wrong,) = self._db.execute(
            "SELECT count(*) FROM vectors WHERE length(vector) != (SELECT 2 * dimension FROM meta)"
        ).fetchone()
        if wrong:
            found.append(f"{wrong} vectors have the wrong length")
        try:
            self._db.execute("INSERT INTO passage_words (passage_words, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:  # the check counts as writing
                note(f"the index of words was not checked: {error}")
                return found
            found.append(f"the index of words does not match the passages ({error})")
        return found


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date; an older index that this user may only read is read as it is."""
    try:
        schema.migrate(connection)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY or not schema.version_of(connection):
            raise
