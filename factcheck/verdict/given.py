"""Evidence that is given with the claim (the pairs form of an evaluation), instead of retrieved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from factcheck.corpus.sentences import split_sentences
from factcheck.types import Claim, Document, Passage, Span
from factcheck.verdict.aggregate import Judged, LabelScores
from factcheck.verdict.windows import Window, overlap, stems, without_numbers

# The verifier reads 256 tokens, about 1,000 characters with the claim; longer evidence is read piece by piece.
MAX_CHARS = 900


@dataclass(frozen=True)
class GivenTexts:
    """A claim with its given texts, which together are one source."""

    claim: Claim
    texts: Sequence[str]

    @property
    def joined(self) -> str:
        """All texts, one after the other."""
        return " ".join(self.texts)

    def windows(self) -> list[Window]:
        """First the pieces of the whole, then, if there are several texts, each of them alone."""
        words = stems(self.claim.text)
        pieces = [self._window(piece, words) for piece in pieces_of(self.joined)]
        if len(self.texts) < 2:
            return pieces
        return pieces + [self._window(text[:MAX_CHARS], words) for text in self.texts if text.strip()]

    def scores(self, judged: Sequence[Judged]) -> LabelScores:
        """Label probabilities of the whole: of its only piece, or of the most decided of several."""
        whole = judged[: len(pieces_of(self.joined))]
        if not whole:
            return LabelScores(0.0, 0.0, 0.0, 1.0)
        best = max(whole, key=lambda j: max(j.supports, j.refutes))
        return LabelScores(best.supports, best.refutes, 0.0, max(0.0, 1.0 - best.supports - best.refutes))

    def quotable(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """The judged windows that are whole texts: what evidence may quote."""
        pieces = len(pieces_of(self.joined))
        return judged[pieces:] or judged

    def _window(self, text: str, words: set[str]) -> Window:
        spans = split_sentences(text) or (Span(start=0, end=len(text)),)
        best = max(spans, key=lambda span: overlap(words, text[span.start : span.end]))
        passage = Passage(
            id=0, document=Document(name="given", sha256=""), paragraph=1, text=text, sentences=tuple(spans)
        )
        return Window(0, passage, best.start, best.end, best.start, text, overlap(without_numbers(words), text))


def pieces_of(text: str) -> list[str]:
    """The text in pieces of whole sentences, each at most MAX_CHARS long (a longer sentence is cut)."""
    if len(text) <= MAX_CHARS:
        return [text] if text.strip() else []
    pieces: list[str] = []
    start = end = 0
    for span in split_sentences(text):
        if span.end - start > MAX_CHARS and end > start:
            pieces.append(text[start:end])
            start = span.start
        end = span.end
    if end > start:
        pieces.append(text[start:end])
    return [piece[: 2 * MAX_CHARS] for piece in pieces]
