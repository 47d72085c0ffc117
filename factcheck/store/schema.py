"""The SQLite file: connecting to it, and its tables as numbered migrations.

`PRAGMA user_version` holds the number of the last migration.

Every text is in `passages` once for each document that has it, every vector in `vectors` once for each
different embedded text, so that a paragraph that did not change is never embedded again.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from factcheck.errors import StoreError
from factcheck.store import words

# "FCT1": tells an index of ours from any other SQLite file.
APPLICATION_ID = 0x46435431

_TABLES = (
    """CREATE TABLE meta (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        generation INTEGER NOT NULL,
        token TEXT NOT NULL,
        vector_bytes INTEGER NOT NULL,
        vector_crc INTEGER NOT NULL,
        encoder_name TEXT NOT NULL,
        encoder_fingerprint TEXT NOT NULL,
        dimension INTEGER NOT NULL
    )""",
    """CREATE TABLE documents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        sha256 TEXT NOT NULL,
        title TEXT NOT NULL,
        publisher TEXT NOT NULL,
        url TEXT NOT NULL,
        date TEXT
    )""",
    """CREATE TABLE vectors (
        hash TEXT PRIMARY KEY,
        vector BLOB NOT NULL
    )""",
    # AUTOINCREMENT: an id is never given to another passage, so a reader's older vectors cannot point to it.
    """CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        paragraph INTEGER NOT NULL,
        text TEXT NOT NULL,
        sentences TEXT NOT NULL,
        hash TEXT NOT NULL REFERENCES vectors (hash) DEFERRABLE INITIALLY DEFERRED
    )""",
    "CREATE INDEX passages_document ON passages (document_id)",
    "CREATE INDEX passages_hash ON passages (hash)",
    """CREATE VIEW passage_texts AS
        SELECT passages.id AS id, documents.title AS title, passages.text AS text
        FROM passages JOIN documents ON documents.id = passages.document_id""",
    # The words are indexed, the text itself is read through the view: it is stored once.
    f"""CREATE VIRTUAL TABLE passage_words USING fts5 (
        title, text, content = 'passage_texts', content_rowid = 'id',
        tokenize = '{words.TOKENIZE}'
    )""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_TABLES, words.TABLES)
VERSION = len(MIGRATIONS)


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open the file, without Python's implicit transactions. Raises sqlite3.Error."""
    uri = path.absolute().as_uri()
    try:
        return _connect(f"{uri}?mode={'rwc' if create else 'rw'}")
    except sqlite3.OperationalError:
        log = path.with_name(path.name + "-wal")
        if create or not path.is_file() or log.exists():
            raise
    # A folder that this user cannot write to, and no writer's log in it: nothing changes while we read.
    return _connect(f"{uri}?mode=ro&immutable=1")


def _connect(uri: str) -> sqlite3.Connection:
    # One connection serves several threads in turn: `Searcher` holds a lock meanwhile.
    connection = sqlite3.connect(uri, uri=True, timeout=5.0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA schema_version").fetchone()  # the first to touch the file
    except BaseException:
        connection.close()
        raise
    return connection


def version_of(connection: sqlite3.Connection) -> int:
    """Return the last migration made; 0 for an empty file. Raises StoreError if it is not an index."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (version or tables) and application != APPLICATION_ID:
        raise StoreError("the file is an SQLite database of another program; use another folder")
    if version > VERSION:
        raise StoreError("it was written by a newer factcheck; update factcheck")
    return int(version)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest schema, all migrations or none."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statements in MIGRATIONS[version_of(connection) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
