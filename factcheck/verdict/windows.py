"""What a judge is shown of a passage: one sentence, with as much before it as it needs to be understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from factcheck.types import Hit, Passage
from factcheck.verdict.asked import is_question

# A window longer than this is cut to its own sentence: the verifier reads 256 tokens, about 1,000 characters.
MAX_CONTEXT_CHARS = 420

# Which windows are judged. Of every hit the best: 57.8 % of claims end to end (mean of three sets); so: 59.2.
SURE_HITS = 3  # hits that have a window judged whatever its words
SENTENCE_SHARE = 0.6  # what the window's own sentence counts beside all that the judge reads
LATER_HIT = 0.02

_WORD = re.compile(r"\w+")
_STOP = frozenset(
    "a an and are as at be been but by for from had has have he her his in is it its of on or she that the their "
    "them they this to was were which who will with not no".split()
)


class Window(NamedTuple):
    """One candidate quotation, `passage.text[start:end]`, and `premise`, what the judge reads of the passage.

    The premise is `passage.text[context_start:end]`: the sentence with the one before it. What they may hang on comes
    first, if it holds words of the claim that they lack: the passage's first sentence or, where they are that and the
    passage is short or opens with a pronoun, the words of a paragraph before.
    """

    hit: int  # index of the hit it comes from
    passage: Passage
    start: int
    end: int
    context_start: int
    premise: str
    overlap: float  # share of the claim's content words, numbers aside, that the premise holds, 0..1
    lead_chars: int = 0  # of the premise, those that are not the passage's

    @property
    def own(self) -> str:
        """The premise as far as it is the passage's."""
        return self.premise[self.lead_chars :]


def stems(text: str) -> set[str]:
    """Lower-case content words without their commonest endings; numbers keep their digits."""
    return {_stem(word) for word in _WORD.findall(text.lower().replace(",", "")) if word not in _STOP}


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ies", "ied", "ed", "s", "’s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e")


def without_numbers(words: set[str]) -> set[str]:
    """The words that hold no digit: a passage that gives another number is as near to the claim."""
    return {word for word in words if not any(char.isdigit() for char in word)}


def overlap(claim: set[str], text: str) -> float:
    """Share of the claim's content words that stand in the text, 0..1."""
    return len(claim & stems(text)) / len(claim) if claim else 0.0


def windows_of(hit: int, passage: Passage, claim_words: set[str], lead: str = "") -> list[Window]:
    """A window for each sentence of the passage, a question together with the sentence that answers it.

    lead: what the passage's opening hangs on.
    """
    plain_words = without_numbers(claim_words)
    windows = []
    first = passage.text[passage.sentences[0].start : passage.sentences[0].end] if passage.sentences else ""
    previous = None
    for span in passage.sentences:
        sentence = passage.text[span.start : span.end]
        if is_question(sentence) and span is not passage.sentences[-1]:
            previous = span
            continue
        start = previous.start if previous is not None else span.start
        own = passage.text[start : span.end]
        if len(own) > MAX_CONTEXT_CHARS:
            start, own = span.start, sentence
        opens = start == passage.sentences[0].start
        told = lead if opens else first
        before = f"{told} " if _completes(told, own, claim_words) else ""
        near = overlap(plain_words, before + own)
        windows.append(Window(hit, passage, span.start, span.end, start, before + own, near, len(before)))
        previous = span
    return windows


def _completes(lead: str, own: str, claim_words: set[str]) -> bool:
    """Whether each of the two has words of the claim that the other lacks, and both fit."""
    if not lead or len(lead) + len(own) > MAX_CONTEXT_CHARS:
        return False
    before, here = claim_words & stems(lead), claim_words & stems(own)
    return bool(before - here) and bool(here - before)


def candidate_windows(claim: str, hits: Sequence[Hit], limit: int) -> list[Window]:
    """The windows worth judging: the nearest of each of the first hits, then the next nearest of all, `limit` at most.

    Nearness is the share of the claim's words that a window holds, and that its own sentence does, a little lower for
    later hits. The sentence before counts, too: "Moscow dismissed the report as unreliable" is about an estimate.
    """
    words = stems(claim)
    ranked: list[tuple[float, Window]] = []
    for number, hit in enumerate(hits):
        for window in windows_of(number, hit.passage, words, hit.lead):
            sentence = overlap(words, window.passage.text[window.start : window.end])
            nearness = (1.0 - SENTENCE_SHARE) * overlap(words, window.premise) + SENTENCE_SHARE * sentence
            ranked.append((nearness - LATER_HIT * number, window))
    ranked.sort(key=lambda item: -item[0])
    nearest: dict[int, Window] = {}
    for _, window in ranked:
        nearest.setdefault(window.hit, window)
    first = [nearest[number] for number in range(SURE_HITS) if number in nearest]
    return (first + [window for _, window in ranked if window not in first])[:limit]
