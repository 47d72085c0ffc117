"""What the rows of the SQLite file hold, and how they become values and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from factcheck.protocols import FloatArray
from factcheck.types import Document, Passage, Span

VECTOR_TYPE = np.dtype("<f2")
DOCUMENT_COLUMNS = "documents.name, sha256, title, publisher, url, date"


class Meta(NamedTuple):
    """What the one row of `meta` holds.

    generation: counts the committed changes. token: random, differs between any two states of any index.
    vector_bytes, vector_crc: size and check sum of the vector file that belongs to this state.
    """

    generation: int
    token: str
    vector_bytes: int
    vector_crc: int
    encoder_name: str
    encoder_fingerprint: str
    dimension: int


class NewPassage(NamedTuple):
    """A passage about to be stored; `key` is the hash of the text that its vector is made from."""

    passage: Passage
    key: str


class StoredPassage(NamedTuple):
    """A passage as it came out of the store, with its vector (shape (dimension,))."""

    passage: Passage
    vector: FloatArray


def spans_json(spans: Sequence[Span]) -> str:
    """The column `sentences`: [[start, end], ...]."""
    return json.dumps([[span.start, span.end] for span in spans], separators=(",", ":"))


def read_day(text: str | None) -> date | None:
    """The column `date`. Raises sqlite3.DatabaseError if it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise sqlite3.DatabaseError("a document's date is none") from error


def read_document(row: Sequence[str | None]) -> Document:
    """The document of a row of DOCUMENT_COLUMNS."""
    name, sha256, title, publisher, url, day = row
    return Document.model_validate(
        {
            "name": name,
            "sha256": sha256,
            "title": title,
            "publisher": publisher,
            "url": url,
            "date": read_day(day),
        }
    )


def read_passage(row: Sequence[Any]) -> StoredPassage:
    """The passage of a row (id, paragraph, text, sentences, vector, then DOCUMENT_COLUMNS)."""
    try:
        spans = tuple(Span(start=start, end=end) for start, end in json.loads(row[3]))
    except (ValueError, TypeError) as error:
        raise sqlite3.DatabaseError("a passage's sentences are none") from error
    passage = Passage(id=row[0], document=read_document(row[5:]), paragraph=row[1], text=row[2], sentences=spans)
    return StoredPassage(passage, np.frombuffer(row[4], dtype=VECTOR_TYPE).astype(np.float32))
