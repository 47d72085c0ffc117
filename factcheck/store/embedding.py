"""From passages to stored vectors, a batch at a time, each different text once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from factcheck.protocols import Encoder
from factcheck.store.passages import PassageStore
from factcheck.store.rows import NewPassage
from factcheck.store.staging import Staging
from factcheck.types import Document, Passage

Progress = Callable[[int, int | None], None]

_BATCH = 256


def embedded_text(document: Document, passage: Passage) -> str:
    """Return the text whose vector stands for a passage: it begins with the title, which says its subject.

    FoolMeTwice (5,363 single sentences out of their pages, 300 claims), recall@5 without and with the title:
    dense alone 0.79 and 0.92, fused with the words 0.89 and 0.93.
    """
    return f"{document.title}. {passage.text}" if document.title else passage.text


class Embedding:
    """Collects texts and stores their vectors in batches, so that memory does not grow with the corpus."""

    def __init__(self, store: PassageStore, encoder: Encoder, staging: Staging, progress: Progress | None) -> None:
        self._store = store
        self._staging = staging
        self._encoder = encoder
        self._progress = progress
        self._waiting: dict[str, str] = {}
        self._taken = 0

    def take(self, document: Document, passages: Sequence[Passage]) -> list[NewPassage]:
        """Return the passages with the keys of their vectors, which are stored by the end of `finish`."""
        new = []
        for passage in passages:
            text = embedded_text(document, passage)
            key = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
            self._waiting[key] = text
            self._taken += 1
            if len(self._waiting) >= _BATCH:
                self.finish()
            new.append(NewPassage(passage, key))
        return new

    def finish(self) -> None:
        """Embed and store what is waiting."""
        keys = self._store.missing_vectors(list(self._waiting))
        found = self._staging.find(keys)
        if missing := [key for key in keys if key not in found]:
            made = self._encoder.embed([self._waiting[key] for key in missing])
            self._staging.keep(missing, made)
            self._store.add_vectors(missing, made)
        if found:
            self._store.add_vectors(list(found), np.stack(list(found.values())))
        self._waiting.clear()
        if self._progress:
            self._progress(self._taken, None)
