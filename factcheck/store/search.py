"""Finding the passages that bear on a claim: by meaning and by words, fused by rank.

Reciprocal rank fusion: Cormack, Clarke and Büttcher, SIGIR 2009. A passage's score is the sum of
1 / (k + rank) over the rankings that it is in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from fnmatch import fnmatchcase

import numpy as np

from factcheck.corpus import pronouns
from factcheck.protocols import Encoder, FloatArray
from factcheck.store.passages import PassageStore
from factcheck.store.rows import StoredPassage
from factcheck.store.store import Store
from factcheck.types import Hit

# With two rankings a small constant is better than the usual 60. Recall@5 of the gold document on the claims of
# SciFact and FoolMeTwice, for k = 60, 15, 10, 5: 0.91, 0.92, 0.93, 0.94 and 0.70, 0.73, 0.73, 0.74.
RANK_CONSTANT = 10
_DEPTH_FACTOR, _LEAST_DEPTH = 4, 30
_WORD_WEIGHTS = (4.0, 1.0)  # BM25 weights of title and text
_MOST_TERMS = 64
_TERM = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+")
# Words that say nothing about the subject. No number words and no negations of amounts among them.
_STOP_TEXT = """
    a an and are as at be been but by can could did do does for from had has have he her hers him
    his how i if in into is it its may might must my of on or our shall she should so some such than
    that the their them then there these they this those to was we were what when where which while
    who whom whose why will with would you your
"""
_STOP_WORDS = frozenset(_STOP_TEXT.split())


class Searcher:
    """Searches one store with the encoder that made its vectors."""

    def __init__(self, store: Store, encoder: Encoder) -> None:
        """Raise StoreError if the vectors were made with another encoder."""
        store.require(encoder)
        self._store = store
        self._encoder = encoder

    def search(self, text: str, top_k: int, *, source: str | None = None, as_of: date | None = None) -> list[Hit]:
        """Return the passages nearest to a text, best first, at most top_k.

        source: glob on document names. as_of: leaves out documents dated later, keeps undated ones.
        """
        return self.search_many([text], top_k, source=source, as_of=as_of)[0]

    def search_many(
        self, texts: Sequence[str], top_k: int, *, source: str | None = None, as_of: date | None = None
    ) -> list[list[Hit]]:
        """`search` for each text; all are embedded and compared together."""
        queries = self._encoder.embed(texts)
        depth = max(_LEAST_DEPTH, _DEPTH_FACTOR * top_k)
        with self._store.snapshot() as (passages, vectors):
            self._store.require(self._encoder)  # another process may have built the index anew
            documents = _allowed_documents(passages, source, as_of)
            allowed = None if documents is None else passages.passage_ids(documents)
            dense = vectors.search(queries, depth, allowed)
            lexical = [_lexical(passages, text, depth, documents) for text in texts]
            fused = [fuse(by_meaning, by_words)[:top_k] for by_meaning, by_words in zip(dense, lexical, strict=True)]
            found = passages.fetch(sorted({row_id for ranking in fused for row_id, _ in ranking}))
            leads = _leads(passages, found)
        return [_hits(ranking, found, leads, query) for ranking, query in zip(fused, queries, strict=True)]


def fuse(*rankings: Sequence[int]) -> list[tuple[int, float]]:
    """(id, score) by reciprocal rank fusion, best first; ties in the order of the ids."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, row_id in enumerate(ranking, start=1):
            scores[row_id] = scores.get(row_id, 0.0) + 1.0 / (RANK_CONSTANT + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def telling_words(text: str) -> list[str]:
    """The different words of a text that say something of its subject, or all if none does; at most _MOST_TERMS."""
    terms = dict.fromkeys(term.lower() for term in _TERM.findall(text))
    telling = [term for term in terms if term not in _STOP_WORDS]
    return (telling or list(terms))[:_MOST_TERMS]


def match_expression(words: Sequence[str]) -> str:
    """Return an FTS5 expression: any of the words, each quoted, so that no text is syntax; "" for none."""
    return " OR ".join(f'"{word}"' for word in words)


def _lexical(passages: PassageStore, text: str, depth: int, documents: Sequence[int] | None) -> list[int]:
    words = telling_words(text)
    return (
        passages.match(match_expression(passages.affordable(words)), depth, _WORD_WEIGHTS, documents) if words else []
    )


def _allowed_documents(passages: PassageStore, source: str | None, as_of: date | None) -> list[int] | None:
    """Row ids of the documents that pass the filters; None for all."""
    if source is None and as_of is None:
        return None
    return [
        row_id
        for row_id, name, day in passages.document_dates()
        if (source is None or fnmatchcase(name, source)) and (as_of is None or day is None or day <= as_of)
    ]


def _leads(passages: PassageStore, found: dict[int, StoredPassage]) -> dict[int, str]:
    """What the paragraphs before tell, for those passages that may hang on it."""
    open_ones = [row_id for row_id, stored in found.items() if pronouns.needs_lead(stored.passage.text)]
    if not open_ones:
        return {}
    return {row_id: pronouns.lead(texts) for row_id, texts in passages.preceding(open_ones, pronouns.REACH).items()}


def _hits(
    ranking: Sequence[tuple[int, float]], found: dict[int, StoredPassage], leads: dict[int, str], query: FloatArray
) -> list[Hit]:
    hits = []
    for row_id, score in ranking:
        passage, vector = found[row_id]
        cosine = float(np.clip(query @ vector, -1.0, 1.0))
        hits.append(Hit(passage=passage, score=score, similarity=cosine, lead=leads.get(row_id, "")))
    return hits
