"""An evaluation's result for a reader: as tables on a terminal, and without colour and rules in a pipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from factcheck.report.escape import plain


def render_result(result: Mapping[str, Any], title: str, *, ruled: bool) -> list[RenderableType]:
    """Lay out the result object of `factcheck eval`, to be printed one under the other."""
    style = box.SIMPLE_HEAD if ruled else None
    models = (f"{role} {plain(name)}" for role, name in result["models"].items() if name)
    heading = f"{plain(title)}: {result['n']} claims, mode {result['mode']}"
    gap = [] if ruled else [""]  # a ruled table brings its own empty lines
    return [
        Text(heading, style="bold"),
        *gap,
        _figures(result, style),
        *gap,
        _per_label(result, style),
        *gap,
        _confusion(result, style),
        *gap,
        Text("Models: " + (", ".join(models) or "none")),
    ]


def _figures(result: Mapping[str, Any], style: box.Box | None) -> Table:
    low, high = result["interval_95"]
    rows = [
        ("accuracy", f"{result['accuracy']:.3f}", f"95 % interval {low:.3f} to {high:.3f} (Wilson)"),
        ("majority baseline", f"{result['majority_baseline']:.3f}", "always the commonest gold label"),
        ("macro-F1", f"{result['macro_f1']:.3f}", "over the labels that occur in gold"),
        ("calibration error", f"{result['ece']:.3f}", "15 bins of the predicted label's confidence"),
        ("Brier score", f"{result['brier']:.3f}", "of the predicted label's confidence"),
        ("AURC", f"{result['aurc']:.3f}", "area under the risk-coverage curve: low is good"),
        *_recall_row(result),
        ("seconds a claim", f"{result['seconds_per_claim']:.3f}", "wall-clock, loading of models included"),
        *_comparison_rows(result),
    ]
    table = Table("figure", "value", "what it is", box=style, pad_edge=False)
    table.columns[1].justify = "right"
    for row in rows:
        table.add_row(*row)
    return table


def _recall_row(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    if "retrieval_recall_at_5" not in result:
        return []
    recall = result["retrieval_recall_at_5"]
    return [("recall@5", "-" if recall is None else f"{recall:.3f}", "claims whose gold passage is found")]


def _comparison_rows(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    if "comparison" not in result:
        return []
    against = result["comparison"]
    only = f"McNemar, exact: right only here {against['b']}, only there {against['c']}"
    return [
        ("against the other", f"{against['accuracy_difference']:+.3f}", "difference in accuracy"),
        ("p-value", f"{against['p']:.2g}", only),
    ]


def _per_label(result: Mapping[str, Any], style: box.Box | None) -> Table:
    table = Table("label", box=style, pad_edge=False)
    for name in ("precision", "recall", "F1", "items"):
        table.add_column(name, justify="right")
    for label, scores in result["per_label"].items():
        shares = (f"{scores[name]:.3f}" for name in ("precision", "recall", "f1"))
        table.add_row(label, *shares, str(scores["support"]))
    return table


def _confusion(result: Mapping[str, Any], style: box.Box | None) -> Table:
    """Gold labels down, predictions across."""
    table = Table("gold \\ predicted", box=style, pad_edge=False)
    rows = result["confusion"]
    for label in next(iter(rows.values())):
        table.add_column(label, justify="right")
    for label, counts in rows.items():
        table.add_row(label, *map(str, counts.values()))
    return table
