"""Evidence that is given with the claim (the pairs form of an evaluation), instead of retrieved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from factcheck.corpus.sentences import split_sentences
from factcheck.protocols import FloatArray
from factcheck.types import Claim, Document, Passage, Span, Stance
from factcheck.verdict.aggregate import Judged, LabelScores, doubtful
from factcheck.verdict.asked import is_question
from factcheck.verdict.fusion import Form, FormParameters, GivenParameters, JudgeParameters
from factcheck.verdict.windows import Window, overlap, stems, without_numbers

# The verifier reads 256 tokens, about 1,000 characters with the claim; longer evidence is read piece by piece.
MAX_CHARS = 900

# Where the forms of given evidence part.
PASSAGE_SENTENCES = 3  # of a single text, its opening question aside
NOTES_SHARE = 0.3  # of several texts, those of more than one sentence
NOTES = 3  # texts, or four, somebody gathered; one or two sentences were picked
SEVERAL_TEXTS = 5  # of a sentence each: what a search brings up


@dataclass(frozen=True)
class GivenTexts:
    """A claim with its given texts, which together are one source."""

    claim: Claim
    texts: Sequence[str]

    @property
    def joined(self) -> str:
        """All texts, one after the other."""
        return " ".join(self.texts)

    @property
    def premises(self) -> list[str]:
        """What the LLM reads, each alone: all texts as one, or those of several, which are about different things."""
        return [text for text in self.texts if text.strip()] if self.form is Form.SEVERAL else [self.joined]

    def windows(self) -> list[Window]:
        """First the pieces of the whole, then, if there are several texts, each of them alone."""
        words = stems(self.claim.text)
        pieces = [self._window(piece, words) for piece in pieces_of(self.joined)]
        if len(self.texts) < 2:
            return pieces
        return pieces + [self._window(text[:MAX_CHARS], words) for text in self.texts if text.strip()]

    @property
    def form(self) -> Form:
        """What the texts look like."""
        sentences = [split_sentences(text) for text in self.texts]
        asked = [_opening_questions(text) for text in self.texts]
        if len(sentences) == 1 and asked[0] < 2 and len(sentences[0]) >= PASSAGE_SENTENCES + asked[0]:
            return Form.PASSAGE
        if any(asked) and sum(map(len, sentences)) > sum(asked):
            return Form.ANSWERS
        longer = sum(len(own) > 1 for own in sentences)
        if NOTES <= len(sentences) < SEVERAL_TEXTS or (len(sentences) > 1 and longer >= NOTES_SHARE * len(sentences)):
            return Form.ANSWERS
        return Form.SEVERAL if len(sentences) >= SEVERAL_TEXTS else Form.PICKED

    def scores(self, judged: Sequence[Judged], p: GivenParameters) -> LabelScores:
        """Label probabilities of all the texts, from their judged windows."""
        if not judged:
            return LabelScores(0.0, 0.0, 0.0, 1.0)
        opinions = np.array([[j.score(stance) for stance in Stance] for j in judged])
        pieces = len(self.whole(judged))
        supports, refutes, silent = combined(opinions[:pieces], opinions[pieces:], p.form(self.form)).tolist()
        return LabelScores(supports, refutes, 0.0, silent)

    def judges(self, judged: Sequence[Judged], p: GivenParameters) -> JudgeParameters:
        """How the judges are weighed: the LLM as the form wants it, and less where a rule contradicts."""
        form, doubt = p.form(self.form), doubtful(self.whole(judged))
        return p.with_llm(form.llm * doubt, form.untuned * doubt)

    def whole(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """The judged windows that are pieces of the whole."""
        return judged[: len(pieces_of(self.joined))]

    def quotable(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """The judged windows that are whole texts: what evidence may quote."""
        return judged[len(self.whole(judged)) :] or judged

    def _window(self, text: str, words: set[str]) -> Window:
        spans = split_sentences(text) or (Span(start=0, end=len(text)),)
        best = max(spans, key=lambda span: overlap(words, text[span.start : span.end]))
        passage = Passage(
            id=0, document=Document(name="given", sha256=""), paragraph=1, text=text, sentences=tuple(spans)
        )
        return Window(0, passage, best.start, best.end, best.start, text, overlap(without_numbers(words), text))


def combined(whole: FloatArray, alone: FloatArray, p: FormParameters) -> FloatArray:
    """Label probabilities, shape (3,): supported, refuted, silent.

    whole: the opinions on the pieces of the whole, shape (n, 3), of which the most decided counts; alone: those on
    each text, shape (m, 3), m may be 0.
    """
    opinion = whole[whole[:, :2].max(axis=1).argmax()]
    if len(alone):
        opinion = (1.0 - p.alone) * opinion + p.alone * alone.mean(axis=0)
    moved = opinion * np.exp([p.supports, p.refutes, 0.0])
    return np.asarray(moved / moved.sum(), dtype=opinion.dtype)


def _opening_questions(text: str) -> int:
    """How many questions a text holds that opens with one, else 0."""
    sentences = [text[span.start : span.end] for span in split_sentences(text)]
    return sum(map(is_question, sentences)) if sentences and is_question(sentences[0]) else 0


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
