"""What stands around every use of the index: the writers' lock, and errors turned into words for the user."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from factcheck.errors import StoreError, StoreLockedError

LOCK_FILE = ".lock"
LOCK_WAIT_SECONDS = 2.0
REBUILD_ADVICE = "run `factcheck index build` with your sources to make it anew"


@contextmanager
def write_lock(directory: Path, *, wait_seconds: float | None = None) -> Iterator[None]:
    """Be the only writer, of all processes. Raises StoreLockedError if another one stays; OSError.

    wait_seconds: None for LOCK_WAIT_SECONDS.
    The system frees the lock of a process that dies, so no lock is ever left behind.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(directory / LOCK_FILE)
    try:
        lock.acquire(timeout=LOCK_WAIT_SECONDS if wait_seconds is None else wait_seconds)
    except Timeout as error:
        raise StoreLockedError(
            f"another process is writing to the index in {directory}; try again when it has finished"
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def as_store_error(directory: Path) -> Iterator[None]:
    """Turn the errors of SQLite and of the file system into StoreErrors that say what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not _is_damage(error):  # disk full, read-only, locked
            raise StoreError(_unusable(directory, str(error))) from error
        raise StoreError(f"the index in {directory} is damaged ({error}); {REBUILD_ADVICE}") from error
    except OSError as error:
        raise StoreError(_unusable(directory, error.strerror or str(error))) from error


def _is_damage(error: sqlite3.OperationalError) -> bool:
    """Whether it tells of the file's contents (a table is gone, a text is no text), not of its surroundings."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) == sqlite3.SQLITE_ERROR


def _unusable(directory: Path, reason: str) -> str:
    return (
        f"the index in {directory} cannot be read or written ({reason}); nothing in it was changed: see that"
        " the folder is yours to write and the disk has room, then try again"
    )
