"""Paragraphs as passages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from factcheck.corpus.passages import MAX_PASSAGE_CHARS, passages_of
from factcheck.corpus.readers import ParsedDocument
from factcheck.types import Document, Passage, Span

DOCUMENT = Document(name="ports.txt", sha256="0" * 64)
SENTENCE = "The harbour reopened on Monday after a week of repairs, the authority said."


def passages(*paragraphs: str) -> tuple[Passage, ...]:
    return passages_of(ParsedDocument(DOCUMENT, paragraphs))


def test_a_paragraph_is_a_passage_with_its_sentences() -> None:
    assert passages("Two ferries sailed. One stayed.", "It rained.") == (
        Passage(
            id=0,
            document=DOCUMENT,
            paragraph=1,
            text="Two ferries sailed. One stayed.",
            sentences=(Span(start=0, end=19), Span(start=20, end=31)),
        ),
        Passage(id=0, document=DOCUMENT, paragraph=2, text="It rained.", sentences=(Span(start=0, end=10),)),
    )


def test_repeats_within_a_document_are_merged_and_numbers_kept() -> None:
    assert [(p.paragraph, p.text) for p in passages("It rained.", "it  RAINED.", "It stopped.")] == [
        (1, "It rained."),
        (3, "It stopped."),
    ]


def test_datelines_and_bullets_stay_in_the_text_but_not_in_the_sentences() -> None:
    texts = [
        "KYIV, Feb 5 (Reuters) - Two ports signed.",
        "LONDON -- Two ports signed.",
        "ABUJA, Nigeria (AP) — Two ports signed.",
        "NEW YORK, Feb. 5, 2026 (AFP) – Two ports signed.",
        "* Two ports signed.",
        "• Two ports signed.",
    ]
    found = passages(*texts)
    assert [p.text for p in found] == texts
    assert [[p.text[s.start : s.end] for s in p.sentences] for p in found] == [["Two ports signed."]] * 6


def test_capitals_and_dashes_of_prose_are_no_dateline() -> None:
    for text in ("NATO - the alliance - met.", "US-brokered talks ended.", "A - B is 3."):
        (passage,) = passages(text)
        spans = [text[s.start : s.end] for s in passage.sentences]
        assert spans[0].endswith(text[-4:])
    (passage,) = passages("US-brokered talks ended.")
    assert passage.sentences == (Span(start=0, end=24),)


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    paragraph = " ".join([SENTENCE] * 40)
    found = passages(paragraph)
    assert {p.paragraph for p in found} == {1}
    assert all(len(p.text) <= MAX_PASSAGE_CHARS and p.text.startswith("The harbour") for p in found)
    assert " ".join(p.text for p in found) == paragraph
    assert [p.text[s.start : s.end] for p in found for s in p.sentences] == [SENTENCE] * 40


def test_a_sentence_longer_than_a_passage_is_cut_at_blanks() -> None:
    words = "harbour " * 400
    found = passages(words.strip())
    assert " ".join(p.text for p in found) == words.strip()
    assert all(len(p.text) <= MAX_PASSAGE_CHARS for p in found)
    assert "".join(p.text for p in passages("x" * 3000)) == "x" * 3000


@given(st.lists(st.text(st.sampled_from(list("ab AB.!?“” -*1")), min_size=1, max_size=3000).map(str.strip), max_size=4))
def test_sentences_of_passages_lie_inside_their_text(paragraphs: list[str]) -> None:
    for passage in passages(*paragraphs):
        spans = [(s.start, s.end) for s in passage.sentences]
        assert spans and spans == sorted(spans)
        assert all(0 <= start < end <= len(passage.text) for start, end in spans)
        assert len(passage.text) <= MAX_PASSAGE_CHARS + 60
        assert passage.text in paragraphs[passage.paragraph - 1]
