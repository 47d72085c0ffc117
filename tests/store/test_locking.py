from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from factcheck.errors import StoreLockedError
from factcheck.store import guard
from factcheck.store.search import Searcher
from factcheck.store.store import Store
from tests.store.fakes import FakeEncoder, Source, contents, open_filled, source

WRITERS = """
import sys
from pathlib import Path
from factcheck.store.store import Store
from tests.store.fakes import FakeEncoder, ignore, source
store = Store.create_or_open(Path(sys.argv[1]), FakeEncoder(), note=ignore)
for number in range(5):
    store.add([source(f"{sys.argv[2]}{number}", f"text {number}")], FakeEncoder())
"""


def test_a_second_writer_is_told_and_readers_are_not_blocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LOCK_WAIT_SECONDS", 0.05)
    first = open_filled(tmp_path, source("a", "one"))
    second, reader = (Store.open(tmp_path, note=pytest.fail) for _ in range(2))

    def slow() -> Iterator[Source]:
        yield source("b", *(f"word{number}" for number in range(300)))
        with pytest.raises(StoreLockedError, match=f"another process is writing to the index in {tmp_path}"):
            second.add([source("c", "three")], FakeEncoder())
        assert contents(reader) == {"a": ["one"]}

    first.add(slow(), FakeEncoder())
    second.add([source("c", "three")], FakeEncoder())
    assert sorted(contents(reader)) == ["a", "b", "c"]
    for store in (first, second, reader):
        store.close()


def test_two_processes_that_write_at_once_both_succeed(tmp_path: Path) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", WRITERS, str(tmp_path), name], cwd=Path(__file__).parents[2])
        for name in ("x", "y")
    ]
    assert [child.wait(60) for child in children] == [0, 0]
    store = Store.open(tmp_path, note=pytest.fail)
    assert contents(store) == {f"{name}{number}": [f"text {number}"] for name in "xy" for number in range(5)}
    assert store.verify() == []
    store.close()


def test_threads_share_a_searcher(tmp_path: Path) -> None:
    store = open_filled(tmp_path, *(source(f"d{n}", f"subject{n} said so") for n in range(8)))
    searcher = Searcher(store, FakeEncoder())
    found: dict[int, str] = {}

    def look(number: int) -> None:
        found[number] = searcher.search(f"subject{number}", 1)[0].passage.document.name

    threads = [threading.Thread(target=look, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"d{number}" for number in range(8)}
    store.close()
