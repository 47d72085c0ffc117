"""Paragraphs of a document as passages, with their sentences."""

from __future__ import annotations

from collections.abc import Iterator

from factcheck.corpus.paragraphs import lead_length
from factcheck.corpus.readers import ParsedDocument
from factcheck.corpus.sentences import split_sentences
from factcheck.types import Passage, Span

# Longer paragraphs are cut: the encoder reads 256 tokens, and a quotation should be easy to find.
MAX_PASSAGE_CHARS = 1_200


def passages_of(parsed: ParsedDocument) -> tuple[Passage, ...]:
    """Make passages in the order of the text, ids 0; a paragraph that repeats an earlier one is left out."""
    seen: set[str] = set()
    passages: list[Passage] = []
    for number, paragraph in enumerate(parsed.paragraphs, 1):
        key = " ".join(paragraph.casefold().split())
        if not key or key in seen:
            continue
        seen.add(key)
        for text, sentences in _pieces(paragraph):
            passages.append(Passage(id=0, document=parsed.document, paragraph=number, text=text, sentences=sentences))
    return tuple(passages)


def _pieces(paragraph: str) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """Yield the paragraph, or its parts if it is long: the text, and the sentences as offsets into it."""
    lead = lead_length(paragraph)
    spans = [(lead + span.start, lead + span.end) for span in split_sentences(paragraph[lead:])]
    if not spans:
        spans = [(0, len(paragraph))]
    group: list[tuple[int, int]] = []
    start = 0
    for span in _short_enough(paragraph, spans):
        if group and span[1] - start > MAX_PASSAGE_CHARS:
            yield _piece(paragraph, start, group)
            group, start = [], span[0]
        group.append(span)
    yield _piece(paragraph, start, group)


def _piece(paragraph: str, start: int, group: list[tuple[int, int]]) -> tuple[str, tuple[Span, ...]]:
    text = paragraph[start : group[-1][1]]
    return text, tuple(Span(start=left - start, end=right - start) for left, right in group)


def _short_enough(paragraph: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans; one longer than a passage may be (text without full stops) is cut at blanks."""
    for start, end in spans:
        while end - start > MAX_PASSAGE_CHARS:
            blank = paragraph.rfind(" ", start + 1, start + MAX_PASSAGE_CHARS)
            cut = blank if blank > start else start + MAX_PASSAGE_CHARS
            yield start, cut
            start = cut + 1 if blank > start else cut
        yield start, end
