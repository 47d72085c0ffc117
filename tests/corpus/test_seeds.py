"""The digests that the project ships."""

from __future__ import annotations

from datetime import date

from factcheck.corpus.passages import passages_of
from factcheck.corpus.readers import find_sources, read_source
from factcheck.settings import resource


def test_the_seeds_are_read_whole() -> None:
    seeds = {source.name: read_source(source)[0] for source in find_sources([resource("seeds")])}
    facts = {
        name: (parsed.document.publisher, parsed.document.date, len(passages_of(parsed)))
        for name, parsed in seeds.items()
    }
    assert facts == {
        "abcnews-2026-02-05-pow-swap.md": ("ABC News", date(2026, 2, 5), 35),
        "reuters-2026-02-05-talks.md": ("Reuters", date(2026, 2, 5), 28),
        "uae-talks-second-day.md": ("", None, 21),
    }
    for source in find_sources([resource("seeds")]):
        text = source.path.read_text(encoding="utf-8")
        for passage in passages_of(seeds[source.name]):
            assert passage.text in text


def test_no_passage_of_the_seeds_is_without_a_sentence() -> None:
    for source in find_sources([resource("seeds")]):
        for passage in passages_of(read_source(source)[0]):
            assert passage.sentences
