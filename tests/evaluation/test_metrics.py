import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.evaluation.metrics import (
    LabelScores,
    McNemar,
    RiskPoint,
    accuracy,
    area_under_risk_coverage,
    brier_score,
    confusion,
    expected_calibration_error,
    macro_f1,
    majority_baseline,
    mcnemar,
    per_label,
    risk_coverage,
    wilson_interval,
)
from factcheck.types import Label
from tests.evaluation.fakes import outcomes

TEN = outcomes("SSSSRRRNNN", "SSSRRRCNSN")  # one REFUTED is called CONFLICTING


def test_accuracy_and_majority_baseline() -> None:
    assert accuracy(TEN) == 0.7
    assert majority_baseline(TEN) == 0.4


def test_conflicting_counts_as_wrong_and_stands_in_the_confusion() -> None:
    s, r, c, n = Label
    assert confusion(TEN) == {
        s: {s: 3, r: 1, c: 0, n: 0},
        r: {s: 0, r: 2, c: 1, n: 0},
        n: {s: 1, r: 0, c: 0, n: 2},
    }


def test_per_label_agrees_with_scikit_learn() -> None:
    s, r, c, n = Label
    assert per_label(TEN) == {
        s: LabelScores(precision=0.75, recall=0.75, f1=0.75, support=4),
        r: LabelScores(precision=2 / 3, recall=2 / 3, f1=2 / 3, support=3),
        c: LabelScores(precision=0.0, recall=0.0, f1=0.0, support=0),
        n: LabelScores(precision=1.0, recall=2 / 3, f1=0.8, support=3),
    }


def test_macro_f1_averages_over_gold_labels_only() -> None:
    assert macro_f1(TEN) == pytest.approx(0.7388888888888889)  # sklearn, labels=[S, R, N]


@pytest.mark.parametrize(
    ("successes", "n", "interval"),
    [  # scipy.stats.binomtest(...).proportion_ci(method="wilson")
        (7, 10, (0.39677814746114526, 0.892208732593699)),
        (0, 5, (0.0, 0.43448246478317476)),
        (5, 5, (0.5655175352168251, 1.0)),
        (26, 30, (0.7031867331796371, 0.9469034451594525)),
    ],
)
def test_wilson_interval_agrees_with_scipy(successes: int, n: int, interval: tuple[float, float]) -> None:
    assert wilson_interval(successes, n) == pytest.approx(interval, abs=1e-12)


def test_calibration_error_weighs_the_gap_of_each_bin() -> None:
    # Bin ]0.8, 0.867]: two items of confidence 0.85, one right, gap 0.35. Bin ]0.467, 0.533]: 0.5, right,
    # gap 0.5. Bin ]0.933, 1]: 1.0, right, gap 0. Weighted: (2 * 0.35 + 0.5 + 0) / 4.
    items = outcomes("SSSS", "SRSS", [0.85, 0.85, 0.5, 1.0])
    assert expected_calibration_error(items) == pytest.approx(0.3)


def test_calibration_error_of_a_boundary_belongs_to_the_bin_below() -> None:
    # 0.2 and 0.1 share the bin ]0, 0.2] of five: |(1 - 0.2) + (0 - 0.1)| / 2.
    assert expected_calibration_error(outcomes("SS", "SR", [0.2, 0.1]), bins=5) == pytest.approx(0.35)


def test_calibration_error_takes_confidence_zero() -> None:
    assert expected_calibration_error(outcomes("S", "R", [0.0])) == 0.0


def test_brier_score() -> None:
    assert brier_score(outcomes("SS", "SR", [0.9, 0.6])) == pytest.approx((0.01 + 0.36) / 2)


def test_risk_coverage_has_one_point_a_distinct_confidence() -> None:
    items = outcomes("SSSS", "SRSR", [0.9, 0.8, 0.8, 0.3])
    assert risk_coverage(items) == [RiskPoint(0.25, 0.0), RiskPoint(0.75, 1 / 3), RiskPoint(1.0, 0.5)]


def test_area_under_risk_coverage_without_ties() -> None:
    items = outcomes("SSSS", "SRSR", [0.3, 0.9, 0.8, 0.5])  # sorted: wrong, right, wrong, right
    assert area_under_risk_coverage(items) == pytest.approx((1 / 1 + 1 / 2 + 2 / 3 + 2 / 4) / 4)


def test_area_under_risk_coverage_gives_ties_their_mean_error() -> None:
    items = outcomes("SSS", "SSR", [0.9, 0.5, 0.5])  # 0, then two items that are half wrong
    assert area_under_risk_coverage(items) == pytest.approx((0 + 0.5 / 2 + 1 / 3) / 3)


@given(
    st.lists(st.tuples(st.sampled_from("SR"), st.sampled_from([0.2, 0.5, 0.9])), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_order_of_the_items_changes_no_figure(rows: list[tuple[str, float]], random: st.DataObject) -> None:
    def figures(rows: list[tuple[str, float]]) -> tuple[float, ...]:
        items = outcomes("S" * len(rows), "".join(p for p, _ in rows), [c for _, c in rows])
        return (
            accuracy(items),
            macro_f1(items),
            expected_calibration_error(items),
            area_under_risk_coverage(items),
        )

    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert figures(shuffled) == pytest.approx(figures(rows))


@pytest.mark.parametrize(
    ("b", "c", "p"),  # scipy.stats.binomtest(b, b + c).pvalue
    [(1, 5, 0.21875), (5, 1, 0.21875), (3, 3, 1.0), (10, 25, 0.016673847800120715), (0, 0, 1.0)],
)
def test_mcnemar_agrees_with_scipy(b: int, c: int, p: float) -> None:
    first = [True] * b + [False] * c + [True, False]
    second = [False] * b + [True] * c + [True, False]
    assert mcnemar(first, second) == pytest.approx((b, c, p))


def test_mcnemar_of_many_items_does_not_overflow() -> None:
    assert mcnemar([True] * 3000 + [False] * 3000, [False] * 3000 + [True] * 3000) == McNemar(3000, 3000, 1.0)


def test_mcnemar_refuses_runs_of_different_length() -> None:
    with pytest.raises(ValueError, match="shorter"):
        mcnemar([True], [])
