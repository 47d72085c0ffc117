from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factcheck.errors import StoreError
from factcheck.store.search import RANK_CONSTANT, Searcher, fuse, match_expression, telling_words
from factcheck.store.store import Store
from factcheck.types import Hit
from tests.store.fakes import FakeEncoder, open_filled, source

SOURCES = (
    source("news/a.txt", "Russia launched 183 drones.", "Repairs took 1,300 days.", day=date(2026, 2, 5)),
    source("news/b.txt", "Russia launched 183 drones.", day=date(2026, 2, 7)),
    source("blog.md", "Zoë was born here.", title="Zurich"),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    filled = open_filled(tmp_path, *SOURCES)
    yield filled
    filled.close()


@pytest.fixture
def searcher(store: Store) -> Searcher:
    return Searcher(store, FakeEncoder())


def places(hits: list[Hit]) -> list[tuple[str, int]]:
    return [(hit.passage.document.name, hit.passage.paragraph) for hit in hits]


def test_the_same_text_in_two_documents_is_two_hits(searcher: Searcher) -> None:
    hits = searcher.search("Russia launched 183 drones", 2)
    assert places(hits) == [("news/a.txt", 1), ("news/b.txt", 1)]
    assert [hit.similarity for hit in hits] == pytest.approx([1.0, 1.0], abs=1e-3)
    assert [hit.score for hit in hits] == pytest.approx([2 / (RANK_CONSTANT + 1), 2 / (RANK_CONSTANT + 2)])


def test_similarity_is_the_cosine_of_the_vectors_also_for_hits_by_words(searcher: Searcher) -> None:
    encoder = FakeEncoder()
    claim = "repair of drones"
    for hit in searcher.search(claim, 4):
        title = f"{hit.passage.document.title}. " if hit.passage.document.title else ""
        left, right = encoder.embed([claim, title + hit.passage.text])
        assert hit.similarity == pytest.approx(float(np.dot(left, right)), abs=2e-3)


def test_at_most_top_k_and_all_there_is(searcher: Searcher) -> None:
    assert len(searcher.search("Russia", 3)) == 3
    assert len(searcher.search("Russia", 50)) == 4


def test_several_texts_give_what_each_gives_alone(searcher: Searcher) -> None:
    texts = ["1,300 days", "Zurich", ""]
    assert searcher.search_many(texts, 3) == [searcher.search(text, 3) for text in texts]
    assert searcher.search_many([], 3) == []


def test_words_match_by_stem_without_accents_and_in_titles(searcher: Searcher) -> None:
    assert places(searcher.search("repair", 1)) == [("news/a.txt", 2)]
    assert places(searcher.search("zoe", 1)) == [("blog.md", 1)]
    assert places(searcher.search("zurich", 1)) == [("blog.md", 1)]


@pytest.mark.parametrize(
    ("source_glob", "as_of", "expected"),
    [
        ("news/*", None, {("news/a.txt", 1), ("news/a.txt", 2), ("news/b.txt", 1)}),
        ("*.md", None, {("blog.md", 1)}),
        (None, date(2026, 2, 5), {("news/a.txt", 1), ("news/a.txt", 2), ("blog.md", 1)}),
        ("news/*", date(2026, 2, 4), set()),
        ("nothing", None, set()),
    ],
)
def test_filters_by_name_and_day(
    searcher: Searcher, source_glob: str | None, as_of: date | None, expected: set[tuple[str, int]]
) -> None:
    hits = searcher.search("Russia launched drones", 10, source=source_glob, as_of=as_of)
    assert set(places(hits)) == expected


def test_a_filter_does_not_use_up_top_k(tmp_path: Path) -> None:
    crowd = [source(f"crowd{number}", "Russia launched 183 drones.") for number in range(150)]
    store = open_filled(tmp_path, *crowd, source("wanted", "Something about drones."))
    hits = Searcher(store, FakeEncoder()).search("Russia launched 183 drones", 1, source="wanted")
    assert places(hits) == [("wanted", 1)]
    store.close()


@pytest.mark.parametrize(
    "claim",
    [
        '"',
        "a OR",
        "NEAR(",
        "title:drones",
        "drones*",
        "-drones",
        "^drones",
        "a AND NOT b",
        "{title}: x",
        "(",
        "\0",
        "'; --",
    ],
)
def test_no_claim_is_search_syntax(searcher: Searcher, claim: str) -> None:
    assert len(searcher.search(claim, 5)) == 4


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claim=st.text(max_size=60))
def test_any_text_can_be_searched_for(searcher: Searcher, claim: str) -> None:
    assert len(searcher.search(claim, 5)) == 4


def test_stop_words_go_and_numbers_stay() -> None:
    assert match_expression(telling_words("The 1,300 drones were in the U.S. 2.5 days")) == (
        '"1,300" OR "drones" OR "u" OR "s" OR "2.5" OR "days"'
    )
    assert match_expression(telling_words("Who was he?")) == '"who" OR "was" OR "he"'  # nothing else to go by
    assert match_expression(telling_words("?!")) == ""


def test_fusion_adds_reciprocal_ranks_and_orders_ties_by_id() -> None:
    k = RANK_CONSTANT
    assert fuse([7, 5], [5, 9]) == [(5, 1 / (k + 2) + 1 / (k + 1)), (7, 1 / (k + 1)), (9, 1 / (k + 2))]
    assert [row_id for row_id, _ in fuse([2, 1], [1, 2])] == [1, 2]


def test_an_index_without_passages_finds_nothing(tmp_path: Path) -> None:
    store = open_filled(tmp_path, SOURCES[0])
    store.remove(["news/a.txt"])
    assert Searcher(store, FakeEncoder()).search("Russia", 5) == []
    store.close()


def test_another_encoder_is_refused_at_once_and_after_the_index_was_built_anew(store: Store) -> None:
    with pytest.raises(StoreError, match="made with another encoder"):
        Searcher(store, FakeEncoder("fake-2"))
    searcher = Searcher(store, FakeEncoder())
    other = Store.open_to_build(store.directory, note=pytest.fail)
    other.build(SOURCES, FakeEncoder("fake-2"))
    other.close()
    with pytest.raises(StoreError, match="made with another encoder"):
        searcher.search("Russia", 1)


def test_a_passage_that_is_short_or_opens_with_a_pronoun_brings_the_paragraph_before_it(tmp_path: Path) -> None:
    sources = (
        source("a.txt", "Elena Rossi is under pressure.", "She will resign on Friday.", "He spoke.", "They left."),
        source("b.txt", "It rained.", "A ferry sank.", "Two died.", "Divers searched the bay. " * 5),
    )
    with closing(open_filled(tmp_path, *sources)) as store:
        hits = Searcher(store, FakeEncoder()).search("Rossi will resign", 10)
    leads = {hit.passage.text: hit.lead for hit in hits}
    rossi = "Elena Rossi is under pressure."
    assert leads == {
        rossi: "",
        "She will resign on Friday.": rossi,
        "He spoke.": rossi,
        "They left.": rossi,
        "It rained.": "",
        "A ferry sank.": "",
        "Two died.": "A ferry sank.",
        "Divers searched the bay. " * 5: "",
    }
