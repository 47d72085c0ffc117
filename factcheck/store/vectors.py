"""The vectors in a FAISS file: quick to search, and made from SQLite alone whenever it is missing or damaged.

The file's name carries the generation and the token of the SQLite state that it belongs to, so that a file of
another state is never taken for it; its size and check sum stand in that state.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from factcheck.protocols import FloatArray

IdArray = NDArray[np.int64]

_NAME = re.compile(r"vectors-\d+-[0-9a-f]+\.faiss(\.tmp)?")
_CHECKED_BYTES = 64 * 1024
# Up to here FAISS compares query by query; waking threads for that costs more than they save.
_MANY_QUERIES = 20


class VectorFileError(Exception):
    """The file is missing or damaged; `VectorIndex.build` makes another."""


class FileCheck(NamedTuple):
    """Size in bytes, and CRC-32 of the first and last 64 KiB: FAISS's own header and list of ids."""

    size: int
    crc: int


class VectorIndex:
    """Passage ids and their vectors, searched by inner product (cosine, since the vectors have length 1)."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Iterable[tuple[IdArray, FloatArray]], dimension: int) -> VectorIndex:
        """Index batches of (ids, vectors of shape (n, dimension))."""
        index = _empty_index(dimension)
        for ids, batch in vectors:
            index.add_with_ids(np.ascontiguousarray(batch), ids)
        return cls(index)

    @classmethod
    def open(cls, path: Path, check: FileCheck, dimension: int) -> VectorIndex:
        """Map the file into memory: pages are read when a search needs them. Raises VectorFileError."""
        import faiss

        try:
            if file_check(path) != check:
                raise VectorFileError(f"{path.name} is damaged")
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except OSError as error:
            raise VectorFileError(f"{path.name} cannot be read: {error.strerror}") from error
        except RuntimeError as error:  # FAISS says so of a file that it cannot make sense of
            raise VectorFileError(f"{path.name} is damaged") from error
        if index.d != dimension:
            raise VectorFileError(f"{path.name} has vectors of another length")
        return cls(index)

    def write(self, path: Path) -> FileCheck:
        """Write the file so that it is there whole or not at all, even after a power cut. Raises OSError."""
        import faiss

        temporary = path.with_name(path.name + ".tmp")
        try:
            faiss.write_index(self._index, str(temporary))
        except RuntimeError as error:
            raise OSError(f"{temporary.name} cannot be written (disk full?)") from error
        _sync(temporary)
        temporary.replace(path)
        _sync(path.parent)
        return file_check(path)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, queries: FloatArray, count: int, allowed: IdArray | None = None) -> list[list[int]]:
        """For each query (shape (n, dimension)) the ids of its nearest passages, nearest first.

        allowed: search among these ids only; None for all.
        """
        import faiss

        count = min(count, len(self) if allowed is None else len(allowed))
        if count == 0 or len(queries) == 0:
            return [[] for _ in queries]
        params = None
        if allowed is not None:
            selector = faiss.IDSelectorBatch(allowed)  # a name of its own: params does not keep it alive
            params = faiss.SearchParameters()
            params.sel = selector
        threads = faiss.omp_get_max_threads()
        if len(queries) < _MANY_QUERIES:
            faiss.omp_set_num_threads(1)
        try:
            scores, ids = self._index.search(np.ascontiguousarray(queries), count, params=params)
        finally:
            faiss.omp_set_num_threads(threads)
        # Equal texts have equal scores: the lower id first, so that the order is the same everywhere.
        orders = [np.lexsort((row, -np.round(near, 6))) for row, near in zip(ids, scores, strict=True)]
        return [[int(i) for i in row[order] if i >= 0] for row, order in zip(ids, orders, strict=True)]

    def differs_from(self, vectors: Iterable[tuple[IdArray, FloatArray]]) -> bool:
        """Whether the ids, or any vector by more than rounding, differ from these."""
        import faiss

        own_ids = faiss.vector_to_array(self._index.id_map)
        start = 0
        for ids, batch in vectors:
            end = start + len(ids)
            if not np.array_equal(own_ids[start:end], ids):
                return True
            own = self._index.index.reconstruct_n(start, len(ids))
            if not np.allclose(own, batch, atol=1e-6):
                return True
            start = end
        return start != len(own_ids)


def _empty_index(dimension: int) -> Any:
    """Make an empty index; the one place where its kind is chosen.

    Exact search suffices up to about 200,000 passages; more will want an inverted file with 8-bit scalar
    quantisation.
    """
    import faiss

    return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))


def file_name(generation: int, token: str) -> str:
    """Name of the vector file of one state."""
    return f"vectors-{generation}-{token}.faiss"


def file_check(path: Path) -> FileCheck:
    """Size and check sum of a file's ends. Raises OSError."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        crc = zlib.crc32(file.read(_CHECKED_BYTES))
        file.seek(max(0, size - _CHECKED_BYTES))
        return FileCheck(size, zlib.crc32(file.read(_CHECKED_BYTES), crc))


def remove_other_files(directory: Path, keep: str) -> None:
    """Delete the vector files, finished or not, of every state but one."""
    for path in directory.iterdir():
        if _NAME.fullmatch(path.name) and path.name != keep:
            path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
