from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tools.fakes import write_program

ROOT = Path(__file__).resolve().parents[2]


# --- the Makefile and tools/venv.sh, in a checkout of which only these are real


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "tools" / "venv.sh", tmp_path / "tools")
    return tmp_path


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
