"""Vectors of a long build that is under way, so that a build that is broken off goes on where it was.

The index changes all at once or not at all: until then its texts are in one open transaction, which a crash undoes.
Vectors are what takes the time, and they belong to a text, not to a state. So they are committed here as they are
made, in a file of their own beside the index; the next build finds them by the text's key.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from factcheck.protocols import Encoder, FloatArray
from factcheck.store.rows import VECTOR_TYPE

FILE_NAME = "embedded.sqlite"
BEGIN_AFTER = 4_096  # embedded texts: what is done in seconds is not worth a file


class Staging:
    """The file of one encoder's vectors; what another encoder left is thrown away. Raises sqlite3.Error."""

    def __init__(self, directory: Path, encoder: Encoder) -> None:
        self._path = directory / FILE_NAME
        self._dimension = encoder.dimension
        self._fingerprint = encoder.fingerprint
        self._db: sqlite3.Connection | None = None
        self._seen = 0
        if self._path.exists():
            self._open()

    @staticmethod
    def discard(directory: Path) -> None:
        """Delete the file, if there is one: its vectors are in the index now."""
        with suppress(OSError):
            (directory / FILE_NAME).unlink(missing_ok=True)

    def find(self, keys: Sequence[str]) -> dict[str, FloatArray]:
        """Those of the vectors that were made before, by key."""
        if self._db is None or not keys:
            return {}
        rows = self._db.execute(
            "SELECT hash, vector FROM vectors WHERE hash IN (SELECT value FROM json_each(?))", (json.dumps(keys),)
        )
        return {key: np.frombuffer(vector, dtype=VECTOR_TYPE).astype(np.float32) for key, vector in rows}

    def keep(self, keys: Sequence[str], vectors: FloatArray) -> None:
        """Commit vectors, shape (len(keys), dimension), once a build has turned out to be long."""
        self._seen += len(keys)
        if self._db is None:
            if self._seen <= BEGIN_AFTER:
                return
            self._open()
        assert self._db is not None
        with self._db:
            self._db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                ((key, row.tobytes()) for key, row in zip(keys, vectors.astype(VECTOR_TYPE), strict=True)),
            )

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _open(self) -> None:
        self._db = sqlite3.connect(self._path, check_same_thread=False)
        try:
            # Losing the last second of work to a power cut costs a second; waiting for the disk costs more.
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.execute("CREATE TABLE IF NOT EXISTS vectors (hash TEXT PRIMARY KEY, vector BLOB) WITHOUT ROWID")
            self._db.execute("CREATE TABLE IF NOT EXISTS encoder (fingerprint TEXT)")
            known = self._db.execute("SELECT fingerprint FROM encoder").fetchone()
        except sqlite3.DatabaseError:
            known = ("damaged",)
        if known is None:
            with self._db:
                self._db.execute("INSERT INTO encoder VALUES (?)", (self._fingerprint,))
        elif known[0] != self._fingerprint:
            self.close()
            self._path.unlink()
            self._open()
