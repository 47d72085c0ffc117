from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from factcheck.errors import StoreError
from factcheck.store.passages import FILE_NAME
from factcheck.store.store import Store
from factcheck.store.vectors import VectorIndex
from tests.store.fakes import FakeEncoder, contents, ignore, open_filled, source

A = source("a.txt", "one two", "three four")
TEXTS = {"a.txt": ["one two", "three four"]}


def delete(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def scribble(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[20:60] = b"\xff" * 40
    path.write_bytes(data)


def vector_file(directory: Path) -> Path:
    (path,) = directory.glob("vectors-*.faiss")
    return path


@pytest.mark.parametrize("harm", [delete, cut, scribble])
def test_a_damaged_vector_file_is_made_again_without_the_encoder(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    open_filled(tmp_path, A).close()
    before = vector_file(tmp_path).read_bytes()
    name = vector_file(tmp_path).name
    harm(vector_file(tmp_path))
    notes: list[str] = []
    store = Store.open(tmp_path, note=notes.append)
    reason = f"{name} cannot be read: No such file or directory" if harm is delete else f"{name} is damaged"
    assert store.verify() == [f"{reason}; the next check of a claim will mend that"]
    assert contents(store) == TEXTS
    assert notes == [f"index in {tmp_path}: {reason}; its vectors were made again from the database (2 passages)"]
    assert store.verify() == []
    store.close()
    assert vector_file(tmp_path).read_bytes() == before


def test_a_vector_file_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_filled(tmp_path, A).close()
    vector_file(tmp_path).unlink()

    def full(self: VectorIndex, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(VectorIndex, "write", full)
    notes: list[str] = []
    store = Store.open(tmp_path, note=notes.append)
    assert (contents(store), contents(store)) == (TEXTS, TEXTS)
    assert [note.split("; ")[1] for note in notes] == [
        "its vectors were made from the database for now, and could not be written (2 passages)"
    ]
    store.close()


def test_verify_finds_vectors_that_differ(tmp_path: Path) -> None:
    store = open_filled(tmp_path, A)
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("UPDATE vectors SET vector = zeroblob(128)")
    db.close()
    assert store.verify() == [f"{vector_file(tmp_path).name} differs from the vectors in SQLite"]
    store.close()


def test_verify_finds_missing_vectors_and_words(tmp_path: Path) -> None:
    store = open_filled(tmp_path, A)
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("DELETE FROM vectors WHERE rowid = 1")
        db.execute("UPDATE passages SET text = 'other words' WHERE id = 2")
    db.close()
    found = store.verify()
    assert found[0] == "SQLite: a row of passages has no parent"
    assert found[1].startswith("the index of words does not match the passages (")
    assert len(found) == 2
    store.close()


def test_vectors_of_the_wrong_length_are_found_and_never_used(tmp_path: Path) -> None:
    open_filled(tmp_path, A).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("UPDATE vectors SET vector = zeroblob(6)")
    db.close()
    vector_file(tmp_path).unlink()
    store = Store.open(tmp_path, note=ignore)
    assert store.verify()[0] == "2 vectors have the wrong length"
    with pytest.raises(StoreError, match=r"damaged \(a vector has the wrong length\); run `factcheck index"):
        contents(store)
    store.close()


@pytest.mark.parametrize("size", [3, 100, 5000])
def test_a_truncated_database_is_one_clear_error_and_can_be_built_anew(tmp_path: Path, size: int) -> None:
    open_filled(tmp_path, A, source("b.txt", *(f"filler {n}" for n in range(300)))).close()
    os.truncate(tmp_path / FILE_NAME, size)
    with pytest.raises(StoreError, match=r"is damaged \(.*\); run `factcheck index build` with your sources"):
        contents(Store.open(tmp_path, note=ignore))
    notes: list[str] = []
    store = Store.open_to_build(tmp_path, note=notes.append)
    store.build([A], FakeEncoder())
    (aside,) = tmp_path.glob("damaged-*.sqlite")
    assert notes == [f"the index in {tmp_path} cannot be read; it is kept as {aside.name}"]
    assert (aside.stat().st_size, contents(store), store.verify()) == (size, TEXTS, [])
    store.close()


def test_there_is_no_index_or_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"there is no index in {tmp_path}; run `factcheck index build`"):
        Store.open(tmp_path, note=ignore)
    Store.create_or_open(tmp_path, FakeEncoder(), note=ignore).close()
    with pytest.raises(StoreError, match=f"the index in {tmp_path} is empty; run `factcheck index build`"):
        Store.open(tmp_path, note=ignore)


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(
        StoreError, match=rf"the index in {tmp_path} cannot be used: .* of another program; use another folder"
    ):
        Store.create_or_open(tmp_path, FakeEncoder(), note=ignore)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_an_index_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    open_filled(tmp_path, A).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(
        StoreError, match=f"the index in {tmp_path} cannot be used: it was written by a newer factcheck"
    ):
        Store.open(tmp_path, note=ignore)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE documents SET date = 'yesterday'", "a document's date is none"),
        ("UPDATE passages SET sentences = '[[5,1]]'", "a passage's sentences are none"),
        ("UPDATE meta SET encoder_fingerprint = CAST(x'ff' AS TEXT)", "Could not decode to UTF-8 .*"),
        ("DROP TABLE vectors", "no such table: vectors"),
    ],
)
def test_rows_that_make_no_sense_are_called_damage(tmp_path: Path, statement: str, reason: str) -> None:
    open_filled(tmp_path, A).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute(statement)
    db.close()
    vector_file(tmp_path).unlink()
    with pytest.raises(
        StoreError, match=rf"the index in {tmp_path} is damaged \({reason}\); run `factcheck index build`"
    ):
        store = Store.open(tmp_path, note=ignore)
        with store.snapshot() as snapshot:
            snapshot.passages.fetch([1])
            snapshot.passages.documents()


def test_verify_finds_a_missing_index_of_words(tmp_path: Path) -> None:
    open_filled(tmp_path, A).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("DROP TABLE passage_words")
    db.close()
    notes: list[str] = []
    store = Store.open(tmp_path, note=notes.append)
    assert store.verify() == ["the index of words does not match the passages (no such table: passage_words)"]
    assert notes == []
    store.close()


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_filled(tmp_path, A)

    def full(index: object, path: str) -> None:
        Path(path).write_bytes(b"half")
        raise RuntimeError("write error")

    with monkeypatch.context() as patch:
        patch.setattr("faiss.write_index", full)
        with pytest.raises(StoreError, match=f"the index in {tmp_path} cannot be read or written .*disk"):
            store.add([source("b.txt", "seven")], FakeEncoder())
    assert (contents(store), store.verify(), list(tmp_path.glob("*.tmp"))) == (TEXTS, [], [])
    store.close()


def test_a_database_that_cannot_grow_changes_nothing(tmp_path: Path) -> None:
    store = open_filled(tmp_path, A)
    store._passages._db.execute("PRAGMA max_page_count = 30")  # SQLite's own "disk is full"
    with pytest.raises(StoreError, match="database or disk is full"):
        store.add([source("b.txt", *(f"filler {n} " * 50 for n in range(300)))], FakeEncoder())
    assert (contents(store), store.verify()) == (TEXTS, [])
    store.close()


@contextmanager
def without_privileges() -> Iterator[None]:
    """As nobody, where the tests run as root, who may write everywhere."""
    if os.getuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_written_to_can_be_read() -> None:
    with TemporaryDirectory() as name:
        directory = Path(name)
        open_filled(directory, A).close()
        directory.chmod(0o555)
        with without_privileges():
            store = Store.open(directory, note=pytest.fail)
            assert contents(store) == TEXTS
            with pytest.raises(StoreError, match=r"cannot be read or written \(Permission denied\)"):
                store.add([source("b.txt", "seven")], FakeEncoder())
            with pytest.raises(StoreError, match=r"cannot be read or written \(Permission denied\)"):
                Store.create_or_open(directory, FakeEncoder(), note=ignore)
            assert contents(store) == TEXTS
            store.close()
        directory.chmod(0o700)
