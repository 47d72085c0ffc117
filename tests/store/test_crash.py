"""A writer is killed (SIGKILL) at every step of a change: the index then holds the old state or the new."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from factcheck.store.store import Store
from tests.store.fakes import FakeEncoder, contents, files, open_filled, source
from tests.store.killed_writer import CHANGE, POINTS

OLD = {"a.txt": ["one two", "three four"], "b.txt": ["seven eight"]}
NEW = {"a.txt": ["one two", "five six"], "b.txt": ["seven eight"], "c.txt": ["nine ten"]}
COMMITTED = {"after-commit", "before-tidying", "after-tidying"}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """For each point an index whose writer was killed there."""
    directories = {point: tmp_path_factory.mktemp(point) for point in POINTS}
    for directory in directories.values():
        open_filled(directory, source("a.txt", *OLD["a.txt"]), source("b.txt", *OLD["b.txt"])).close()
    command = [sys.executable, "-m", "tests.store.killed_writer"]
    subprocess.run(
        [*command, *(f"{point}={path}" for point, path in directories.items())],
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return directories


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_writer_leaves_a_whole_state_that_the_next_one_builds_on(killed: dict[str, Path], point: str) -> None:
    store = Store.open(killed[point], note=pytest.fail)  # no note: nothing has to be mended
    assert contents(store) == (NEW if point in COMMITTED else OLD)
    assert store.verify() == []
    store.add(CHANGE, FakeEncoder())
    assert (contents(store), store.verify()) == (NEW, [])
    store.close()
    assert files(killed[point]) == ["passages.sqlite", "vectors.faiss"]
