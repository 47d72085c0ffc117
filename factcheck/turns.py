"""Generators that take turns: each yield hands over to the next one."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Done(NamedTuple, Generic[T]):
    """What a generator returned, and its share of the time."""

    result: T
    seconds: float


def take_turns(works: Iterable[Generator[None, None, T]], width: int) -> Iterator[Done[T]]:
    """Run the works, `width` at once, and give what they return, in their order, as it is ready.

    A work is taken from `works` when there is a place for it. The time of a round is shared by those that are in
    it. What one raises ends all.
    """
    waiting = enumerate(works)
    running: dict[int, Generator[None, None, T]] = {}
    seconds: dict[int, float] = {}
    results: dict[int, T] = {}
    due = 0
    try:
        while True:
            running.update(islice(waiting, width - len(running)))
            if not running:
                return
            turns = list(running.items())
            began = time.perf_counter()
            for n, work in turns:
                try:
                    next(work)
                except StopIteration as end:
                    results[n] = end.value
                    del running[n]
            share = (time.perf_counter() - began) / len(turns)
            for n, _ in turns:
                seconds[n] = seconds.get(n, 0.0) + share
            while due in results:
                yield Done(results.pop(due), seconds.pop(due))
                due += 1
    finally:
        for work in running.values():
            work.close()
