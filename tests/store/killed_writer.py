"""Adds to an index and is killed at a named point; run as a process of its own.

Arguments: POINT=DIRECTORY... Each runs in a fork, so that the imports are paid for once. The exit status is 0
if every fork was killed by SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import faiss  # noqa: F401 - imported before the forks

from factcheck.protocols import FloatArray
from factcheck.store import store as store_module
from factcheck.store import vectors as vectors_module
from factcheck.store.passages import PassageStore
from factcheck.store.store import Store
from factcheck.store.vectors import VectorIndex
from tests.store.fakes import FakeEncoder, Source, ignore, source

CHANGE = (source("a.txt", "one two", "five six"), source("c.txt", "nine ten"))


def die(*args: Any, **kwargs: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(function: Callable[..., Any]) -> Callable[..., None]:
    def wrapper(*args: Any, **kwargs: Any) -> None:
        function(*args, **kwargs)
        die()

    return wrapper


class FatalEncoder(FakeEncoder):
    def embed(self, texts: Sequence[str]) -> FloatArray:
        die()
        return super().embed(texts)


def cut_short(index: object, path: str) -> None:
    Path(path).write_bytes(b"IxM2 and no more")
    die()


POINTS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "reading": nullcontext,
    "embedding": nullcontext,
    "writing-vectors": lambda: mock.patch("faiss.write_index", cut_short),
    "vectors-not-renamed": lambda: mock.patch.object(vectors_module, "_sync", die),
    "vectors-written": lambda: mock.patch.object(VectorIndex, "write", then_die(VectorIndex.write)),
    "before-commit": lambda: mock.patch.object(PassageStore, "commit", die),
    "after-commit": lambda: mock.patch.object(PassageStore, "commit", then_die(PassageStore.commit)),
    "before-tidying": lambda: mock.patch.object(store_module, "remove_other_files", die),
    "after-tidying": lambda: mock.patch.object(PassageStore, "shrink_log", die),
}


def documents(point: str) -> Iterator[Source]:
    yield CHANGE[0]
    if point == "reading":
        die()
    yield CHANGE[1]


def write(point: str, directory: Path) -> None:
    encoder = FatalEncoder() if point == "embedding" else FakeEncoder()
    store = Store.create_or_open(directory, encoder, note=ignore)
    with POINTS[point]():
        store.add(documents(point), encoder)


def was_killed(point: str, directory: Path) -> bool:
    child = os.fork()
    if child == 0:
        write(point, directory)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


if __name__ == "__main__":
    pairs = [argument.split("=", 1) for argument in sys.argv[1:]]
    survivors = [point for point, directory in pairs if not was_killed(point, Path(directory))]
    sys.exit(f"not killed: {survivors}" if survivors else 0)
