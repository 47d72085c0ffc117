"""Hashes of model files and folders."""

from __future__ import annotations

import hashlib
from pathlib import Path


def file_digest(path: Path) -> str:
    """Sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_digest(folder: Path) -> tuple[str, int]:
    """Sha256 over a folder's files, and their bytes together.

    The hash is that of what `sha256sum` prints of the files in the order of their names; files and folders
    whose names begin with a dot are left out.
    """
    lines = hashlib.sha256()
    total = 0
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    for name in names:
        if not name.startswith("."):
            lines.update(f"{file_digest(folder / name)}  {name}\n".encode())
            total += (folder / name).stat().st_size
    return lines.hexdigest(), total
