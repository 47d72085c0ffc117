from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from factcheck.cli.main import main
from tests.cli import fake_checker

Run = Callable[..., tuple[int, str, str]]


class Stream(io.TextIOWrapper):
    """Standard input that may claim to be a terminal."""

    def __init__(self, data: bytes, *, terminal: bool) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the commands ask of the fake chain, which stands in for the real one."""
    monkeypatch.setitem(sys.modules, "factcheck.checker", fake_checker)
    monkeypatch.setattr(fake_checker.FactChecker, "calls", [])
    return fake_checker.FactChecker.calls


@pytest.fixture
def run(
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """Runs a command line on the fake chain; gives exit status, stdout and stderr."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr("factcheck.settings.user_cache_dir", lambda: cache)
    for name in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "FACTCHECK_DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def run_line(*args: str | Path, stdin: bytes = b"", terminal: bool = False) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", Stream(stdin, terminal=terminal))
        status = main([str(arg) for arg in args])
        out, err = capfd.readouterr()
        return status, out, err

    return run_line


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
