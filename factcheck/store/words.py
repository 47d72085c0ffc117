"""Which words of a claim a search over many passages can afford.

BM25 looks at every passage that holds any of the words: about a microsecond each, so that "number" and "use" alone
take half a second among a million passages, and tell nothing. The rarest words are therefore taken first, up to
MOST_MATCHES passages in all. How often the common words occur is counted when the index changes by much.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

MOST_MATCHES = 10_000
COMMON = 500  # passages: a word in fewer is not listed
_GROWTH = 1.25  # counted anew when there are so many times more passages, or fewer
_TOTAL = ""  # stands in the list for all passages
TOKENIZE = "porter unicode61 remove_diacritics 2"  # how the index cuts and stems; a claim must be stemmed alike

TABLES = ("CREATE TABLE common_words (word TEXT PRIMARY KEY, passages INTEGER NOT NULL) WITHOUT ROWID",)


def count_words(db: sqlite3.Connection, passages: int) -> None:
    """List the common words of the index anew, if the list is missing or out of date."""
    if passages <= COMMON:
        db.execute("DELETE FROM common_words")
        return
    listed = db.execute("SELECT passages FROM common_words WHERE word = ?", (_TOTAL,)).fetchone()
    if listed and listed[0] / _GROWTH < passages < listed[0] * _GROWTH:
        return
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.all_words USING fts5vocab(main, passage_words, row)")
    db.execute("DELETE FROM common_words")
    db.execute("INSERT INTO common_words SELECT term, doc FROM temp.all_words WHERE doc >= ?", (COMMON,))
    db.execute("INSERT INTO common_words VALUES (?, ?)", (_TOTAL, passages))


def affordable(db: sqlite3.Connection, words: Sequence[str]) -> list[str]:
    """The rarest of the words, in their order, that together match at most MOST_MATCHES passages; one at least."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'common_words'").fetchone():
        return list(words)  # an index of an earlier version in a folder that cannot be written to
    total = db.execute("SELECT passages FROM common_words WHERE word = ?", (_TOTAL,)).fetchone()
    if total is None or total[0] * len(words) <= MOST_MATCHES:
        return list(words)
    counts = _counts(db, words)
    chosen, matches = set[str](), 0
    for word in sorted(words, key=lambda word: counts[word]):
        matches += counts[word]
        if chosen and matches > MOST_MATCHES:
            break
        chosen.add(word)
    return [word for word in words if word in chosen]


def _counts(db: sqlite3.Connection, words: Sequence[str]) -> dict[str, int]:
    """In how many passages each word occurs, about; the words are stemmed as the index stems its own."""
    db.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.asked USING fts5 (text, tokenize = '{TOKENIZE}')")
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.asked_words USING fts5vocab(temp, asked, instance)")
    db.execute("DELETE FROM temp.asked")
    db.executemany("INSERT INTO temp.asked (rowid, text) VALUES (?, ?)", enumerate(words))
    rows = db.execute("SELECT doc, max(passages) FROM temp.asked_words JOIN common_words ON word = term GROUP BY doc")
    found = dict(rows.fetchall())
    return {word: found.get(number, COMMON // 2) for number, word in enumerate(words)}
