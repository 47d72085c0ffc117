from __future__ import annotations

from pathlib import Path

import pytest

from factcheck.store import words
from tests.store.fakes import FakeEncoder, open_filled, source


def test_rare_words_are_looked_for_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "COMMON", 2)
    monkeypatch.setattr(words, "MOST_MATCHES", 12)
    store = open_filled(tmp_path, source("a.txt", "a comet", *(f"numbered lists {number}" for number in range(10))))
    with store.snapshot() as (passages, _):
        assert passages.affordable(["numbers", "comet", "list"]) == ["numbers", "comet"]
        assert passages.affordable(["lists"]) == ["lists"]  # one at least
        assert passages.affordable([]) == []
    store.close()


def test_the_list_is_made_anew_when_the_index_has_grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "COMMON", 2)
    monkeypatch.setattr(words, "MOST_MATCHES", 12)
    store = open_filled(tmp_path, source("a.txt", *(f"comet {number}" for number in range(10))))
    store.add([source("b.txt", *(f"planet {number}" for number in range(20)))], FakeEncoder())
    with store.snapshot() as (passages, _):
        assert passages.affordable(["planets", "comets"]) == ["comets"]
    store.close()


def test_few_passages_can_afford_every_word(tmp_path: Path) -> None:
    store = open_filled(tmp_path, source("a.txt", "one two", "two three"))
    with store.snapshot() as (passages, _):
        assert passages.affordable(["one", "two", "three"]) == ["one", "two", "three"]
    store.close()
