from dataclasses import replace
from datetime import date

import pytest

from factcheck.types import Cause, Hit, Label, Passage, Stance, Verdict
from factcheck.verdict.aggregate import MAX_PER_SIDE, Judged, LabelScores, doubtful, pool, verdict_from
from factcheck.verdict.fusion import PoolParameters, Signals
from tests.fakes import make_passage

SURE = 0.97


def _judged(text: str, supports: float, refutes: float, *, document: str = "a.txt", day: date | None = None) -> Judged:
    passage = make_passage(text, document=document, published=day)
    return Judged(passage, 0, len(text), supports, refutes, overlap=0.8)


def _verdict(*judged: Judged) -> Verdict:
    hits = [Hit(passage=j.passage, score=1.0, similarity=0.6) for j in judged]
    return verdict_from(pool(judged), judged, hits)


def test_no_window_at_all_is_no_passages() -> None:
    verdict = verdict_from(LabelScores(0.0, 0.0, 0.0, 1.0), [], [])
    assert (verdict.label, verdict.cause, verdict.evidence) == (Label.NOT_ENOUGH_INFO, Cause.NO_PASSAGES, ())


def test_one_supporting_source_supports_and_a_second_makes_it_surer() -> None:
    one = _judged("183 drones were launched.", 0.9, 0.02)
    two = _judged("Russia launched 183 drones.", 0.9, 0.02, document="b.txt")
    alone, together = _verdict(one), _verdict(one, two)
    assert alone.label is together.label is Label.SUPPORTED
    assert together.confidence > alone.confidence
    assert [e.passage.document.name for e in together.evidence] == ["a.txt", "b.txt"]


def test_two_sources_on_two_sides_conflict_and_both_are_shown() -> None:
    verdict = _verdict(
        _judged("The mayor resigned.", SURE, 0.01), _judged("The mayor did not resign.", 0.01, SURE, document="b.txt")
    )
    assert verdict.label is Label.CONFLICTING
    assert {e.stance for e in verdict.evidence} == {Stance.SUPPORTS, Stance.REFUTES}
    assert verdict.notes == ()


def test_the_newer_side_of_a_conflict_is_named() -> None:
    verdict = _verdict(
        _judged("The mayor resigned.", SURE, 0.01, day=date(2026, 2, 5)),
        _judged("The mayor did not resign.", 0.01, SURE, document="b.txt", day=date(2026, 2, 7)),
    )
    assert verdict.notes == ("The newer source (2026-02-07) refutes the claim; it may correct the older.",)


def test_one_source_does_not_conflict_with_itself() -> None:
    verdict = _verdict(_judged("The mayor resigned.", 0.98, 0.01), _judged("He did not resign in May.", 0.02, 0.9))
    assert verdict.label is Label.SUPPORTED


def test_silent_windows_give_the_nearest_passages_and_say_related_but_silent() -> None:
    verdict = _verdict(_judged("The mayor spoke.", 0.03, 0.02), _judged("Snow fell.", 0.02, 0.02))
    assert (verdict.label, verdict.cause) == (Label.NOT_ENOUGH_INFO, Cause.RELATED_BUT_SILENT)
    assert {e.stance for e in verdict.evidence} == {Stance.NEUTRAL}


def test_far_passages_are_off_topic() -> None:
    passage: Passage = make_passage("Snow fell in the mountains.")
    judged = Judged(passage, 0, 5, 0.02, 0.02, overlap=0.0)
    verdict = verdict_from(pool([judged]), [judged], [Hit(passage=passage, score=1.0, similarity=0.1)])
    assert verdict.cause is Cause.OFF_TOPIC


def test_a_verdict_that_no_window_carries_cites_the_window_nearest_to_it() -> None:
    judged = _judged("The mayor left office.", 0.45, 0.05)
    verdict = verdict_from(LabelScores(0.8, 0.1, 0.0, 0.1), [judged], [])
    assert verdict.label is Label.SUPPORTED
    assert [(e.stance, e.quote) for e in verdict.evidence] == [(Stance.SUPPORTS, "The mayor left office.")]


def test_evidence_is_limited_and_names_each_passage_once() -> None:
    judged = [_judged(f"Report {n} says so.", SURE, 0.01, document=f"{n}.txt") for n in range(9)]
    verdict = _verdict(*judged, *judged)
    assert len(verdict.evidence) == MAX_PER_SIDE
    assert len({e.passage.document.name for e in verdict.evidence}) == MAX_PER_SIDE
    assert [e.id for e in verdict.evidence] == [1, 2, 3, 4]


@pytest.mark.parametrize(("supports", "refutes"), [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.5, 0.5)])
def test_pooled_scores_sum_to_one(supports: float, refutes: float) -> None:
    scores = pool([_judged("x y", supports, refutes)])
    total = scores.supported + scores.refuted + scores.conflicting + scores.silent
    assert total == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("bias", [-5e3, 5e3])
def test_no_odds_are_too_long(bias: float) -> None:
    p = PoolParameters(scale=1.0, overlap=0.0, bias_supports=bias, bias_refutes=-5e3, second_source=0.0)
    assert pool([_judged("The mayor resigned.", 0.5, 0.1)], p).supported == (bias > 0)


def test_a_passage_whose_windows_disagree_stands_on_the_side_of_the_verdict() -> None:
    text = "The mayor resigned. The mayor did not resign."
    passage = make_passage(text)
    judged = [Judged(passage, 0, 19, 0.9, 0.05, 0.8), Judged(passage, 20, len(text), 0.01, 0.98, 0.8)]
    verdict = verdict_from(LabelScores(0.1, 0.8, 0.0, 0.1), judged, [])
    assert [(e.stance, e.quote) for e in verdict.evidence] == [(Stance.REFUTES, "The mayor did not resign.")]


def test_a_newer_report_that_corrects_an_older_one_decides_and_both_are_shown() -> None:
    verdict = _verdict(
        _judged("Twelve people died.", SURE, 0.01, day=date(2026, 2, 5)),
        _judged("The ministry corrected the toll to 31.", 0.01, SURE, document="b.txt", day=date(2026, 2, 7)),
    )
    assert verdict.label is Label.REFUTED
    assert {e.stance for e in verdict.evidence} == {Stance.SUPPORTS, Stance.REFUTES}
    assert verdict.notes == (
        "The newer source (2026-02-07) refutes the claim and corrects what was said before (2026-02-05).",
    )


@pytest.mark.parametrize(("against", "shown"), [(0.85, False), (0.92, True)])
def test_a_weak_voice_against_the_verdict_is_not_shown(against: float, shown: bool) -> None:
    verdict = _verdict(_judged("The mayor resigned.", SURE, 0.01), _judged("The mayor spoke.", 0.05, against))
    assert verdict.label is Label.SUPPORTED
    assert any(e.stance is Stance.REFUTES for e in verdict.evidence) is shown


def test_a_weak_voice_is_shown_where_the_verdict_has_nothing_better() -> None:
    weak, strong = _judged("The mayor went.", 0.55, 0.05), _judged("The mayor resigned.", SURE, 0.01, document="b.txt")
    assert [e.quote for e in _verdict(weak).evidence] == ["The mayor went."]
    assert [e.quote for e in _verdict(weak, strong).evidence] == ["The mayor resigned."]


def test_what_a_rule_contradicts_is_not_doubtful() -> None:
    plain = _judged("23 houses were damaged.", 0.1, 0.8)
    assert doubtful([]) == doubtful([plain]) == 1.0
    assert doubtful([plain, replace(plain, signals=Signals(0.0, 0.9, 0.0))]) == pytest.approx(0.1)
