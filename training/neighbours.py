"""Pairs made with other passages: a claim beside a near but silent one, or its own among near or foreign ones."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import log

from training.contrast import NEUTRAL
from training.data import Example

_WORD = re.compile(r"[a-z0-9]+")


def _content(text: str, weights: dict[str, float]) -> set[str]:
    return {word for word in _WORD.findall(text.lower()) if weights.get(word, 0) > 2.5}


class Neighbours:
    """The passages of a set, looked up by the rare words that they share with a claim."""

    def __init__(self, examples: list[Example]) -> None:
        self._pool = sorted({example.premise for example in examples if 40 < len(example.premise) < 1200})
        counts = Counter(word for text in self._pool for word in set(_WORD.findall(text.lower())))
        self._weights = {word: log(len(self._pool) / n) for word, n in counts.items()}
        self._postings: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(self._pool):
            for word in _content(text, self._weights):
                if len(self._postings[word]) < 300:
                    self._postings[word].append(number)

    def near(self, example: Example) -> list[str]:
        """Passages about like things that do not answer the claim, nearest first, 23 at most.

        The very nearest are passed over: in sets cut from few pages they may well answer the claim.
        """
        words, scores = self._scores(example)
        most = 0.55 * sum(self._weights[word] for word in words if word in self._weights)
        ranked = [text for text, score in scores if score < most]
        return ranked[2:25] or ranked

    def nearest(self, example: Example, count: int) -> list[str]:
        """The nearest passages but the example's own, `count` at most: they may answer the claim, or be silent."""
        return [text for text, _ in self._scores(example)[1][:count]]

    def _scores(self, example: Example) -> tuple[set[str], list[tuple[str, float]]]:
        words = _content(example.claim, self._weights)
        scores: dict[int, float] = defaultdict(float)
        for word in sorted(words):
            for number in self._postings.get(word, ()):
                scores[number] += self._weights[word]
        best = sorted(scores.items(), key=lambda item: -item[1])[:40]
        return words, [(self._pool[n], score) for n, score in best if self._pool[n] != example.premise]


def silent_pairs(examples: list[Example], rng: random.Random, share: float) -> Iterator[Example]:
    """A claim beside a passage of another claim with which it shares rare words: NEUTRAL."""
    neighbours = Neighbours(examples)
    for example in rng.sample(examples, int(len(examples) * share)):
        near = neighbours.near(example)
        if near:
            yield Example(example.claim, rng.choice(near), NEUTRAL, "contrast_silence")


def among_near(examples: list[Example], rng: random.Random, share: float) -> Iterator[Example]:
    """The pair with one to three near but silent passages around its own, as on a page: the label stays."""
    neighbours = Neighbours(examples)
    for example in rng.sample(examples, int(len(examples) * share)):
        near = [text for text in neighbours.near(example) if len(text) < 300]
        if len(near) < 3 or len(example.premise) > 400:
            continue
        yield _amid(example, rng.sample(near, rng.randint(1, 3)), rng, "+near")


def padded(example: Example, others: list[str], rng: random.Random) -> Example:
    """The pair with one to four foreign sentences around its passage: the label stays."""
    return _amid(example, rng.sample(others, rng.randint(1, 4)), rng, "+padded")


def _amid(example: Example, around: list[str], rng: random.Random, mark: str) -> Example:
    cut = rng.randint(0, len(around))
    premise = " ".join([*around[:cut], example.premise, *around[cut:]])
    return Example(example.claim, premise, example.label, example.source + mark)
