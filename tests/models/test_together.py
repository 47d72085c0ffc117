import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from factcheck.errors import ModelError
from factcheck.models.kv_cache import Part
from factcheck.models.prefix_states import PrefixStates
from factcheck.models.together import TextsTogether
from factcheck.protocols import FloatArray

END = 0
OPENING = list(range(100, 120))  # long enough to be worth keeping


class FakeCache:
    """Counts down: after a token comes the one below it, and END after 1."""

    def __init__(self, tokens: int = 1000, sequences: int = 4) -> None:
        self.tokens, self.sequences, self.longest = tokens, sequences, 60
        self.sequence: list[list[int]] = [[] for _ in range(sequences)]
        self.passes: list[dict[int, list[int]]] = []
        self.fail = False

    def check_fits(self, tokens: Sequence[int]) -> None:
        if len(tokens) >= self.longest:
            raise ModelError("does not fit")

    def held(self, sequence: int) -> Sequence[int]:
        return self.sequence[sequence]

    def evaluate(self, sequence: int, tokens: Sequence[int]) -> None:
        self.sequence[sequence] = list(tokens)

    def save_state(self, sequence: int) -> bytes:
        return b""

    def load_state(self, sequence: int, data: bytes, tokens: Sequence[int]) -> bool:
        self.sequence[sequence] = list(tokens)
        return True

    def share(self, source: int, target: int, count: int) -> int:
        self.sequence[target] = self.sequence[source][:count]
        return count

    def drop(self, sequence: int) -> None:
        self.sequence[sequence] = []

    def decode(self, parts: Sequence[Part]) -> list[FloatArray]:
        if self.fail:
            raise ModelError("dead")
        self.passes.append({part.sequence: list(part.tokens) for part in parts})
        for part in parts:
            self.sequence[part.sequence].extend(part.tokens)
        own = (max(0, len(held) - len(OPENING)) for held in self.sequence)
        assert len(OPENING) + sum(own) <= self.tokens
        return [np.eye(200, dtype=np.float32)[part.tokens[-1] - 1] for part in parts]


class FakeNative:
    def ends(self, token: int) -> bool:
        return token == END

    def piece(self, token: int) -> bytes:
        return f"{token} ".encode()


@pytest.fixture
def cache() -> FakeCache:
    return FakeCache()


def texts_in(cache: FakeCache, folder: Path) -> TextsTogether:
    states = PrefixStates(folder, "fake")
    return TextsTogether(FakeNative(), cache, states, threading.RLock())  # type: ignore[arg-type]


def in_turns(texts: Sequence[Iterator[str]]) -> list[str]:
    """Take a piece of each in turn until all have ended; what each said."""
    said = [""] * len(texts)
    running = dict(enumerate(texts))
    while running:
        for n, text in list(running.items()):
            piece = next(text, None)
            if piece is None:
                del running[n]
            else:
                said[n] += piece
    return said


def test_texts_share_the_passes_and_the_prefix(cache: FakeCache, tmp_path: Path) -> None:
    together = texts_in(cache, tmp_path)
    texts = [together.write([*OPENING, 50, first], OPENING, 10) for first in (4, 6, 2)]
    assert in_turns(texts) == ["3 2 1 ", "5 4 3 2 1 ", "1 "]
    assert cache.passes[0] == {1: [50, 4], 2: [50, 6], 3: [50, 2]}
    assert cache.passes[1] == {1: [3], 2: [5], 3: [1]}
    assert len(cache.passes) == 6
    assert cache.sequence == [OPENING, [], [], []]


def test_a_text_ends_at_its_limit_or_the_end_of_its_sequence(cache: FakeCache, tmp_path: Path) -> None:
    together = texts_in(cache, tmp_path)
    filling = [50] * (cache.longest - len(OPENING) - 3)
    texts = [together.write([*OPENING, *middle, 9], OPENING, limit) for middle, limit in (([], 3), (filling, 10))]
    assert in_turns(texts) == ["8 7 6 ", "8 7 "]


def test_texts_beyond_the_sequences_wait(cache: FakeCache, tmp_path: Path) -> None:
    together = texts_in(cache, tmp_path)
    assert in_turns([together.write([*OPENING, n], OPENING, 10) for n in (2, 4, 3, 5, 2)]) == [
        "1 ",
        "3 2 1 ",
        "2 1 ",
        "4 3 2 1 ",
        "1 ",
    ]
    assert [sorted(parts) for parts in cache.passes[:3]] == [[1, 2, 3], [1, 2, 3], [1, 2, 3]]


def test_texts_beyond_the_room_wait(tmp_path: Path) -> None:
    cache = FakeCache(tokens=len(OPENING) + 12)
    together = texts_in(cache, tmp_path)
    assert in_turns([together.write([*OPENING, n], OPENING, 5) for n in (3, 4, 3)]) == ["2 1 ", "3 2 1 ", "2 1 "]
    assert [sorted(parts) for parts in cache.passes[:2]] == [[1, 2], [1, 2]]


def test_a_text_that_is_closed_makes_room_at_once(cache: FakeCache, tmp_path: Path) -> None:
    together = texts_in(cache, tmp_path)
    one, two = (together.write([*OPENING, n], OPENING, 20) for n in (20, 4))
    assert [next(one), next(two), next(one), next(two)] == ["", "", "19 ", "3 "]
    one.close()  # type: ignore[attr-defined]
    assert in_turns([two]) == ["2 1 "]
    assert sorted(cache.passes[-1]) == [2]


def test_a_long_prompt_does_not_hold_up_a_text_that_is_being_written(tmp_path: Path) -> None:
    cache = FakeCache()
    cache.longest = 500
    together = texts_in(cache, tmp_path)
    short, long = together.write([*OPENING, 9], OPENING, 3), together.write([*OPENING, *[50] * 150, 3], OPENING, 3)
    assert in_turns([short, long]) == ["8 7 6 ", "2 1 "]
    assert [{s: len(tokens) for s, tokens in parts.items()} for parts in cache.passes[:3]] == [
        {1: 1, 2: 127},
        {1: 1, 2: 24},
        {1: 1, 2: 1},
    ]


def test_a_failure_ends_the_texts_in_work_and_no_later_one(cache: FakeCache, tmp_path: Path) -> None:
    together = texts_in(cache, tmp_path)
    texts = [together.write([*OPENING, n], OPENING, 20) for n in (5, 4)]
    assert [[next(text) for text in texts] for _ in range(2)] == [["", ""], ["4 ", "3 "]]
    cache.fail = True
    for text in texts:
        with pytest.raises(ModelError, match="dead"):
            next(text)
    cache.fail = False
    assert in_turns([together.write([*OPENING, 3], OPENING, 20)]) == ["2 1 "]


def test_a_prompt_that_does_not_fit_fails_alone(cache: FakeCache, tmp_path: Path) -> None:
    together = texts_in(cache, tmp_path)
    good = together.write([*OPENING, 3], OPENING, 20)
    next(good)
    with pytest.raises(ModelError, match="does not fit"):
        next(together.write([7] * 60, OPENING, 20))
    assert in_turns([good]) == ["2 1 "]
