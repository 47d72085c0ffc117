"""An SQLite file that cannot be read any more: finding that out, and putting it aside."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path

from factcheck.errors import StoreError
from factcheck.store.passages import FILE_NAME, PassageStore


def open_sound(directory: Path) -> PassageStore | None:
    """Open the texts, empty ones if there were none; None if the file is damaged or of another program.

    Raises sqlite3.OperationalError, OSError.
    """
    try:
        passages = PassageStore.open(directory, create=True)
    except sqlite3.OperationalError:
        raise
    except (sqlite3.DatabaseError, StoreError):
        return None
    if passages.is_whole():
        return passages
    passages.close()
    return None


def put_aside(directory: Path) -> str:
    """Rename the SQLite file and its log; the new name."""
    name = f"damaged-{secrets.token_hex(4)}.sqlite"
    for suffix in ("-wal", "-shm", ""):
        path = directory / (FILE_NAME + suffix)
        if path.exists():
            path.rename(directory / (name + suffix))
    return name
