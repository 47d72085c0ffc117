from pathlib import Path

import pytest

from factcheck.errors import ConfigError, InputError
from factcheck.evaluation.compare import (
    append_predictions,
    comparison_object,
    read_predictions,
    require_same_items,
    start_predictions,
)
from factcheck.evaluation.dataset import Item
from factcheck.types import Label
from tests.evaluation.fakes import outcomes

LINE = '{"id": 0, "label": "SUPPORTED", "predicted": "REFUTED", "confidence": 0.75}\n'
ITEMS = [Item(id=k, claim="c", label=Label.SUPPORTED, evidence=("e",)) for k in range(2)]


def test_predictions_are_appended_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text("an old run", encoding="utf-8")
    items = outcomes("SN", "RC", [0.75, 0.5])
    start_predictions(path)
    append_predictions(path, items[:1])
    assert path.read_text(encoding="utf-8") == LINE
    append_predictions(path, items[1:])
    assert read_predictions(path) == items


def test_predictions_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"p\.jsonl cannot be written: No such file"):
        start_predictions(tmp_path / "none" / "p.jsonl")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LINE + "{}\n", "line 2 is no prediction: id: "),
        (LINE.replace('"REFUTED"', '"WRONG"'), "line 1 is no prediction: predicted: "),
        (LINE.replace("0.75", '"high"'), "line 1 is no prediction: confidence: "),
        (LINE + LINE, "holds an id twice"),
        ("{\n", "line 1 is not valid JSON"),
    ],
)
def test_malformed_predictions_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_predictions(path)


def test_runs_over_the_same_items_in_another_order_can_be_compared() -> None:
    require_same_items(Path("p.jsonl"), outcomes("SS", "SR")[::-1], ITEMS)


def test_runs_over_other_items_are_refused() -> None:
    with pytest.raises(InputError, match=r"1 of its ids are not evaluated here and 0 are missing"):
        require_same_items(Path("p.jsonl"), outcomes("SSS", "SSS"), ITEMS)
    with pytest.raises(InputError, match=r"0 of its ids are not evaluated here and 1 are missing"):
        require_same_items(Path("p.jsonl"), outcomes("S", "S"), ITEMS)


def test_runs_with_other_gold_labels_are_refused() -> None:
    with pytest.raises(InputError, match=r"p\.jsonl has other gold labels, first for id 1"):
        require_same_items(Path("p.jsonl"), outcomes("SR", "SR"), ITEMS)


def test_comparison_pairs_items_by_id() -> None:
    this = outcomes("SSSSS", "SSSRR")
    other = outcomes("SSSSS", "SRRSR")[::-1]
    assert comparison_object(this, other) == {"b": 2, "c": 1, "p": 1.0, "accuracy_difference": 0.2}
