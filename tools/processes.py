"""Runs a program whose output goes to a log while somebody looks at its lines."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from factcheck.errors import FactcheckError

NO_SPACE = "No space left on device"


class CommandError(FactcheckError):
    """A program that was run ended badly."""


def follow(
    command: Sequence[str],
    log: Path,
    on_line: Callable[[str], None] = lambda line: None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a command, call on_line for each line of its output, and keep them all in `log`.

    Raises CommandError with the lines that tell most if the command fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w", encoding="utf-8", buffering=1) as record,
        subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            record.write(line)
            on_line(line)
    if process.returncode != 0:
        raise CommandError(f"{_telling_lines(log)} (exit status {process.returncode}; all of it is in {log})")


def _telling_lines(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    if any(NO_SPACE in line for line in lines):
        return f"the disk is full ({NO_SPACE}); free some space and run the same command again"
    errors = [line for line in lines if "error" in line.lower()] or lines[-1:] or ["it said nothing"]
    return " / ".join(line[:300] for line in errors[:2])
