from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from factcheck.errors import InputError
from factcheck.store import staging
from factcheck.store.store import Store
from tests.store.fakes import FakeEncoder, Source, contents, ignore, source

SOURCES = [source(f"{number}.txt", *(f"word{number} {i}" for i in range(256))) for number in range(3)]
STAGED = staging.FILE_NAME


@pytest.fixture(autouse=True)
def every_build_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "BEGIN_AFTER", 0)


def broken_off() -> Iterator[Source]:
    yield from SOURCES[:2]
    raise InputError("no more")


def fill(directory: Path, encoder: FakeEncoder) -> Store:
    store = Store.create_or_open(directory, encoder, note=ignore)
    store.add(SOURCES, encoder)
    return store


def test_a_build_that_broke_off_goes_on_where_it_was(tmp_path: Path) -> None:
    store = Store.create_or_open(tmp_path, FakeEncoder(), note=ignore)
    with pytest.raises(InputError):
        store.add(broken_off(), FakeEncoder())
    store.close()
    assert (tmp_path / STAGED).exists()

    encoder = FakeEncoder()
    store = fill(tmp_path, encoder)
    assert len(encoder.seen) == 256  # of the third document
    assert not (tmp_path / STAGED).exists()
    assert [len(texts) for texts in contents(store).values()] == [256, 256, 256]
    assert store.verify() == []
    store.close()


@pytest.mark.parametrize("damage", ["other encoder", "no database"])
def test_what_is_of_no_use_is_thrown_away(tmp_path: Path, damage: str) -> None:
    before = FakeEncoder("old" if damage == "other encoder" else "fake-1")
    store = Store.create_or_open(tmp_path, before, note=ignore)
    with pytest.raises(InputError):
        store.add(broken_off(), before)
    store.close()
    if damage == "no database":
        (tmp_path / STAGED).write_bytes(b"not a database " * 100)

    encoder = FakeEncoder()
    store = fill(tmp_path, encoder)
    assert len(encoder.seen) == 768
    assert store.verify() == []
    assert not (tmp_path / STAGED).exists()
    store.close()
