import io
from typing import Any

from rich.console import Console

from factcheck.cli.console import show
from factcheck.evaluation.dataset import Form
from factcheck.evaluation.run import Run, result_object
from factcheck.evaluation.table import render_result
from factcheck.types import ModelNames
from tests.evaluation.fakes import outcomes


def lines(result: dict[str, Any], title: str = "set.jsonl", *, ruled: bool = False) -> list[str]:
    file = io.StringIO()
    show(Console(file=file, width=80, markup=False), *render_result(result, title, ruled=ruled))
    return file.getvalue().splitlines()


def claims_result() -> dict[str, Any]:
    items = tuple(outcomes("SSR", "SRC", [0.9, 0.6, 0.6]))
    result = result_object(Run(Form.CLAIMS, items, 1.5, ModelNames(llm="tiny"), (True,)), "fast")
    return result | {"comparison": {"b": 2, "c": 1, "p": 1.0, "accuracy_difference": 0.2}}


def test_table_in_a_pipe_is_plain_text() -> None:
    assert lines(claims_result()) == [
        "set.jsonl: 3 claims, mode fast",
        "",
        "figure              value  what it is",
        "accuracy            0.333  95 % interval 0.061 to 0.792 (Wilson)",
        "majority baseline   0.667  always the commonest gold label",
        "macro-F1            0.333  over the labels that occur in gold",
        "calibration error   0.433  15 bins of the predicted label's confidence",
        "Brier score         0.243  of the predicted label's confidence",
        "AURC                0.389  area under the risk-coverage curve: low is good",
        "recall@5            1.000  claims whose gold passage is found",
        "seconds a claim     0.500  wall-clock, loading of models included",
        "against the other  +0.200  difference in accuracy",
        "p-value                 1  McNemar, exact: right only here 2, only there 1",
        "",
        "label        precision  recall     F1  items",
        "SUPPORTED        1.000   0.500  0.667      2",
        "REFUTED          0.000   0.000  0.000      1",
        "CONFLICTING      0.000   0.000  0.000      0",
        "",
        "gold \\ predicted  SUPPORTED  REFUTED  CONFLICTING  NOT_ENOUGH_INFO",
        "SUPPORTED                 1        1            0                0",
        "REFUTED                   0        0            1                0",
        "",
        "Models: llm tiny",
    ]


def test_recall_that_cannot_be_measured_is_a_dash() -> None:
    shown = lines(claims_result() | {"retrieval_recall_at_5": None})
    assert "recall@5                -  claims whose gold passage is found" in shown


def test_no_comparison_and_no_recall_rows_for_a_single_run_over_pairs() -> None:
    result = claims_result()
    del result["comparison"], result["retrieval_recall_at_5"]
    shown = lines(result)
    assert not [line for line in shown if line.startswith(("recall", "against", "p-value"))]


def test_names_cannot_steer_the_terminal() -> None:
    models = {"llm": "[red]\x1b[2Jtiny\x07"}
    shown = lines(claims_result() | {"models": models}, "\x1b]0;owned\x07a\nb")
    assert (shown[0], shown[-1]) == ("a b: 3 claims, mode fast", "Models: llm [red]tiny")


def test_terminal_gets_ruled_tables_within_80_columns() -> None:
    shown = lines(claims_result(), ruled=True)
    assert sum(set(line) == {" ", "─"} for line in shown) == 3
    assert max(map(len, shown)) <= 80
