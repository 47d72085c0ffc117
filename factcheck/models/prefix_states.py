"""Evaluated prompt prefixes on disk.

Evaluating the fixed part of a prompt costs 20 ms of processor time a token (1.5B model), restoring its KV cache
less than 10 ms a hundred tokens; so each new process reads it. A file is a SHA-256 and what it is the hash of.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from factcheck.models.kv_cache import NativeCache

KEPT_FILES = 12
# A shorter prefix is evaluated about as fast as its state is written and read.
MIN_SAVED_TOKENS = 16
_DIGEST_BYTES = 32


class PrefixStates:
    """Saved KV caches of one model in one setting. None is needed: what fails is evaluated instead."""

    def __init__(self, folder: Path, setting: str) -> None:
        """Keep the files in `folder`; `setting` names all that decides the bytes (model, build, context)."""
        self._folder = folder
        self._setting = setting

    def _path(self, tokens: Sequence[int]) -> Path:
        key = f"{self._setting}\n{','.join(map(str, tokens))}"
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.kv"

    def restore(self, cache: NativeCache, sequence: int, tokens: Sequence[int], opening: Sequence[int]) -> None:
        """Bring what a prompt shares with all of its kind into the cache: kept, read, or evaluated.

        opening: a prompt of that kind. Raises ModelError.
        """
        from factcheck.models.kv_cache import common_prefix

        shared = tokens[: common_prefix(tokens, opening)]
        known = common_prefix(cache.held(sequence), shared) == len(shared)
        if known or len(shared) < MIN_SAVED_TOKENS:
            return
        if (data := self.load(shared)) and cache.load_state(sequence, data, shared):
            return
        cache.evaluate(sequence, shared)
        self.save(shared, cache.save_state(sequence))

    def load(self, tokens: Sequence[int]) -> bytes | None:
        """Read the state after these tokens; None if it was not saved or its file is damaged."""
        path = self._path(tokens)
        try:
            stored = path.read_bytes()
            os.utime(path)  # so that the ones in use are the last to be deleted
        except OSError:
            return None
        digest, data = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
        return data if hashlib.sha256(data).digest() == digest else None

    def save(self, tokens: Sequence[int], data: bytes) -> None:
        """Write the state after these tokens, and delete the files that were not used for longest."""
        path = self._path(tokens)
        temporary = path.with_suffix(f".{os.getpid()}.partial")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(hashlib.sha256(data).digest() + data)
            temporary.replace(path)
            by_age = sorted(self._folder.glob("*.kv"), key=lambda file: file.stat().st_mtime)
            for old in by_age[:-KEPT_FILES]:
                old.unlink(missing_ok=True)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
