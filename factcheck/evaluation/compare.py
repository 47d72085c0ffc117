"""Prediction files: one line an item, so that two runs over the same items can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from factcheck.errors import ConfigError, InputError
from factcheck.evaluation.dataset import Item, first_problem, json_lines
from factcheck.evaluation.metrics import Outcome, accuracy, mcnemar

_OUTCOME = TypeAdapter(Outcome)


def start_predictions(path: Path) -> None:
    """Make an empty predictions file, in place of an old one. Raises ConfigError if it cannot be written."""
    _write(path, "w", ())


def append_predictions(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Add one line an outcome; they are on disk when this returns. Raises ConfigError."""
    _write(path, "a", map(_prediction_line, outcomes))


def read_predictions(path: Path) -> list[Outcome]:
    """Read what `--predictions` wrote. Raises InputError, with file and line, if it cannot be used."""
    outcomes: list[Outcome] = []
    for number, row in json_lines(path):
        try:
            outcomes.append(_OUTCOME.validate_python(row))
        except ValidationError as error:
            raise InputError(f"{path}, line {number} is no prediction: {first_problem(error)}") from error
    if len({o.id for o in outcomes}) < len(outcomes):
        raise InputError(f"{path} holds an id twice; give the predictions of one run")
    return outcomes


def require_same_items(path: Path, outcomes: Sequence[Outcome], items: Iterable[Item]) -> None:
    """Raise InputError unless the predictions in `path` are for these items, with these gold labels."""
    theirs = {o.id: o.label for o in outcomes}
    ours = {item.id: item.label for item in items}
    if theirs.keys() != ours.keys():
        raise InputError(
            f"{path} is for other items: {len(theirs.keys() - ours.keys())} of its ids are not evaluated "
            f"here and {len(ours.keys() - theirs.keys())} are missing; compare runs over the same items"
        )
    if differing := [key for key, label in ours.items() if theirs[key] is not label]:
        raise InputError(f"{path} has other gold labels, first for id {differing[0]!r}; run it again on this file")


def comparison_object(this: Sequence[Outcome], other: Sequence[Outcome]) -> dict[str, Any]:
    """McNemar's test of two runs over the same items, in any order.

    `b` counts items that only this run gets right, `c` those that only the other does.
    """
    of_other = {o.id: o for o in other}
    paired = [of_other[o.id] for o in this]
    b, c, p = mcnemar([o.correct for o in this], [o.correct for o in paired])
    return {"b": b, "c": c, "p": p, "accuracy_difference": round(accuracy(this) - accuracy(other), 6)}


def _write(path: Path, mode: str, lines: Iterable[str]) -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.writelines(lines)
    except OSError as error:
        raise ConfigError(f"predictions file {path} cannot be written: {error.strerror or error}") from error


def _prediction_line(outcome: Outcome) -> str:
    row = {
        "id": outcome.id,
        "label": outcome.label.value,
        "predicted": outcome.predicted.value,
        "confidence": round(outcome.confidence, 6),
    }
    return json.dumps(row) + "\n"
