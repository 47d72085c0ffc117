"""The summary: written by the LLM, checked sentence by sentence, or else quoted."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

from factcheck.corpus.sentences import split_sentences
from factcheck.errors import FactcheckError
from factcheck.explain.citations import check_sentence, read_marks
from factcheck.explain.extractive import deciding_evidence, extract, says_the_same, unmarked
from factcheck.prompting import load_prompt
from factcheck.protocols import StanceJudge, TextWriter
from factcheck.report.escape import plain
from factcheck.types import Claim, Evidence, SummaryOrigin, SummarySentence, Verdict

MAX_SENTENCES = 3
MAX_QUOTES = 3
MAX_QUOTE_CHARS = 400
MAX_TOKENS = 160

_MARKS = re.compile(r"\[\s*\d[\d\s,;]*\]")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Summary:
    """Checked sentences, who wrote them, and why the LLM broke off, if it did."""

    sentences: tuple[SummarySentence, ...]
    origin: SummaryOrigin
    trouble: str = ""
    llm_took_part: bool = False  # also where nothing that it wrote passed


def write_summary(
    claim: Claim,
    verdict: Verdict,
    llm: TextWriter | None,
    judge: StanceJudge | None,
    on_sentence: Callable[[SummarySentence], None] | None = None,
) -> Generator[None, None, Summary]:
    """Say in one to three sentences what the evidence says, each checked before `on_sentence` has it.

    Yields after each piece of the LLM's text, so that several summaries can take turns; returns the summary.
    Without an LLM, if it dies before its first good sentence, or if no sentence passes, the summary quotes
    the evidence; without evidence it is empty.
    """
    show = on_sentence or _ignore
    written: list[SummarySentence] = []
    trouble = ""
    asked = llm is not None and bool(deciding_evidence(verdict))
    if llm is not None and asked:
        try:
            for sentence in _Writer(claim, verdict, llm, judge).sentences():
                if sentence is None:
                    yield
                    continue
                written.append(sentence)
                show(sentence)
        except FactcheckError as error:
            trouble = str(error)  # what was checked before the model died stays
    if written:
        return Summary(tuple(written), SummaryOrigin.LLM, trouble, llm_took_part=True)
    quoted = extract(verdict)
    for sentence in quoted:
        show(sentence)
    return Summary(quoted, SummaryOrigin.EXTRACTIVE, trouble, llm_took_part=asked and not trouble)


def _ignore(_sentence: SummarySentence) -> None:
    pass


class _Writer:
    """One summary in the making."""

    def __init__(self, claim: Claim, verdict: Verdict, llm: TextWriter, judge: StanceJudge | None) -> None:
        self._claim = claim
        self._verdict = verdict
        self._llm = llm
        self._judge = judge
        self._accepted: list[SummarySentence] = []

    def sentences(self) -> Iterator[SummarySentence | None]:
        """Yield checked sentences: those of the first text, then new ones where a sentence failed.

        After each piece of text comes a None: the turn of others.
        """
        evidence = _to_quote(self._verdict)
        failed: list[Evidence] = []
        with closing(self._write(evidence)) as text:
            for raw in text:
                if not raw:
                    yield None
                    continue
                sentence = self._check(raw)
                if sentence is not None and self._is_repetition(sentence):
                    break
                if sentence is None:
                    failed.append(_blamed(raw, evidence, len(self._accepted) + len(failed)))
                else:
                    self._accepted.append(sentence)
                    yield sentence
                if len(self._accepted) + len(failed) == MAX_SENTENCES:
                    break
        for item in dict.fromkeys(failed):
            if (sentence := (yield from self._rewrite(item))) is not None:
                self._accepted.append(sentence)
                yield sentence

    def _rewrite(self, item: Evidence) -> Generator[None, None, SummarySentence | None]:
        """Ask once more, with the one quote that the failed sentence was about, unless it has been told."""
        told = {n for sentence in self._accepted for n in sentence.citations}
        if item.id in told:
            return None
        raw = ""
        with closing(self._write([item])) as text:
            for raw in text:
                if raw:
                    break
                yield
        # There is one quote to cite, so the mark is ours to put.
        sentence = self._check(f"{_MARKS.sub('', raw)} [{item.id}]")
        return None if sentence is None or self._is_repetition(sentence) else sentence

    def _check(self, raw: str) -> SummarySentence | None:
        return check_sentence(raw, self._verdict, self._claim, self._judge).sentence

    def _is_repetition(self, sentence: SummarySentence) -> bool:
        return any(says_the_same(sentence.text, other.text) for other in self._accepted)

    def _write(self, evidence: Sequence[Evidence]) -> Generator[str, None, None]:
        """Stream sentences about these quotes, and empty ones as of `cut_sentences`; closing it stops the model."""
        prompt = load_prompt(self._llm.summary_prompt)
        user = prompt.fill(quotes="\n".join(_quote_line(item) for item in evidence))
        with _closed(self._llm.generate(prompt.system.strip(), user, max_tokens=MAX_TOKENS)) as pieces:
            yield from cut_sentences(pieces)


@contextmanager
def _closed(pieces: Iterator[str]) -> Iterator[Iterator[str]]:
    try:
        yield pieces
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


def cut_sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Cut streamed text into sentences with their [n] marks, each as soon as the next one begins.

    An empty one follows each piece: the turn of others, before more is asked for.
    """
    pending = ""
    for piece in pieces:
        pending += piece
        while (end := _first_end(pending)) is not None:
            yield pending[:end].strip()
            pending = pending[end:]
        yield ""
    if _LETTER.search(_MARKS.sub("", pending)):
        yield pending.strip()


def _first_end(text: str) -> int | None:
    """Return where the first sentence ends, marks after its full stop included; None if that is open."""
    first_letter = _LETTER.search(text)
    line_end = text.find("\n", first_letter.start()) if first_letter else -1
    line = text if line_end < 0 else text[:line_end]
    spans = [span for span in split_sentences(line) if _LETTER.search(line[span.start : span.end])]
    if len(spans) > 1:
        end = spans[1].start
        if marks := re.match(rf"(?:{_MARKS.pattern}\s*)+", line[end:]):
            end += marks.end()
    else:
        end = line_end
    return end if end >= 0 and _LETTER.search(text[end:]) else None


def _to_quote(verdict: Verdict) -> list[Evidence]:
    return deciding_evidence(verdict)[:MAX_QUOTES]


def _quote_line(item: Evidence) -> str:
    """Write a quote for the prompt: one line, without marks or quotation marks of its own."""
    quote = unmarked(item.quote).replace('"', "'")
    if len(quote) > MAX_QUOTE_CHARS:
        quote = quote[:MAX_QUOTE_CHARS].rpartition(" ")[0] + " …"
    speaker = " ".join(plain(item.speaker).split())
    lead = f"{speaker}: " if speaker and speaker.casefold() not in quote.casefold() else ""
    return f'[{item.id}] {lead}"{quote}"'


def _blamed(raw: str, evidence: Sequence[Evidence], n: int) -> Evidence:
    """Return the quote that a failed sentence was about: what it cites, else the one in its place."""
    read = read_marks(raw)
    cited = [item for item in evidence if read is not None and item.id in read.citations]
    return cited[0] if cited else evidence[min(n, len(evidence) - 1)]
