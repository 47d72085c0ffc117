"""The options that several commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from factcheck.errors import ConfigError
from factcheck.settings import DEFAULT_TOP_K, Mode

MAX_TOP_K = 100

ModeOption = Annotated[
    Mode,
    typer.Option(
        "--mode",
        help="When the reviewer and the language model are asked for the verdict: where the judges before them are "
        "unsure (auto), always (thorough), the reviewer seldom and the language model never (fast).",
    ),
]
TopKOption = Annotated[
    int, typer.Option("--top-k", min=1, max=MAX_TOP_K, help="How many passages are judged for a claim.")
]
SourceOption = Annotated[
    str | None,
    typer.Option("--source", metavar="GLOB", help="Use only documents whose name matches, as in 'reports/*.md'."),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Ignore documents published after this day (YYYY-MM-DD)."),
]
IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="Use this index instead of the default one.")
]
ExitZeroOption = Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 even if a claim is not SUPPORTED.")]

TOP_K = DEFAULT_TOP_K


def read_day(value: str | None) -> date | None:
    """The day of --as-of. Raises ConfigError for anything that is not YYYY-MM-DD."""
    if value is None:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or value != day.isoformat():
        raise ConfigError(f"--as-of {value!r} is not a day of the calendar; write it as YYYY-MM-DD")
    return day
