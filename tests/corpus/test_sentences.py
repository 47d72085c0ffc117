"""Sentences as exact offsets."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.corpus.sentences import split_sentences

NEWSY = st.text(st.sampled_from(list("ab AB.?!…\"“”' \n-0159,()é😀日")) | st.characters(), max_size=80)


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["U.S. President Jane Roe met Gov. John Doe on Feb. 5 at 4 p.m. local time.", "It cost $3.5 million."],
        ["He came at 4 p.m.", "The talks went on."],
        ["It began at 9 a.m. ET on Monday.", "Nobody came."],
        ["“We want faster results.”", "He left the room."],
        ['"It ended," he said.', '"We go on."', "She left."],
        ["They asked No. 10 for help.", "No. 10 declined."],
        ["J. K. Roe wrote it.", "Lt. Gov. John Doe Jr. signed it on Jan. 3."],
        ["He waited...", "Then he left."],
        ["The U.S. and Russia agreed.", "St. Petersburg is large."],
        ["See vol. 3, pp. 4-5.", "It was approx. 5 km away."],
        ["What happened?", "Nobody knows!", "“Why?” he asked."],
        ["Two ferries vs. one pier.", "In the trial (n = 3; ref. 12) it rose 1.5%."],
        ["KYIV, Feb 5 (Reuters) - Two ports signed.", "One did not."],
        ["* Port wants a new pier, but who pays is open"],
    ],
)
def test_sentences_of_news(expected: list[str]) -> None:
    assert sentences("  ".join(expected)) == expected


def test_text_without_words_has_no_sentence_of_its_own() -> None:
    assert sentences("") == []
    assert sentences(" \n ") == []
    assert sentences("It ended. ...") == ["It ended. ..."]


@given(NEWSY)
def test_spans_are_ordered_trimmed_and_hold_every_visible_character(text: str) -> None:
    spans = split_sentences(text)
    covered = [text[span.start : span.end] for span in spans]
    assert all(piece and piece == piece.strip() for piece in covered)
    assert all(left.end <= right.start for left, right in pairwise(spans))
    assert re.sub(r"\s", "", "".join(covered)) == re.sub(r"\s", "", text)
