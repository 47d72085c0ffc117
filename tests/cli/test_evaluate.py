import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from factcheck import checker as chain
from factcheck.cli.evaluate import evaluate
from factcheck.cli.main import main
from factcheck.errors import ConfigError, InputError
from factcheck.evaluation import plot
from factcheck.types import Label
from tests.evaluation.fakes import FakeChecker, hit

PAIRS = [
    {"id": "a", "claim": "one", "evidence": ["text"], "label": "SUPPORTED"},
    {"id": "b", "claim": "two", "evidence": ["text"], "label": "REFUTED"},
]
CLAIMS = [{"id": "a", "claim": "one", "label": "SUPPORTED", "gold": [{"document": "a.txt"}]}]
PREDICTIONS = (
    '{"id": "a", "label": "SUPPORTED", "predicted": "SUPPORTED", "confidence": 0.9}\n'
    '{"id": "b", "label": "REFUTED", "predicted": "NOT_ENOUGH_INFO", "confidence": 0.4}\n'
)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeChecker:
    """A checker that gets the first claim right, in place of the real one."""
    fake = FakeChecker({"one": (Label.SUPPORTED, 0.9), "two": (Label.NOT_ENOUGH_INFO, 0.4)}, {"one": [hit("text")]})

    class Opened:
        @staticmethod
        def open(index: Path | None = None, *, note: Callable[[str], None] = print) -> FakeChecker:
            fake.calls.append((f"open {index}", 0))
            return fake

        @staticmethod
        def without_index() -> FakeChecker:
            fake.calls.append(("without_index", 0))
            return fake

    monkeypatch.setattr(chain, "FactChecker", Opened)
    return fake


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    app = typer.Typer(add_completion=False)
    app.command("eval")(evaluate)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_json_of_pairs_is_one_object_on_one_line(tmp_path: Path, fake: FakeChecker) -> None:
    result = run(written(tmp_path / "p.jsonl", PAIRS), "--json", "--mode", "fast")
    assert (result.exit_code, result.stderr) == (0, "")
    figures = json.loads(result.stdout)
    assert result.stdout.count("\n") == 1
    assert {name: figures[name] for name in ("n", "accuracy", "majority_baseline", "mode")} == {
        "n": 2,
        "accuracy": 0.5,
        "majority_baseline": 0.5,
        "mode": "fast",
    }
    assert "retrieval_recall_at_5" not in figures
    assert fake.calls == [("without_index", 0), ("judge_texts", 2)]
    assert fake.closed


def test_claims_are_checked_against_the_index_given(tmp_path: Path, fake: FakeChecker) -> None:
    result = run(written(tmp_path / "c.jsonl", CLAIMS), "--json", "--index", "here", "--top-k", "9")
    assert json.loads(result.stdout)["retrieval_recall_at_5"] == 1.0
    assert fake.calls == [("open here", 0), ("decide", 1), ("retrieve", 9)]


def test_table_shows_the_majority_baseline_beside_the_accuracy(tmp_path: Path, fake: FakeChecker) -> None:
    result = run(written(tmp_path / "p.jsonl", PAIRS))
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert rows[0] == ["p.jsonl:", "2", "claims,", "mode", "auto"]
    assert rows[3][:2] == ["accuracy", "0.500"]
    assert rows[4][:3] == ["majority", "baseline", "0.500"]


def test_predictions_are_written_and_compared_with(tmp_path: Path, fake: FakeChecker) -> None:
    file, out = written(tmp_path / "p.jsonl", PAIRS), tmp_path / "out.jsonl"
    assert run(file, "--predictions", out).exit_code == 0
    assert out.read_text(encoding="utf-8") == PREDICTIONS
    fake.answers = {"one": (Label.SUPPORTED, 0.9), "two": (Label.REFUTED, 0.8)}
    result = run(file, "--json", "--compare", out)
    assert json.loads(result.stdout)["comparison"] == {"b": 1, "c": 0, "p": 1.0, "accuracy_difference": 0.5}


def test_limit_takes_the_first_items(tmp_path: Path, fake: FakeChecker) -> None:
    result = run(written(tmp_path / "p.jsonl", PAIRS), "--json", "--limit", "1")
    assert json.loads(result.stdout)["accuracy"] == 1.0
    assert run(tmp_path / "p.jsonl", "--limit", "0").exit_code == 2


def test_other_items_are_refused_before_anything_is_judged(tmp_path: Path, fake: FakeChecker) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(PREDICTIONS, encoding="utf-8")
    result = run(written(tmp_path / "p.jsonl", PAIRS), "--limit", "1", "--compare", other)
    assert isinstance(result.exception, InputError)
    assert fake.calls == []


@pytest.mark.parametrize("option", ["--predictions", "--plot"])
def test_outputs_never_overwrite_an_input(tmp_path: Path, fake: FakeChecker, option: str) -> None:
    file = written(tmp_path / "p.jsonl", PAIRS)
    before = file.read_bytes()
    result = run(file, option, tmp_path / "." / "p.jsonl")
    assert isinstance(result.exception, ConfigError)
    assert "would be overwritten" in str(result.exception)
    assert file.read_bytes() == before


def test_plot_without_matplotlib_fails_before_anything_is_judged(
    tmp_path: Path, fake: FakeChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plot, "find_spec", lambda name: None)
    result = run(written(tmp_path / "p.jsonl", PAIRS), "--plot", tmp_path / "out.png")
    assert isinstance(result.exception, ConfigError)
    assert fake.calls == []


def test_unwritable_predictions_fail_and_the_checker_is_closed(tmp_path: Path, fake: FakeChecker) -> None:
    result = run(written(tmp_path / "p.jsonl", PAIRS), "--predictions", tmp_path / "none" / "out.jsonl")
    assert isinstance(result.exception, ConfigError)
    assert fake.calls == [("without_index", 0)]
    assert fake.closed


def test_malformed_file_is_one_line_and_exit_status_2(
    tmp_path: Path, fake: FakeChecker, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "p.jsonl", [{"id": 1, "claim": "one", "label": "TRUE", "gold": []}])
    assert main(["eval", str(file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"factcheck: {file}, line 1 is malformed: label: Input should be 'SUPPORTED'")
    assert err.count("\n") == 1
    assert fake.calls == []


def test_low_accuracy_is_exit_status_0(tmp_path: Path, fake: FakeChecker) -> None:
    fake.answers = {"one": (Label.REFUTED, 0.9), "two": (Label.SUPPORTED, 0.8)}
    assert main(["eval", str(written(tmp_path / "p.jsonl", PAIRS))]) == 0
