from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from factcheck.errors import ConfigError
from tools import install_llama, prepare
from tools.prepare import Step
from tools.processes import CommandError, follow

ROOT = Path(__file__).resolve().parent.parent


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


# --- the Makefile and tools/venv.sh, in a checkout of which only these are real


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "tools" / "venv.sh", tmp_path / "tools")
    return tmp_path


def write_program(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def run(checkout: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "CLAIM"}
    return subprocess.run(command, cwd=checkout, env=clean | env, capture_output=True, text=True, check=False)


@pytest.fixture
def ready_checkout(checkout: Path) -> Path:
    """A checkout whose environment is ready, and whose program prints its arguments."""
    write_program(checkout / ".venv" / "bin" / "python", "exit 0")
    write_program(checkout / ".venv" / "bin" / "factcheck", "printf '<%s>' \"$@\"")
    (checkout / ".venv" / ".stamps").mkdir()
    (checkout / ".venv" / ".stamps" / "venv").write_text(f"{checkout.resolve()}\n")
    return checkout


CLAIMS = [
    "Russia launched 183 drones",
    "it cost $5, $(shell touch pwned) `touch pwned` $(touch pwned) ${HOME} $$",
    """a "double" and a 'single' quote; touch pwned # no comment \\ %""",
    "--json",
    "two\nlines",
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_reaches_the_program_as_it_was_written(ready_checkout: Path, claim: str) -> None:
    done = run(ready_checkout, "make", "check", f"CLAIM={claim}")
    by_environment = run(ready_checkout, "make", "check", CLAIM=claim)

    expected = f"<check><--exit-zero><--><{claim}>"
    assert (done.stdout, by_environment.stdout) == (expected, expected), done.stderr
    assert not (ready_checkout / "pwned").exists()


def test_no_claim_says_how_to_give_one(ready_checkout: Path) -> None:
    done = run(ready_checkout, "make", "check")

    assert done.returncode == 2
    assert done.stderr.startswith('give a claim: make check CLAIM="Russia launched 183 drones"\n')


def test_help_lists_every_target_that_is_for_people(checkout: Path) -> None:
    listed = [line.split()[1] for line in run(checkout, "make", "help").stdout.splitlines()]

    makefile = (checkout / "Makefile").read_text()
    phony = next(line for line in makefile.splitlines() if line.startswith(".PHONY:"))
    assert sorted(listed) == sorted(phony.split()[1:])


# A Python that passes for 3.11 and whose `-m venv` makes an environment with a sound pip.
PYTHON = """\
case "$*" in
    *"-m venv"*)
        mkdir -p .venv/bin
        cp "$0" .venv/bin/python
        echo "#!$PWD/.venv/bin/python" >.venv/bin/pip ;;
    *--version*) echo Python 3.11.7 ;;
esac"""


@pytest.fixture
def path(checkout: Path) -> str:
    """A PATH on which the only Python is a fake one."""
    folder = checkout / "programs"
    for name in ("sh", "cat", "grep", "mkdir", "mv", "rm", "cp"):
        found = shutil.which(name)
        assert found
        folder.mkdir(exist_ok=True)
        (folder / name).symlink_to(found)
    write_program(folder / "python3.11", PYTHON)
    return str(folder)


def test_the_environment_is_made_once(checkout: Path, path: str) -> None:
    first = run(checkout, "sh", "tools/venv.sh", PATH=path)
    second = run(checkout, "sh", "tools/venv.sh", PATH=path)

    assert (first.returncode, first.stderr) == (
        0,
        "making the virtual environment .venv with Python 3.11.7\n",
    )
    assert (second.returncode, second.stderr) == (0, "")


@pytest.mark.parametrize("damage", ["half-made", "unpacking broken off", "moved"])
def test_an_environment_that_is_not_sound_is_made_anew(checkout: Path, path: str, damage: str) -> None:
    run(checkout, "sh", "tools/venv.sh", PATH=path)
    (checkout / ".venv" / "leftover").touch()
    if damage == "half-made":
        shutil.rmtree(checkout / ".venv" / ".stamps")
        (checkout / ".venv" / "bin" / "pip").unlink()
    elif damage == "unpacking broken off":
        (checkout / ".venv" / ".stamps" / "installing").touch()
    else:
        (checkout / ".venv" / ".stamps" / "venv").write_text("/elsewhere\n")
        (checkout / ".venv" / "bin" / "pip").write_text("#!/elsewhere/.venv/bin/python\n")

    done = run(checkout, "sh", "tools/venv.sh", PATH=path)

    assert done.stderr == "making the virtual environment .venv with Python 3.11.7\n"
    assert not (checkout / ".venv" / "leftover").exists()


def test_an_environment_made_by_hand_is_kept(checkout: Path, path: str) -> None:
    run(checkout, "sh", "tools/venv.sh", PATH=path)
    shutil.rmtree(checkout / ".venv" / ".stamps")
    (checkout / ".venv" / "mine").touch()

    done = run(checkout, "sh", "tools/venv.sh", PATH=path)

    assert (done.returncode, done.stderr, (checkout / ".venv" / "mine").exists()) == (0, "", True)


def test_an_old_python_is_not_taken(checkout: Path, path: str) -> None:
    write_program(Path(path) / "python3.11", "exit 1")

    done = run(checkout, "sh", "tools/venv.sh", PATH=path)

    assert done.returncode == 2
    assert done.stderr.startswith("factcheck: no Python 3.11 or newer is on the PATH; install it")


def test_a_python_without_venv_is_told_apart(checkout: Path, path: str) -> None:
    write_program(Path(path) / "python3.11", 'case "$*" in *ensurepip*) exit 1 ;; esac')

    done = run(checkout, "sh", "tools/venv.sh", PATH=path)

    assert done.returncode == 2
    assert done.stderr.startswith("factcheck: python3.11 cannot make virtual environments; install its venv")
