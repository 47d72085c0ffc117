from datetime import date

import pytest

from factcheck.types import Stance
from factcheck.verdict.aggregate import Judged
from factcheck.verdict.disagreement import find_disagreement, note_on
from factcheck.verdict.fusion import NO_SIGNALS, Signals
from factcheck.verdict.numbers.withdrawn import TAKEN_BACK
from tests.fakes import make_passage

MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)
SUPPORTS, REFUTES, WEAK = (0.95, 0.02), (0.02, 0.95), (0.1, 0.6)


def _judged(
    sides: tuple[float, float],
    document: str,
    day: date | None = None,
    text: str = "Twelve died.",
    reason: str = "",
    signals: Signals = NO_SIGNALS,
) -> Judged:
    passage = make_passage(text, document=document, published=day)
    return Judged(passage, 0, len(text), *sides, overlap=0.8, reasons=(reason,) if reason else (), signals=signals)


def test_nobody_disagrees_where_all_are_on_one_side() -> None:
    assert find_disagreement([]) is None
    assert find_disagreement([_judged(SUPPORTS, "a"), _judged(SUPPORTS, "b")]) is None


def test_a_document_on_both_sides_is_no_independent_voice() -> None:
    assert find_disagreement([_judged(SUPPORTS, "a"), _judged(REFUTES, "a"), _judged(SUPPORTS, "b")]) is None


def test_a_weak_opponent_counts_only_with_a_rule_on_its_side() -> None:
    agrees, contradicts = Signals(0.9, 0.0, 0.0), Signals(0.0, 0.9, 0.0)
    assert find_disagreement([_judged(SUPPORTS, "a"), _judged(WEAK, "b")]) is None
    # A judge that takes "two were hurt" against "at least one was hurt" is not helped by a rule that sees them agree.
    agreeing = _judged(WEAK, "b", reason="claim says at least one, passage says two", signals=agrees)
    assert find_disagreement([_judged(SUPPORTS, "a"), agreeing]) is None
    against = _judged(WEAK, "b", reason="claim says 12, passage says 31", signals=contradicts)
    found = find_disagreement([_judged(SUPPORTS, "a"), against])
    assert found is not None and found.newer is None and note_on(found, settled=False) == ()


def test_what_a_newer_text_expressly_takes_back_settles_it_against_a_less_clear_older_one() -> None:
    older, newer = (0.6, 0.1), (0.05, 0.65)
    text = "An earlier version of this article wrongly said that twelve had died."
    found = find_disagreement([_judged(older, "a", MONDAY), _judged(newer, "b", FRIDAY, text, TAKEN_BACK)])
    assert found is not None and found.settled_for is Stance.REFUTES


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("The toll is 31, the coast guard said, correcting an earlier figure.", True),
        ("Previously reported figures were too low; 31 people died.", True),
        ("The ministry revised its count to 31.", True),
        ("The toll is 31, the coast guard said.", False),
    ],
)
def test_a_newer_report_settles_it_only_if_it_says_that_it_corrects(text: str, settled: bool) -> None:
    found = find_disagreement([_judged(SUPPORTS, "a", MONDAY), _judged(REFUTES, "b", FRIDAY, text)])
    assert found is not None and found.newer is Stance.REFUTES
    assert found.settled_for is (Stance.REFUTES if settled else None)


def test_the_older_report_settles_nothing_and_unknown_dates_neither() -> None:
    text = "The ministry revised its count to 31."
    older = find_disagreement([_judged(SUPPORTS, "a", FRIDAY), _judged(REFUTES, "b", MONDAY, text)])
    assert older is not None and older.newer is Stance.SUPPORTS and older.settled_for is None
    undated = find_disagreement([_judged(SUPPORTS, "a"), _judged(REFUTES, "b", FRIDAY, text)])
    assert undated is not None and undated.newer is None


def test_a_newer_voice_among_older_ones_of_the_same_side_is_not_newer() -> None:
    found = find_disagreement(
        [_judged(SUPPORTS, "a", MONDAY), _judged(REFUTES, "b", FRIDAY), _judged(REFUTES, "c", MONDAY)]
    )
    assert found is not None and found.newer is None
