"""Large corpora for the benchmarks: paragraphs of two to four sentences, drawn from sentences that Python ships.

The sentences are those of the docstrings of the standard library and of numpy, some 14,000, in the order in which
they stand there. A paragraph is a few of them that stand near each other, so that it has a subject as real ones have,
beside a number of its own, so that no two are equal. It is English prose of the length of news paragraphs, with
words that are as unevenly spread as in any text, but it is about programs.

Embedding a million paragraphs takes an hour on two cores. `RecombinedEncoder` therefore gives a paragraph the mean of
its sentences' vectors, each of which the real encoder made once: near in kind to the real vector (the scripts that
use it say so), and as hard to search.
"""

from __future__ import annotations

import ast
import hashlib
import random
import re
import sysconfig
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from factcheck.protocols import Encoder, FloatArray
from factcheck.settings import user_cache_dir
from factcheck.types import Document, Passage, Span

PASSAGES_A_DOCUMENT = 20
NEARBY = 24  # sentences among which those of one paragraph are drawn
_BREAK = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_LENGTHS = range(41, 260)
_LEAST_LETTERS = 0.85  # share of letters and spaces: prose, not code


def sentences() -> list[str]:
    """Different sentences of docstrings, in their order; kept in the user's cache after the first call."""
    cache = user_cache_dir() / "benchmarks" / "sentences.txt"
    if cache.exists():
        return cache.read_text(encoding="utf-8").splitlines()
    paths = sysconfig.get_paths()
    standard, packages = Path(paths["stdlib"]), Path(paths["purelib"])
    files = [file for file in sorted(standard.rglob("*.py")) if "site-packages" not in file.parts]
    files += sorted((packages / "numpy").rglob("*.py"))
    found = list(dict.fromkeys(text for file in files for text in _prose(file)))
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text("\n".join(found), encoding="utf-8")
    return found


def _prose(file: Path) -> Iterator[str]:
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError, OSError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            continue
        for paragraph in re.split(r"\n\s*\n", ast.get_docstring(node) or ""):
            for text in _BREAK.split(" ".join(paragraph.split())):
                letters = sum(char.isalpha() or char == " " for char in text)
                if (
                    len(text) in _LENGTHS
                    and text[0].isupper()
                    and text[-1] == "."
                    and letters > _LEAST_LETTERS * len(text)
                ):
                    yield text


def documents(count: int, seed: int = 5) -> Iterator[tuple[Document, list[Passage]]]:
    """Documents of PASSAGES_A_DOCUMENT paragraphs each, `count` paragraphs in all; the same for the same seed."""
    pool, rng = sentences(), random.Random(seed)
    for first in range(0, count, PASSAGES_A_DOCUMENT):
        name = f"recombined-{seed}-{first}.txt"
        digest = hashlib.sha256(name.encode()).hexdigest()
        document = Document(name=name, sha256=digest, title="", date=date(2026, 1, 1))
        passages = []
        for number in range(first, min(first + PASSAGES_A_DOCUMENT, count)):
            first_near = rng.randrange(len(pool) - NEARBY)
            near = pool[first_near : first_near + NEARBY]
            parts = [*rng.sample(near, rng.randint(2, 4)), f"It was seen {number} times."]
            passages.append(_passage(document, number - first + 1, parts))
        yield document, passages


def _passage(document: Document, paragraph: int, parts: Sequence[str]) -> Passage:
    spans, start = [], 0
    for part in parts:
        spans.append(Span(start=start, end=start + len(part)))
        start += len(part) + 1
    return Passage(id=0, document=document, paragraph=paragraph, text=" ".join(parts), sentences=tuple(spans))


class RecombinedEncoder:
    """An Encoder whose vector of a paragraph is the mean of its sentences'; other texts go to the real encoder."""

    def __init__(self, real: Encoder) -> None:
        self.name, self.fingerprint, self.dimension = real.name, real.fingerprint, real.dimension
        self._real = real
        self._known: dict[str, FloatArray] = {}

    def learn(self) -> None:
        """Embed every sentence, once; the vectors are kept in the user's cache."""
        pool = sentences()
        cache = user_cache_dir() / "benchmarks" / f"sentences-{self.fingerprint[:16]}.npy"
        if not cache.exists():
            np.save(cache, self._real.embed(pool))
        self._known = dict(zip(pool, np.load(cache), strict=True))

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors, shape (len(texts), dimension)."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            parts = [self._known[part] for part in _BREAK.split(text) if part in self._known]
            mean = np.mean(parts, axis=0) if parts else self._real.embed([text])[0]
            # What the paragraph has of its own: without it, paragraphs of the same sentences would have one vector.
            own = np.random.default_rng(int.from_bytes(hashlib.md5(text.encode()).digest()[:8])).normal(size=len(mean))
            rows[row] = mean + 0.1 * own / np.linalg.norm(own) if parts else mean
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def queries(count: int, seed: int = 8) -> list[str]:
    """Claims to look for: sentences of the pool, each with some words left out, so that none is there word for word."""
    rng = random.Random(seed)
    chosen = rng.sample(sentences(), count)
    return [" ".join(word for word in text.split() if rng.random() > 0.2) for text in chosen]
