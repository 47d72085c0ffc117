from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from factcheck.errors import ConfigError
from tools import install_llama, prepare
from tools.prepare import Step
from tools.processes import CommandError, follow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "stamps"
    folder.mkdir()
    monkeypatch.setattr(prepare, "STAMPS", folder)
    monkeypatch.setattr(prepare, "find_compilers", lambda: [])
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    here = Path.cwd()
    yield folder
    os.chdir(here)


class Workshop:
    """Steps that note that they were done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.done: list[str] = []
        self.keys = {"first": "1", "second": "2"}
        self.product = folder / "product"
        self.failure: BaseException | None = None
        steps = {name: self._step(name) for name in self.keys}
        monkeypatch.setattr(prepare, "STEPS", steps)
        monkeypatch.setattr(prepare, "GOALS", {"run": list(steps)})

    def _step(self, name: str) -> Step:
        def make() -> None:
            if name == "second" and self.failure:
                raise self.failure
            self.done.append(name)
            self.product.write_text("made")

        return Step(name, name, lambda: self.keys[name], make, lambda: [self.product])


@pytest.fixture
def workshop(stamps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return Workshop(monkeypatch, tmp_path)


def test_what_is_done_is_not_done_again(workshop: Workshop) -> None:
    assert [prepare.main("run"), prepare.main("run")] == [0, 0]

    assert workshop.done == ["first", "second"]


def test_a_step_is_done_again_when_what_it_was_made_from_changes(workshop: Workshop) -> None:
    prepare.main("run")
    workshop.keys["second"] = "changed"

    prepare.main("run")

    assert workshop.done == ["first", "second", "second"]


def test_a_step_is_done_again_when_what_it_made_is_gone(workshop: Workshop) -> None:
    prepare.main("run")
    workshop.product.unlink()

    prepare.main("run")

    assert workshop.done == ["first", "second", "first", "second"]


def test_a_damaged_stamp_counts_as_none(workshop: Workshop, stamps: Path) -> None:
    prepare.main("run")
    (stamps / "first.json").write_text('{"key"')

    prepare.main("run")

    assert workshop.done == ["first", "second", "first"]


@pytest.mark.parametrize(
    ("failure", "status", "message"),
    [
        (ConfigError("no compiler; install one"), 2, "factcheck: no compiler; install one"),
        (
            OSError(28, "No space left on device", "/x"),
            2,
            "factcheck: /x: No space left on device; mend that and run it again",
        ),
        (KeyboardInterrupt(), 130, "factcheck: broken off; the same command goes on from here"),
    ],
)
def test_a_run_that_fails_goes_on_with_the_step_it_was_in(
    workshop: Workshop,
    capsys: pytest.CaptureFixture[str],
    failure: BaseException,
    status: int,
    message: str,
) -> None:
    workshop.failure = failure
    assert prepare.main("run") == status
    assert capsys.readouterr().err == f"[1/2] first\n[2/2] second\n{message}\n"

    workshop.failure = None
    assert prepare.main("run") == 0
    assert capsys.readouterr().err == "[1/1] second\n"
    assert workshop.done == ["first", "second"]


def test_an_unknown_goal_is_refused(stamps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prepare.main("fly") == 2
    assert capsys.readouterr().err == "factcheck: there is no goal 'fly'; known: portable, lint, run, test\n"


def test_the_wish_for_a_gpu_is_remembered(stamps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[tuple[str, bool]] = []
    monkeypatch.setattr(install_llama, "install", lambda gpu, portable: installed.append((gpu, portable)))
    for wish in ("cuda", None, "none"):
        monkeypatch.delenv("FACTCHECK_GPU", raising=False)
        if wish is not None:
            monkeypatch.setenv("FACTCHECK_GPU", wish)
        prepare._install_llama()

    assert installed == [("cuda", False), ("cuda", False), ("none", False)]


def pip_that(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(install_llama, "PIP", [sys.executable, "-c", code])


def test_a_pip_that_fails_while_it_unpacks_leaves_a_mark(
    stamps: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "PIP_LOG", tmp_path / "pip.log")
    pip_that(monkeypatch, "print('Collecting a==1'); raise SystemExit('ERROR: no network')")
    with pytest.raises(CommandError, match="ERROR: no network"):
        prepare._pip_install("packages", [], 1)
    assert not (stamps / "installing").exists()

    pip_that(monkeypatch, "print('Installing collected packages: a'); raise SystemExit('ERROR: broken')")
    with pytest.raises(CommandError, match="ERROR: broken"):
        prepare._pip_install("packages", [], 1)
    assert (stamps / "installing").exists()

    pip_that(monkeypatch, "print('Installing collected packages: a')")
    prepare._pip_install("packages", [], 1)
    assert not (stamps / "installing").exists()


def test_the_lines_that_tell_most_of_a_failure_are_shown(tmp_path: Path) -> None:
    lines = ["one", "ERROR: first", "error: second", "error: third"]
    code = f"print(*{lines!r}, sep='\\n'); raise SystemExit(3)"

    with pytest.raises(CommandError) as raised:
        follow([sys.executable, "-c", code], tmp_path / "log")

    log = tmp_path / "log"
    assert str(raised.value) == f"ERROR: first / error: second (exit status 3; all of it is in {log})"
