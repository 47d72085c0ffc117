"""Brings the virtual environment, the models and the index up to date; what is up to date already is skipped.

Run by the Makefile with the environment's own Python: `python -m tools.prepare lint|run|test|portable`.
A step leaves a stamp when it has come to its end, never before: the key of what it was made from, and files
that must still be there. So a run that was broken off goes on with the step it was in.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from factcheck.errors import ConfigError, FactcheckError
from factcheck.settings import index_dir, models_dir, models_file
from tools import install_llama
from tools.machine import find_compilers
from tools.processes import CommandError, follow
from tools.progress import Progress, say

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / ".stamps"
PROGRAM = VENV / "bin" / "factcheck"
REQUIREMENTS = ROOT / "requirements"
PIP_LOG = VENV / "pip.log"
_PIP_STEP = re.compile(r"^\s*(Collecting|Requirement already satisfied:|Downloading|Installing collected) (\S+)(.*)")


@dataclass(frozen=True)
class Step:
    """One thing to be made ready."""

    name: str
    title: str
    key: Callable[[], str]
    make: Callable[[], None]
    files: Callable[[], Iterable[Path]] = lambda: ()

    @property
    def stamp(self) -> Path:
        """The file that says that the step is done."""
        return STAMPS / f"{self.name}.json"

    def is_done(self) -> bool:
        """Whether the stamp is there, its key is today's, and all that the step made is still there."""
        try:
            stamp = json.loads(self.stamp.read_text(encoding="utf-8"))
            return stamp["key"] == self.key() and all(os.path.exists(path) for path in stamp["files"])  # noqa: PTH110
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def do(self) -> None:
        """Make it, then leave the stamp."""
        self.stamp.unlink(missing_ok=True)
        self.make()
        text = json.dumps({"key": self.key(), "files": [str(path) for path in self.files()]})
        unfinished = self.stamp.with_suffix(".new")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(self.stamp)


def hash_of(paths: Iterable[Path], *more: str) -> str:
    """Hash names and contents of files, and further words."""
    digest = hashlib.sha256(json.dumps(more).encode())
    for path in paths:
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


# --- the steps


def _packages(kind: str) -> Step:
    pins = REQUIREMENTS / f"{kind}.txt"

    def make() -> None:
        count = sum(1 for line in pins.read_text(encoding="utf-8").splitlines() if "==" in line)
        _pip_install("downloading and installing packages", ["-r", str(pins)], count)

    return Step(kind, f"packages of requirements/{kind}.txt", lambda: hash_of([pins]), make)


def _install_factcheck() -> None:
    # Its build tool is among the packages, so no other is downloaded.
    options = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    _pip_install("installing factcheck", options, 0)


def _seed_files() -> list[Path]:
    return sorted(path for path in (ROOT / "seeds").rglob("*") if path.is_file())


def _model_choices() -> list[Path]:
    return [path for path in (models_file(), models_dir() / "use.toml") if path.is_file()]


def _reviewer_files() -> list[Path]:
    return sorted((ROOT / "factcheck" / "verdict" / "weights").glob("reviewer.*"))


def _gpu() -> str:
    """FACTCHECK_GPU; where it is not set, what it was when llama.cpp was installed."""
    remembered = STAMPS / "gpu"
    if (wish := os.environ.get("FACTCHECK_GPU")) is not None:
        return wish
    return remembered.read_text(encoding="utf-8") if remembered.exists() else ""


def _install_llama(*, portable: bool = False) -> None:
    gpu = _gpu()
    install_llama.install(gpu, portable=portable)
    (STAMPS / "gpu").write_text(gpu, encoding="utf-8")


STEPS = {
    "packages": _packages("run"),
    "dev": _packages("dev"),
    "factcheck": Step(
        "factcheck",
        "factcheck itself",
        lambda: hash_of([ROOT / "pyproject.toml"]),
        _install_factcheck,
        lambda: [PROGRAM],
    ),
    "models": Step(
        "models",
        "models",
        lambda: hash_of([*_model_choices(), *_reviewer_files()], str(models_dir())),
        lambda: _run_program("models", "pull"),
        lambda: [p for p in models_dir().resolve().rglob("*") if p.suffix in {".gguf", ".onnx"}],
    ),
    "llama": Step("llama", "llama.cpp", lambda: install_llama.machine_key(_gpu()), _install_llama),
    "index": Step(
        "index",
        "index of seeds/",
        lambda: hash_of([*_seed_files(), *_model_choices()], str(index_dir())),
        lambda: _run_program("index", "add", str(ROOT / "seeds")),
        lambda: index_dir().resolve().glob("*.sqlite"),
    ),
}
GOALS = {
    "lint": ["packages", "dev"],
    "run": ["packages", "factcheck", "models", "llama", "index"],
    "test": ["packages", "dev", "factcheck", "models", "llama", "index"],
}


def _pip_install(label: str, options: list[str], count: int) -> None:
    """Run pip; `count` packages are expected. Raises CommandError."""
    broken_off = STAMPS / "installing"  # tools/venv.sh makes the environment anew where it finds this
    seen = 0

    with Progress(label) as progress:

        def show(line: str) -> None:
            nonlocal seen
            if not (step := _PIP_STEP.match(line)):
                return
            what, name, rest = step.groups()
            if what == "Installing collected":
                broken_off.touch()
                progress.update(0, 0, "unpacking")
                return
            seen += what != "Downloading"
            file = f"{name.rpartition('/')[2]} {rest.strip()}" if what == "Downloading" else name
            progress.update(min(seen, count), count, file)

        follow([*install_llama.PIP, "install", "--progress-bar=off", *options], PIP_LOG, show)
    broken_off.unlink(missing_ok=True)


def _run_program(*arguments: str) -> None:
    """Run factcheck with its own output on standard error. Raises CommandError."""
    status = subprocess.run([str(PROGRAM), *arguments], stdout=sys.stderr, check=False).returncode
    if status != 0:
        raise CommandError(f"`factcheck {' '.join(arguments)}` ended with status {status}; the lines above say why")


def prepare(goal: str) -> None:
    """Do the steps of a goal that are not done. Raises FactcheckError."""
    pending = [STEPS[name] for name in GOALS[goal] if not STEPS[name].is_done()]
    if any(step.name == "llama" for step in pending):
        find_compilers()  # before anything is downloaded
    for number, step in enumerate(pending, start=1):
        say(f"[{number}/{len(pending)}] {step.title}")
        step.do()


def install_portable() -> None:
    """Put the portable build of llama-cpp-python in the place of the one that is there."""
    prepare("lint")
    llama = STEPS["llama"]
    Step(llama.name, llama.title, llama.key, lambda: _install_llama(portable=True)).do()


def main(goal: str) -> int:
    """Exit status: 0 all is ready, 2 something failed, 130 broken off by the user."""
    os.chdir(ROOT)
    STAMPS.mkdir(parents=True, exist_ok=True)
    try:
        if goal == "portable":
            install_portable()
        elif goal in GOALS:
            prepare(goal)
        else:
            raise ConfigError(f"there is no goal {goal!r}; known: portable, {', '.join(GOALS)}")
    except FactcheckError as error:
        say(f"factcheck: {error}")
        return 2
    except OSError as error:
        say(f"factcheck: {error.filename or 'a file'}: {error.strerror}; mend that and run it again")
        return 2
    except KeyboardInterrupt:
        say("factcheck: broken off; the same command goes on from here")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
