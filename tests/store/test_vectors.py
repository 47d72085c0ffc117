from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from factcheck.protocols import FloatArray
from factcheck.store import vectors
from factcheck.store.store import Changes, Store
from factcheck.store.vectors import VectorFileError, VectorIndex
from tests.store.fakes import FakeEncoder, contents, ignore, open_filled, source

DIMENSION = 16


def rows(count: int, seed: int = 0) -> FloatArray:
    made = np.random.default_rng(seed).normal(size=(count, DIMENSION))
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def cells(count: int) -> tuple[VectorIndex, FloatArray]:
    """An index of cells over so many random vectors, with ids from 1."""
    data = rows(count)
    batches = [(np.arange(start + 1, start + 101), data[start : start + 100]) for start in range(0, count, 100)]
    return VectorIndex.build(batches, DIMENSION, count=count, sample=lambda wanted: data[:wanted]), data


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "FLAT_LIMIT", 150)


def test_cells_find_nearly_what_comparing_all_finds() -> None:
    index, data = cells(2000)
    asked = rows(50, seed=1)
    exact = np.argsort(-(asked @ data.T), axis=1)[:, :10] + 1
    found = index.search(asked, 10)
    shared = [len(set(a) & set(b.tolist())) for a, b in zip(found, exact, strict=True)]
    assert np.mean(shared) > 8  # random vectors have no cells to speak of: real ones do better


def test_a_filter_looks_into_more_cells() -> None:
    index, data = cells(2000)
    allowed = np.array([7, 900, 1999], dtype=np.int64)
    (found,) = index.search(data[:1], 10, allowed)
    assert sorted(found) == [7, 900, 1999]


def test_a_file_of_cells_is_mapped_changed_and_verified(tmp_path: Path) -> None:
    index, data = cells(400)
    path = tmp_path / "v.faiss"
    check = index.write(path)
    opened = VectorIndex.open(path, check, DIMENSION)
    assert opened.search(data[41:42], 1) == [[42]]
    assert not opened.differs_from([(np.arange(1, 401), data)])
    assert opened.differs_from([(np.arange(1, 401), data[::-1])])
    assert opened.differs_from([(np.arange(1, 400), data[:399])])

    new = rows(2, seed=9)
    changed = VectorIndex.changed(
        path, check, DIMENSION, removed=np.array([42]), added=[(np.array([501, 502]), new)], count=401
    )
    assert changed is not None
    assert len(changed) == 401
    assert changed.search(new, 1) == [[501], [502]]
    assert changed.search(data[41:42], 1) != [[42]]
    assert len(VectorIndex.open(path, check, DIMENSION)) == 400  # the old state stays as it was


def test_a_change_that_needs_other_cells_says_so(tmp_path: Path) -> None:
    index, _ = cells(400)
    path = tmp_path / "v.faiss"
    check = index.write(path)
    for count in (100, 400 * 12):
        none = np.zeros(0, dtype=np.int64)
        assert VectorIndex.changed(path, check, DIMENSION, removed=none, added=[], count=count) is None
    path.write_bytes(b"")
    with pytest.raises(VectorFileError):
        VectorIndex.changed(path, check, DIMENSION, removed=none, added=[], count=400)


def test_a_store_passes_the_limit_and_comes_back(tmp_path: Path) -> None:
    texts = {f"{name}.txt": [f"{name} {number}" for number in range(60)] for name in ("ant", "bee", "cow")}
    store = open_filled(tmp_path, *(source(name, *paragraphs) for name, paragraphs in texts.items()))
    assert contents(store) == texts
    assert store.verify() == []
    assert store.add([source("dog.txt", "a dog")], FakeEncoder()) == Changes(added=("dog.txt",))
    assert store.add([source("dog.txt", "two dogs")], FakeEncoder()) == Changes(changed=("dog.txt",))
    assert contents(store) == {**texts, "dog.txt": ["two dogs"]}
    assert store.verify() == []
    store.remove(["ant.txt"])
    store.close()
    again = Store.open(tmp_path, note=ignore)
    assert contents(again) == {"bee.txt": texts["bee.txt"], "cow.txt": texts["cow.txt"], "dog.txt": ["two dogs"]}
    assert again.verify() == []
    again.close()
