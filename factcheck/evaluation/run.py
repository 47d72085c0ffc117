"""Runs the checker over an evaluation file, and makes one result of the outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from factcheck.evaluation import metrics
from factcheck.evaluation.dataset import Dataset, Form, Gold, Item
from factcheck.evaluation.metrics import Outcome
from factcheck.types import Claim, Hit, ModelNames, Report

if TYPE_CHECKING:
    from factcheck.checker import CheckOptions

CHUNK = 32  # items between two looks at the progress: enough to batch, few enough to watch
RECALL_AT = 5
DIGITS = 6  # of shares and seconds in the result


class Checker(Protocol):
    """What an evaluation needs of FactChecker."""

    def decide(self, claims: Sequence[Claim], options: CheckOptions) -> list[Report]:
        """Verdicts from the index."""
        ...

    def judge_texts(self, items: Sequence[tuple[Claim, Sequence[str]]], options: CheckOptions) -> list[Report]:
        """Verdicts from given passages."""
        ...

    def retrieve(self, claims: Sequence[Claim], options: CheckOptions) -> list[list[Hit]]:
        """Passages nearest to each claim, best first."""
        ...


@dataclass(frozen=True)
class Run:
    """The outcomes of one evaluation, in the file's order."""

    form: Form
    outcomes: tuple[Outcome, ...]
    seconds: float  # wall-clock of judging, retrieval for the verdict and loading of models included
    models: ModelNames
    found: tuple[bool, ...] = ()  # a claim with gold: was it found? (claims form)


def run_evaluation(
    dataset: Dataset,
    checker: Checker,
    options: CheckOptions,
    *,
    on_outcomes: Callable[[Sequence[Outcome]], None] = lambda outcomes: None,
) -> Run:
    """Judge every item, in chunks; `on_outcomes` gets each chunk's outcomes as soon as they are there."""
    outcomes: list[Outcome] = []
    found: list[bool] = []
    models = ModelNames()
    seconds = 0.0
    for items in _chunks(dataset.items, CHUNK):
        start = perf_counter()
        reports = _reports(dataset.form, items, checker, options)
        seconds += perf_counter() - start
        chunk = [_outcome(item, report) for item, report in zip(items, reports, strict=True)]
        if dataset.form is Form.CLAIMS:
            found += _found(items, checker, options)
        models = _merged([models, *(report.models for report in reports)])
        outcomes += chunk
        on_outcomes(chunk)
    return Run(dataset.form, tuple(outcomes), seconds, models, tuple(found))


def result_object(run: Run, mode: str) -> dict[str, Any]:
    """Name the figures as the JSON contract does; `retrieval_recall_at_5` in the claims form only."""
    outcomes = run.outcomes
    right = sum(o.correct for o in outcomes)
    result: dict[str, Any] = {
        "n": len(outcomes),
        "accuracy": _round(metrics.accuracy(outcomes)),
        "macro_f1": _round(metrics.macro_f1(outcomes)),
        "per_label": {
            label.value: {name: _round(value) for name, value in asdict(scores).items()}
            for label, scores in metrics.per_label(outcomes).items()
        },
        "confusion": {
            row.value: {column.value: count for column, count in columns.items()}
            for row, columns in metrics.confusion(outcomes).items()
        },
        "majority_baseline": _round(metrics.majority_baseline(outcomes)),
        "interval_95": [_round(bound) for bound in metrics.wilson_interval(right, len(outcomes))],
        "ece": _round(metrics.expected_calibration_error(outcomes)),
        "brier": _round(metrics.brier_score(outcomes)),
        "aurc": _round(metrics.area_under_risk_coverage(outcomes)),
    }
    if run.form is Form.CLAIMS:
        result["retrieval_recall_at_5"] = _round(sum(run.found) / len(run.found)) if run.found else None
    return result | {
        "seconds_per_claim": _round(run.seconds / len(outcomes)),
        "models": run.models.model_dump(),
        "mode": mode,
    }


def gold_is_found(gold: Sequence[Gold], hits: Sequence[Hit]) -> bool:
    """Whether one of the hits is a gold passage: the same document, and the `contains` words in the passage.

    Letter case and white space do not matter for the words.
    """
    seen = [(hit.passage.document.name, _squeezed(hit.passage.text)) for hit in hits]
    return any(
        name == entry.document and _squeezed(entry.contains or "") in text for entry in gold for name, text in seen
    )


def _reports(form: Form, items: Sequence[Item], checker: Checker, options: CheckOptions) -> list[Report]:
    if form is Form.PAIRS:
        return checker.judge_texts([(Claim(text=i.claim), i.evidence or ()) for i in items], options)
    return checker.decide([Claim(text=item.claim) for item in items], options)


def _found(items: Sequence[Item], checker: Checker, options: CheckOptions) -> list[bool]:
    """For each item with gold, whether a gold passage is among the first five hits."""
    with_gold = [item for item in items if item.gold]
    if not with_gold:
        return []
    enough = replace(options, top_k=max(options.top_k, RECALL_AT))
    hits = checker.retrieve([Claim(text=item.claim) for item in with_gold], enough)
    return [gold_is_found(item.gold or (), near[:RECALL_AT]) for item, near in zip(with_gold, hits, strict=True)]


def _outcome(item: Item, report: Report) -> Outcome:
    return Outcome(item.id, item.label, report.verdict.label, report.verdict.confidence)


def _merged(names: Sequence[ModelNames]) -> ModelNames:
    """Take the first name given for each role: in `auto` mode the LLM takes part in some claims only."""
    fields = {role: [getattr(n, role) for n in names] for role in ModelNames.model_fields}
    return ModelNames(**{role: next(filter(None, values), "") for role, values in fields.items()})


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _squeezed(text: str) -> str:
    return " ".join(text.split()).casefold()


def _round(value: float) -> float:
    return round(value, DIGITS)
