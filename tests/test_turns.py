from collections.abc import Generator, Iterator

import pytest

from factcheck.turns import take_turns


def test_works_take_turns_and_their_results_come_in_order() -> None:
    log: list[str] = []

    def work(name: str, steps: int) -> Generator[None, None, str]:
        for n in range(steps):
            log.append(f"{name}{n}")
            yield
        return name

    def works() -> Iterator[Generator[None, None, str]]:
        for name, steps in (("a", 3), ("b", 1), ("c", 0), ("d", 2)):
            log.append(name)
            yield work(name, steps)

    done = list(take_turns(works(), 2))
    assert [result for result, _ in done] == ["a", "b", "c", "d"]
    assert log == ["a", "b", "a0", "b0", "a1", "c", "a2", "d", "d0", "d1"]
    assert all(seconds > 0 for _, seconds in done)


def test_an_error_in_one_work_closes_the_others() -> None:
    closed: list[int] = []

    def work(n: int) -> Generator[None, None, int]:
        try:
            yield
            if n == 1:
                raise KeyboardInterrupt
            yield
        finally:
            closed.append(n)
        return n

    with pytest.raises(KeyboardInterrupt):
        list(take_turns(map(work, range(3)), 3))
    assert sorted(closed) == [0, 1, 2]
