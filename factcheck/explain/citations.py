"""The check of one sentence of a summary, before anybody sees it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from factcheck.protocols import Pair, StanceJudge
from factcheck.report.escape import plain
from factcheck.types import Claim, Evidence, Label, SummarySentence, Verdict
from factcheck.verdict.names import unsupported_names
from factcheck.verdict.numbers.compare import unsupported_numbers

# The cited quotes must support a sentence: the likeliest stance of the verifier, with this probability.
SUPPORT_THRESHOLD = 0.5
# A sentence contradicts the verdict if as a premise it speaks for the opposite with this probability.
CONTRADICTION_THRESHOLD = 0.6

_MARKS = re.compile(r"\[\s*(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\s*\]")
_LEFT_BY_MARKS = re.compile(r"(?:\s|\b(?:and|see)\b)+(?=[.,;!?]?\s*$)")
_SPACED_ACRONYM = re.compile(r"\b([A-Z]\.) (?=[A-Z]\.)")
_SUPPORTS, _REFUTES = 0, 1  # columns of a judge


@dataclass(frozen=True)
class CheckResult:
    """Whether a sentence may be shown; if so the sentence, if not why."""

    ok: bool
    sentence: SummarySentence | None
    failures: tuple[str, ...]


def read_marks(sentence: str) -> SummarySentence | None:
    """Split a sentence into its text and what it cites; None without a text or without a mark."""
    ids = [int(n) for mark in _MARKS.findall(sentence) for n in re.split(r"[,;]", mark)]
    text = " ".join(_MARKS.sub(" ", plain(sentence)).split())
    text = _LEFT_BY_MARKS.sub("", re.sub(r" (?=[.,;!?])", "", text))
    text = re.sub(r"([.,;])(?:\s*[.,;])+$", ".", _SPACED_ACRONYM.sub(r"\1", text)).strip()
    if not ids or not re.search(r"\w", text):
        return None
    return SummarySentence(text=text if text[-1] in ".!?\"'”’" else f"{text}.", citations=tuple(dict.fromkeys(ids)))


def check_sentence(sentence: str, verdict: Verdict, claim: Claim, judge: StanceJudge | None) -> CheckResult:
    """Check one sentence, with its [n] marks, against the evidence that it cites.

    Its citations exist; every number, date and name in it stands in a cited passage (the claim is no source,
    so a sentence must not repeat its figures); the judge finds it supported by the quotes, unless it is one
    of them word for word, and finds that it does not speak against the verdict. Without a judge the last two
    are skipped. Raises ModelError if the judge does.
    """
    read = read_marks(sentence)
    if read is None:
        return CheckResult(False, None, ("it cites no evidence",))
    by_id = {item.id: item for item in verdict.evidence}
    if unknown := [n for n in read.citations if n not in by_id]:
        return CheckResult(False, None, tuple(f"it cites [{n}], which does not exist" for n in unknown))
    cited = [by_id[n] for n in read.citations]
    failures = _not_in_sources(read.text, cited)
    if not failures and judge is not None:
        failures = _judged(read.text, cited, verdict.label, claim, judge)
    return CheckResult(not failures, None if failures else read, failures)


def _not_in_sources(text: str, cited: Sequence[Evidence]) -> tuple[str, ...]:
    # A number may come from any cited passage, but a weekday counts against its own document's date only.
    per_source = [unsupported_numbers(text, [item.passage.text], item.passage.document.date) for item in cited]
    numbers = [n for n in per_source[0] if all(n in missing for missing in per_source[1:])]
    names = unsupported_names(text, [f"{item.passage.text} | {item.speaker}" for item in cited])
    where = "".join(f"[{item.id}]" for item in cited)
    return tuple(f"{what!r} is not in {where}" for what in (*numbers, *names))


def _judged(text: str, cited: Sequence[Evidence], label: Label, claim: Claim, judge: StanceJudge) -> tuple[str, ...]:
    premise = " ".join(_attributed(item) for item in cited)
    verbatim = any(_words(text) in _words(item.passage.text) for item in cited)
    support, effect = judge.judge([Pair(claim=text, premise=premise), Pair(claim=claim.text, premise=text)])
    failures = []
    if not verbatim and (support[_SUPPORTS] < SUPPORT_THRESHOLD or support.argmax() != _SUPPORTS):
        failures.append("what it cites does not support it")
    opposite = {
        Label.SUPPORTED: (_REFUTES,),
        Label.REFUTED: (_SUPPORTS,),
        Label.CONFLICTING: (),
        Label.NOT_ENOUGH_INFO: (_SUPPORTS, _REFUTES),
    }[label]
    if any(effect[column] >= CONTRADICTION_THRESHOLD for column in opposite):
        failures.append(f"it speaks against the verdict {label}")
    return tuple(failures)


def _attributed(item: Evidence) -> str:
    """Return the quote, with its speaker where the quote itself does not name one."""
    if not item.speaker or _words(item.speaker) in _words(item.quote):
        return item.quote
    return f"According to {item.speaker}: {item.quote}"


def _words(text: str) -> str:
    """Return the text's words, folded, with blanks around, so that `in` finds whole words only."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return f" {' '.join(words)} "
