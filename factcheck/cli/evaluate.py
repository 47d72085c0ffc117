"""`factcheck eval`: accuracy of the verdicts against gold labels."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from factcheck.cli.answer import open_checker
from factcheck.cli.console import note_console, result_console, show
from factcheck.cli.options import TOP_K, IndexOption, ModeOption, TopKOption
from factcheck.cli.supervise import set_stage
from factcheck.errors import ConfigError
from factcheck.settings import Mode

if TYPE_CHECKING:
    from factcheck.checker import CheckOptions, FactChecker
    from factcheck.evaluation.dataset import Dataset
    from factcheck.evaluation.metrics import Outcome
    from factcheck.evaluation.run import Run


def evaluate(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Evaluation file (.jsonl or .jsonl.gz), of either form.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    mode: ModeOption = Mode.AUTO,
    predictions: Annotated[
        Path | None,
        typer.Option(metavar="OUT.jsonl", help="Write id, label, predicted and confidence, a claim a line."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="OUT.png", help="Draw the risk-coverage curve (needs matplotlib).")
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="OTHER.jsonl", help="Compare with another run's predictions (McNemar's test)."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Take only the first N claims of the file.", show_default=False)
    ] = None,
    top_k: TopKOption = TOP_K,
    index: IndexOption = None,
) -> None:
    """Measure the verdicts against the gold labels of a file.

    Pairs (lines with "evidence") are judged as given; claims (lines with "gold") are checked end to end
    against the index. Exits with 0 whatever the accuracy is, with 2 if something failed.
    """
    from factcheck.checker import CheckOptions
    from factcheck.evaluation import compare as comparing
    from factcheck.evaluation import plot as plotting
    from factcheck.evaluation.dataset import read_dataset
    from factcheck.evaluation.metrics import risk_coverage
    from factcheck.evaluation.run import result_object

    dataset = read_dataset(file).first(limit)
    _refuse_to_overwrite((predictions, plot), (file, compare))
    other = comparing.read_predictions(compare) if compare else []
    if compare:
        comparing.require_same_items(compare, other, dataset.items)
    if plot:
        plotting.require_plot(plot)
    with closing(_open_checker(dataset, index)) as checker:
        run = _run(dataset, checker, CheckOptions(mode=mode, top_k=top_k), predictions)
    result = result_object(run, mode.value)
    if compare:
        result["comparison"] = comparing.comparison_object(run.outcomes, other)
    _print(result, dataset.name, as_json=as_json)
    if plot:
        plotting.save_risk_coverage(risk_coverage(run.outcomes), plot, dataset.name)


def _open_checker(dataset: Dataset, index: Path | None) -> FactChecker:
    """Open the chain, without its index if the evidence is given."""
    from factcheck.checker import FactChecker
    from factcheck.evaluation.dataset import Form

    return FactChecker.without_index() if dataset.form is Form.PAIRS else open_checker(index)


def _run(dataset: Dataset, checker: FactChecker, options: CheckOptions, predictions: Path | None) -> Run:
    """Judge the dataset; shows progress, and writes the predictions as they come."""
    from factcheck.evaluation.compare import append_predictions, start_predictions
    from factcheck.evaluation.run import run_evaluation

    if predictions:
        start_predictions(predictions)
    set_stage(f"judging the claims of {dataset.name}")
    with _progress(len(dataset.items)) as advance:

        def on_outcomes(outcomes: Sequence[Outcome]) -> None:
            if predictions:
                append_predictions(predictions, outcomes)
            advance(len(outcomes))

        return run_evaluation(dataset, checker, options, on_outcomes=on_outcomes)


def _print(result: dict[str, object], title: str, *, as_json: bool) -> None:
    from factcheck.evaluation.table import render_result

    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        console = result_console()
        show(console, *render_result(result, title, ruled=console.is_terminal))


def _refuse_to_overwrite(outputs: Sequence[Path | None], inputs: Sequence[Path | None]) -> None:
    """Raise ConfigError if a file to be written is one of those that are read."""
    read = {path.resolve() for path in inputs if path}
    for path in filter(None, outputs):
        if path.resolve() in read:
            raise ConfigError(f"{path} is read by this evaluation and would be overwritten; give another name")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar if standard error is a terminal; the value is called with the number of claims just done."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=note_console(), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda done: progress.advance(task, done)
