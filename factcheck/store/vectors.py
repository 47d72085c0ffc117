"""The vectors in a FAISS file: quick to search, and made from SQLite alone whenever it is missing or damaged.

Up to FLAT_LIMIT passages every vector is compared. Beyond that the file is inverted: k-means cells, of which a query
looks into the nearest, with vectors of one byte a dimension (Jégou, Douze and Schmid, PAMI 2011, without the product
quantiser: a quarter of the size for no loss that can be measured). Figures: docs/performance.md.

The file's name carries the generation and the token of the SQLite state that it belongs to, so that a file of
another state is never taken for it; its size and check sum stand in that state.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Iterable
from math import sqrt
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from factcheck.protocols import FloatArray

IdArray = NDArray[np.int64]
Batch = tuple[IdArray, FloatArray]  # ids, and their vectors, shape (n, dimension)

FLAT_LIMIT = 100_000
_SAMPLE_A_CELL = 24  # vectors that the cells are found by
_KMEANS_ROUNDS = 8
_PROBED = 0.1  # share of the cells that a query looks into, and how many at least
_LEAST_PROBES = 24
_REACH = 6  # standard deviations of a component of a random unit vector that bytes can tell at least
_CELLS_MARK = b"IwSq"  # what FAISS begins a file of cells with scalar quantisation with
_BYTE_ROUNDING = 5e-3  # of a vector kept in bytes

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
        self._cells = int(index.nlist) if hasattr(index, "nlist") else 0  # 0: every vector is compared

    @classmethod
    def build(
        cls,
        vectors: Iterable[Batch],
        dimension: int,
        *,
        count: int = 0,
        sample: Callable[[int], FloatArray] | None = None,
    ) -> VectorIndex:
        """Index batches of (ids, vectors of shape (n, dimension)).

        count: how many there will be. sample: gives about that many vectors spread over all, to find cells by;
        needed for more than FLAT_LIMIT.
        """
        index = (
            _flat_index(dimension) if count <= FLAT_LIMIT or sample is None else _cell_index(count, dimension, sample)
        )
        for ids, batch in vectors:
            index.add_with_ids(np.ascontiguousarray(batch), ids)
        return cls(index)

    @classmethod
    def open(cls, path: Path, check: FileCheck, dimension: int) -> VectorIndex:
        """Map the file into memory: pages are read when a search needs them. Raises VectorFileError."""
        import faiss

        index = _read(path, check, dimension, in_memory=False)
        if hasattr(index, "nlist"):  # threads that fetch cells ahead cost a single query more than they save
            lists: Any = faiss.downcast_InvertedLists(index.invlists)
            lists.prefetch_nthread = 0
        return cls(index)

    @classmethod
    def changed(
        cls, path: Path, check: FileCheck, dimension: int, *, removed: IdArray, added: Iterable[Batch], count: int
    ) -> VectorIndex | None:
        """The index in the file after a change, in memory; None if it had better be built anew for `count` vectors.

        Raises VectorFileError.
        """
        import faiss

        index = _read(path, check, dimension, in_memory=True)
        cells = int(getattr(index, "nlist", 0))
        if (count > FLAT_LIMIT) != bool(cells) or (cells and not cells / 3 < _cells_for(count) < 3 * cells):
            return None
        if len(removed):
            index.remove_ids(faiss.IDSelectorBatch(removed))
        for ids, batch in added:
            index.add_with_ids(np.ascontiguousarray(batch), ids)
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
        selector = None if allowed is None else faiss.IDSelectorBatch(allowed)  # params does not keep it alive
        params = self._parameters(selector, 1.0 if allowed is None else len(allowed) / len(self))
        threads = faiss.omp_get_max_threads()
        if len(queries) < _MANY_QUERIES:
            faiss.omp_set_num_threads(1)
        try:
            scores, ids = self._index.search(np.ascontiguousarray(queries), count, params=params)
        finally:
            faiss.omp_set_num_threads(threads)
        # Equal texts have equal scores: the lower id first, so that the order is the same everywhere.
        # Where the cells looked into hold too few, FAISS fills up with the id -1 and the least of all scores.
        orders = [np.lexsort((row, -np.round(near.clip(-2), 6))) for row, near in zip(ids, scores, strict=True)]
        return [[int(i) for i in row[order] if i >= 0] for row, order in zip(ids, orders, strict=True)]

    def _parameters(self, selector: Any, share: float) -> Any:
        """Parameters of a search; where few passages are allowed, more cells are looked into to find as many."""
        import faiss

        params: Any = faiss.SearchParametersIVF() if self._cells else faiss.SearchParameters()
        params.sel = selector
        if self._cells:
            params.nprobe = min(self._cells, max(_LEAST_PROBES, int(self._cells * _PROBED / max(share, 1e-6))))
        return params

    def differs_from(self, vectors: Iterable[Batch]) -> bool:
        """Whether the ids, or any vector by more than rounding, differ from these, which come in the order of ids."""
        own_ids, decoded, tolerance = self._contents()
        start = 0
        for ids, batch in vectors:
            end = start + len(ids)
            if not np.array_equal(own_ids[start:end], ids) or not np.allclose(
                decoded(start, end), batch, atol=tolerance
            ):
                return True
            start = end
        return start != len(own_ids)

    def _contents(self) -> tuple[IdArray, Callable[[int, int], FloatArray], float]:
        """All ids in order, the vectors from one place in that order to another, and how exact they are."""
        import faiss

        if not self._cells:
            return faiss.vector_to_array(self._index.id_map), self._reconstructed, 1e-6
        lists, sizes = self._index.invlists, self._index.code_size
        lengths = [lists.list_size(cell) for cell in range(self._cells)]
        pieces = [
            (
                faiss.rev_swig_ptr(lists.get_ids(cell), length).copy(),
                faiss.rev_swig_ptr(lists.get_codes(cell), length * sizes).reshape(length, sizes).copy(),
            )
            for cell, length in enumerate(lengths)
            if length
        ]
        ids = np.concatenate([ids for ids, _ in pieces])
        codes = np.concatenate([codes for _, codes in pieces])
        order = np.argsort(ids)
        return ids[order], lambda start, end: self._index.sq.decode(codes[order[start:end]]), _BYTE_ROUNDING

    def _reconstructed(self, start: int, end: int) -> FloatArray:
        rows: FloatArray = self._index.index.reconstruct_n(start, end - start)
        return rows


def _flat_index(dimension: int) -> Any:
    import faiss

    return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))


def _cells_for(count: int) -> int:
    """How many cells suit so many vectors: four times the root keeps cells and their contents equally cheap."""
    return max(1, round(4 * sqrt(count)))


def _cell_index(count: int, dimension: int, sample: Callable[[int], FloatArray]) -> Any:
    """An empty index of cells, found by k-means over a sample."""
    import faiss

    cells = _cells_for(count)
    quantizer = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dimension, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    index.cp.niter = _KMEANS_ROUNDS
    index.cp.spherical = True
    index.cp.min_points_per_centroid = 1  # no warning on the user's terminal
    index.train(np.ascontiguousarray(sample(_SAMPLE_A_CELL * cells)))
    # The bytes span what the sample spans, in each dimension; what is added later may reach farther.
    least, span = np.split(faiss.vector_to_array(index.sq.trained), 2)
    reach = min(1.0, _REACH / sqrt(dimension))
    lowest, highest = np.minimum(least, -reach), np.maximum(least + span, reach)
    faiss.copy_array_to_vector(np.concatenate([lowest, highest - lowest]), index.sq.trained)
    return index


def _read(path: Path, check: FileCheck, dimension: int, *, in_memory: bool) -> Any:
    """FAISS's index, whole or mapped. Raises VectorFileError."""
    import faiss

    try:
        if file_check(path) != check:
            raise VectorFileError(f"{path.name} is damaged")
        with path.open("rb") as file:
            has_cells = file.read(4) == _CELLS_MARK
        mapped = faiss.IO_FLAG_MMAP if has_cells else faiss.IO_FLAG_MMAP_IFC
        index = faiss.read_index(str(path), 0 if in_memory else mapped)
    except OSError as error:
        raise VectorFileError(f"{path.name} cannot be read: {error.strerror}") from error
    except RuntimeError as error:  # FAISS says so of a file that it cannot make sense of
        raise VectorFileError(f"{path.name} is damaged") from error
    if index.d != dimension:
        raise VectorFileError(f"{path.name} has vectors of another length")
    return index


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
