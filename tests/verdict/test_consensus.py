"""Verifier and reviewer as one judge."""

from __future__ import annotations

import numpy as np
import pytest

from factcheck.errors import ModelError
from factcheck.protocols import Pair
from factcheck.verdict.consensus import Consensus
from tests.fakes import NEUTRAL, SUPPORTS, FailingJudge, FakeJudge

PAIR = Pair("Snow fell", "It snowed.")


def test_an_opinion_has_to_be_shared() -> None:
    both = Consensus(FakeJudge(lambda pair: SUPPORTS), FakeJudge(lambda pair: NEUTRAL))
    middle = np.sqrt(np.multiply(SUPPORTS, NEUTRAL))
    assert both.judge([PAIR])[0] == pytest.approx(middle / middle.sum(), rel=1e-5)
    certain = Consensus(FakeJudge(lambda pair: (1, 0, 0)), FakeJudge(lambda pair: (0, 0, 1))).judge([PAIR])
    assert np.isfinite(certain).all()
    assert both.judge([]).shape == (0, 3)


def test_without_a_reviewer_the_verifier_stands_alone() -> None:
    alone = Consensus(FakeJudge(), None)
    assert alone.judge([PAIR])[0] == pytest.approx(SUPPORTS)
    assert (alone.reviewed, alone.trouble) == (False, "")


def test_a_reviewer_that_fails_is_named_and_not_asked_again() -> None:
    failing = FailingJudge()
    both = Consensus(FakeJudge(), failing)
    assert both.reviewed
    for _ in range(2):
        assert both.judge([PAIR])[0] == pytest.approx(SUPPORTS)
    assert (both.reviewed, both.trouble) == (False, "the reviewer failed: the file is gone")
    assert failing.pairs == [PAIR]


def test_a_verifier_that_fails_is_an_error() -> None:
    with pytest.raises(ModelError, match="the file is gone"):
        Consensus(FailingJudge(), FakeJudge()).judge([PAIR])
