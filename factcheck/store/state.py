"""The vectors of a state of the index: from its file, from the file of the state before, or from SQLite alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from factcheck.store.passages import PassageStore
from factcheck.store.rows import Meta
from factcheck.store.vectors import FileCheck, VectorFileError, VectorIndex, file_name


@dataclass
class Delta:
    """What a change did: passages with ids above `newest` are new, the (ids, vector keys) in `removed` went."""

    newest: int = 0
    removed: list[tuple[int, str]] = field(default_factory=list)


def open_vectors(directory: Path, meta: Meta) -> VectorIndex:
    """The vectors of a state from its file. Raises VectorFileError."""
    path = directory / file_name(meta.generation, meta.token)
    return VectorIndex.open(path, FileCheck(meta.vector_bytes, meta.vector_crc), meta.dimension)


def built(passages: PassageStore, dimension: int) -> VectorIndex:
    """All vectors, from SQLite."""
    sample = partial(passages.sample_vectors, dimension=dimension)
    return VectorIndex.build(passages.vectors(dimension), dimension, count=passages.passage_count(), sample=sample)


def changed(directory: Path, passages: PassageStore, old: Meta, delta: Delta) -> VectorIndex:
    """The vectors after a change: those of the old file with what came and went, or all anew if that is no use."""
    try:
        vectors = VectorIndex.changed(
            directory / file_name(old.generation, old.token),
            FileCheck(old.vector_bytes, old.vector_crc),
            old.dimension,
            removed=np.array([row_id for row_id, _ in delta.removed], dtype=np.int64),
            added=passages.vectors(old.dimension, after=delta.newest),
            count=passages.passage_count(),
        )
    except VectorFileError:
        vectors = None
    return vectors or built(passages, old.dimension)
