from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from factcheck.errors import InputError, StoreError
from factcheck.store.store import Changes, Store
from factcheck.types import Document, Passage, Span
from tests.store.fakes import FakeEncoder, Source, contents, files, ignore, open_filled, source

A = source("a.txt", "one two", "three four")
A_CHANGED = source("a.txt", "one two", "five six")
B = source("b.txt", "seven eight")


def test_what_was_added_comes_back_as_it_was(tmp_path: Path) -> None:
    document = Document(
        name="n/é.md", sha256="0" * 64, title="T", publisher="P", url="https://e.org", date=date(2026, 2, 5)
    )
    passage = Passage(
        id=0,
        document=document,
        paragraph=7,
        text="Ä b. C d.",
        sentences=(Span(start=0, end=4), Span(start=5, end=9)),
    )
    open_filled(tmp_path, (document, [passage])).close()
    store = Store.open(tmp_path, note=ignore)
    assert store.documents() == [(document, 1)]
    with store.snapshot() as (passages, _):
        assert passages.fetch([1])[1].passage == passage.model_copy(update={"id": 1})
    store.close()


def test_adding_again_skips_the_unchanged_and_replaces_the_changed(tmp_path: Path) -> None:
    encoder = FakeEncoder()
    store = Store.create_or_open(tmp_path, encoder, note=ignore)
    assert store.add([A], encoder) == Changes(added=("a.txt",))
    encoder.seen.clear()
    assert store.add([A_CHANGED, B], encoder) == Changes(added=("b.txt",), changed=("a.txt",))
    assert encoder.seen == ["five six", "seven eight"]  # "one two" is not embedded again
    assert store.add([A_CHANGED, B], encoder) == Changes(unchanged=("a.txt", "b.txt"))
    assert contents(store) == {"a.txt": ["one two", "five six"], "b.txt": ["seven eight"]}
    assert store.verify() == []
    store.close()
    assert files(tmp_path) == ["passages.sqlite", "vectors.faiss"]


def test_the_passages_of_an_unchanged_document_are_not_looked_at(tmp_path: Path) -> None:
    store = open_filled(tmp_path, A)
    bare = Document(name=A[0].name, sha256=A[0].sha256)
    assert store.known_hashes() == {bare.name: bare.sha256}
    assert store.add([(bare, ())], FakeEncoder()) == Changes(unchanged=("a.txt",))
    assert contents(store) == {"a.txt": ["one two", "three four"]}
    store.close()


def test_a_document_without_passages_is_refused(tmp_path: Path) -> None:
    store = open_filled(tmp_path, A)
    with pytest.raises(InputError, match=r"b\.txt has no text, or the index changed while it was read"):
        store.add([(B[0], ())], FakeEncoder())
    store.close()


def test_removing_leaves_the_others(tmp_path: Path) -> None:
    store = open_filled(tmp_path, A, B)
    assert store.remove(["a.txt", "nowhere", "a.txt"]) == Changes(removed=("a.txt",))
    assert contents(store) == {"b.txt": ["seven eight"]}
    assert store.verify() == []
    assert store.remove(["b.txt"]) == Changes(removed=("b.txt",))
    assert (contents(store), store.passage_count(), store.verify()) == ({}, 0, [])
    store.close()


def test_building_replaces_everything_and_may_change_the_encoder(tmp_path: Path) -> None:
    open_filled(tmp_path, A, B).close()
    other = FakeEncoder("fake-2", dimension=32)
    store = Store.open_to_build(tmp_path, note=ignore)
    assert store.build([A_CHANGED], other) == Changes(added=("a.txt",), removed=("b.txt",))
    assert contents(store) == {"a.txt": ["one two", "five six"]}
    assert (store.encoder_name, store.verify()) == ("fake fake-2", [])
    store.close()


def test_another_encoder_is_refused(tmp_path: Path) -> None:
    open_filled(tmp_path, A).close()
    with pytest.raises(
        StoreError,
        match=r"made with another encoder \(fake fake-1, not fake fake-2\); run `factcheck index build`",
    ):
        Store.create_or_open(tmp_path, FakeEncoder("fake-2"), note=ignore)


def test_another_version_of_the_encoder_is_refused_as_such(tmp_path: Path) -> None:
    open_filled(tmp_path, A).close()
    encoder = FakeEncoder()
    encoder.fingerprint = "other files"
    with pytest.raises(StoreError, match=r"made with another encoder \(fake fake-1, in another version\)"):
        Store.create_or_open(tmp_path, encoder, note=ignore)


def test_the_same_text_in_two_documents_is_embedded_once_and_stored_twice(tmp_path: Path) -> None:
    encoder = FakeEncoder()
    store = open_filled(tmp_path, source("a", "same words"), source("b", "same words"), encoder=encoder)
    assert encoder.seen == ["same words"]
    assert contents(store) == {"a": ["same words"], "b": ["same words"]}
    store.remove(["a"])
    assert contents(store) == {"b": ["same words"]}
    assert store.verify() == []
    store.close()


def test_a_failure_halfway_through_changes_nothing(tmp_path: Path) -> None:
    store = open_filled(tmp_path, A)

    def broken() -> list[Source]:
        raise InputError("no more")

    with pytest.raises(InputError, match="no more"):
        store.add((item for item in [B, *broken()]), FakeEncoder())
    with pytest.raises(InputError, match=r"two sources are both named b\.txt"):
        store.add([B, B], FakeEncoder())
    assert contents(store) == {"a.txt": ["one two", "three four"]}
    assert store.add([B], FakeEncoder()) == Changes(added=("b.txt",))
    store.close()


def test_embedding_goes_in_batches_and_tells_how_far_it_is(tmp_path: Path) -> None:
    steps: list[tuple[int, int | None]] = []
    encoder = FakeEncoder()
    store = Store.create_or_open(tmp_path, encoder, note=ignore)
    store.add(
        [source("big", *(f"word{number}" for number in range(600)))],
        encoder,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(256, None), (512, None), (600, None)]
    assert (store.passage_count(), store.verify()) == (600, [])
    store.close()


def test_a_reader_sees_what_another_process_wrote(tmp_path: Path) -> None:
    writer = open_filled(tmp_path, A)
    reader = Store.open(tmp_path, note=pytest.fail)
    assert contents(reader) == {"a.txt": ["one two", "three four"]}
    with reader.snapshot() as (passages, vectors):
        writer.add([A_CHANGED, B], FakeEncoder())
        assert (passages.passage_count(), len(vectors)) == (2, 2)  # the old state, while the snapshot lasts
    assert contents(reader) == {"a.txt": ["one two", "five six"], "b.txt": ["seven eight"]}
    reader.close()
    writer.close()
