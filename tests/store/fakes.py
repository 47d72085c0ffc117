"""An encoder without a model, and documents made from a line of text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from factcheck.protocols import FloatArray
from factcheck.store.store import Store
from factcheck.types import Document, Passage, Span

Source = tuple[Document, Sequence[Passage]]


class FakeEncoder:
    """Counts hashed words, so that texts with words in common are near to each other."""

    def __init__(self, fingerprint: str = "fake-1", dimension: int = 64) -> None:
        self.name = f"fake {fingerprint}"
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str]) -> FloatArray:
        self.seen += texts
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[row, hashlib.md5(word.encode()).digest()[0] % self.dimension] += 1.0
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: FloatArray = vectors / np.maximum(norms, 1e-9)
        return unit


def source(name: str, *paragraphs: str, title: str = "", day: date | None = None) -> Source:
    """A document of these paragraphs, hashed as its file would be."""
    digest = hashlib.sha256("\n\n".join((title, *paragraphs)).encode()).hexdigest()
    document = Document(name=name, sha256=digest, title=title, date=day)
    passages = [
        Passage(id=0, document=document, paragraph=number, text=text, sentences=(Span(start=0, end=len(text)),))
        for number, text in enumerate(paragraphs, start=1)
    ]
    return document, passages


def ignore(message: str) -> None:
    """A note that nobody reads."""


def open_filled(directory: Path, *sources: Source, encoder: FakeEncoder | None = None) -> Store:
    """An index in the directory that holds these sources."""
    encoder = encoder or FakeEncoder()
    store = Store.create_or_open(directory, encoder, note=ignore)
    store.add(sources, encoder)
    return store


def contents(store: Store) -> dict[str, list[str]]:
    """Texts by document name, in order, as a snapshot shows them; checks that each has its vector."""
    found: dict[str, list[str]] = {document.name: [] for document, _ in store.documents()}
    with store.snapshot() as (passages, vectors):
        meta = passages.meta()
        assert meta is not None
        ids = [int(row_id) for batch, _ in passages.vectors(meta.dimension) for row_id in batch]
        assert len(vectors) == len(ids)
        for row_id, stored in sorted(passages.fetch(ids).items()):
            assert vectors.search(stored.vector[None, :], len(ids))[0].count(row_id) == 1
            found[stored.passage.document.name].append(stored.passage.text)
    return found


def files(directory: Path) -> list[str]:
    """Names of the files of an index that no process has open, without the lock."""
    return sorted(re.sub(r"-.*(?=\.faiss)", "", path.name) for path in directory.iterdir() if path.name != ".lock")
