"""`factcheck doctor`: finds out what is wrong with an installation, and says how to mend it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from enum import StrEnum
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict

from factcheck.cli.options import IndexOption
from factcheck.errors import FactcheckError
from factcheck.report.escape import plain
from factcheck.settings import index_dir, models_dir, resource, threads

OLDEST_PYTHON = (3, 11)
LITTLE_SPACE = 2_000_000_000  # bytes: the default models with something to spare
# Package on the index -> module; imported, because a broken one fails only then.
PACKAGES = {"faiss-cpu": "faiss", "onnxruntime": "onnxruntime", "tokenizers": "tokenizers", "numpy": "numpy"}
REINSTALL = "run `make` in the checkout, or reinstall factcheck"


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


class Finding(BaseModel):
    """One line of the examination."""

    model_config = ConfigDict(frozen=True)

    check: str
    level: Level
    text: str
    mend: str = ""


Findings = Iterator[Finding]
Check = Callable[[Path], Findings]


def doctor(
    index: IndexOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")] = False,
) -> None:
    """Find out what is wrong with an installation, and say how to mend it. Exit status 2 if something is."""
    findings = []
    for finding in examine(index_dir(index)):
        findings.append(finding)
        if not as_json:
            _print(format_finding(finding))
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    if as_json:
        _print(json.dumps({"problems": problems, "checks": [f.model_dump(mode="json") for f in findings]}))
    else:
        _print(f"{problems} problem{'s' * (problems != 1)} found" if problems else "no problems found")
    if problems:
        raise typer.Exit(2)


def examine(index: Path) -> Findings:
    """Make every check; one that raises is a finding of its own and does not stop the others."""
    for name, check in CHECKS.items():
        try:
            yield from check(index)
        except FactcheckError as error:
            yield Finding(check=name, level=Level.PROBLEM, text=str(error))
        except Exception as error:
            text = f"the check failed: {type(error).__name__}: {error}"
            yield Finding(check=name, level=Level.PROBLEM, text=text, mend=REINSTALL)


def format_finding(finding: Finding) -> str:
    """Write a finding as a line, and the remedy below it."""
    lines = [f"{finding.level.value:8} {finding.check}: {plain(finding.text)}"]
    if finding.mend:
        lines.append(f"{'':8} to mend it: {plain(finding.mend)}")
    return "\n".join(lines)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


# --- the checks


def check_python(_index: Path) -> Findings:
    """Look at Python's version."""
    text = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < OLDEST_PYTHON:
        mend = "install Python 3.11 or newer and set factcheck up with it"
        yield Finding(check="python", level=Level.PROBLEM, text=text, mend=mend)
    else:
        yield Finding(check="python", level=Level.OK, text=text)


def check_packages(_index: Path) -> Findings:
    """Import the native packages of a query's path."""
    for package, module in PACKAGES.items():
        try:
            found = version(package)
            import_module(module)
        except (PackageNotFoundError, ImportError, OSError) as error:
            text = f"{package} cannot be imported: {error}"
            yield Finding(check="packages", level=Level.PROBLEM, text=text, mend=REINSTALL)
        else:
            yield Finding(check="packages", level=Level.OK, text=f"{package} {found}")


def check_sqlite(_index: Path) -> Findings:
    """Look at SQLite's version, and whether it can search text."""
    text = f"SQLite {sqlite3.sqlite_version}"
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
    except sqlite3.OperationalError:
        mend = "use a Python whose sqlite3 module has FTS5 (python.org's and the distributions' have)"
        yield Finding(check="sqlite", level=Level.PROBLEM, text=f"{text} without FTS5", mend=mend)
    else:
        yield Finding(check="sqlite", level=Level.OK, text=f"{text} with FTS5")
    finally:
        connection.close()


def check_models(_index: Path) -> Findings:
    """Compare the bytes of the models in use with their hashes."""
    from factcheck.models import download
    from factcheck.models.registry import load_registry

    registry = load_registry()
    for role in registry.roles():
        spec = registry.selected(role)
        name = f"{role.value} {spec.name}"
        if spec.source.kind == "server":
            text = f"{name}: a server at {spec.source.url}; it is asked only when it is needed"
            yield Finding(check="models", level=Level.NOTE, text=text)
            continue
        try:
            download.verify(spec)
        except FactcheckError as error:
            yield Finding(check="models", level=Level.PROBLEM, text=f"{role.value}: {error}")
        else:
            known = "present, its hash is right" if spec.sha256 else "present; models.toml names no hash"
            yield Finding(check="models", level=Level.OK, text=f"{name}: {known}")


def check_models_folder(_index: Path) -> Findings:
    """Try to write where models are kept."""
    folder = models_dir()
    mend = "make the folder writable, or set FACTCHECK_MODELS to another one"
    try:
        with tempfile.TemporaryFile(dir=_nearest_existing(folder)):
            pass
    except OSError as error:
        text = f"{folder} cannot be written to: {error.strerror}"
        yield Finding(check="models folder", level=Level.PROBLEM, text=text, mend=mend)
    else:
        yield Finding(check="models folder", level=Level.OK, text=f"{folder} can be written to")


def check_llama(_index: Path) -> Findings:
    """Decode with the LLM in use, in a child process; see which GPUs there are."""
    from factcheck.models import download
    from factcheck.models.registry import load_registry
    from factcheck.models.selfcheck import decode_check

    spec = load_registry().selected("llm")
    if spec.source.kind == "server":
        yield Finding(check="llama.cpp", level=Level.NOTE, text=f"not needed: {spec.name} is a server")
        return
    if not download.is_present(spec):
        text = f"llama-cpp-python {version('llama-cpp-python')}; it is tried when {spec.name} is there"
        yield Finding(check="llama.cpp", level=Level.NOTE, text=text)
        return
    result = decode_check(download.model_path(spec))
    if not result.ok:
        yield Finding(check="llama.cpp", level=Level.PROBLEM, text=result.problem, mend=result.advice)
    else:
        text = f"{spec.name} decodes {result.tokens_per_second:g} tokens/s on {result.device}"
        yield Finding(check="llama.cpp", level=Level.OK, text=f"{text} (llama-cpp-python {result.build})")
    if result.gpus:
        yield Finding(check="gpu", level=Level.OK, text=f"offload to {', '.join(result.gpus)}")
    elif result.build:
        text = "none is used: llama.cpp was built without a GPU backend, or finds no device"
        yield Finding(check="gpu", level=Level.NOTE, text=text, mend=_gpu_advice())


def _gpu_advice() -> str:
    if shutil.which("nvidia-smi"):
        return "to use the NVIDIA device: FACTCHECK_GPU=cuda make (needs the CUDA toolkit)"
    return ""


def check_index(index: Path) -> Findings:
    """Read the index, and compare it with the encoder in use."""
    from factcheck.models.encoder import open_encoder
    from factcheck.store.store import Store

    notes: list[str] = []
    store = Store.open(index, note=notes.append)
    try:
        problems = store.verify()
        for problem in problems:
            mend = "run `factcheck index build` with your sources"
            yield Finding(check="index", level=Level.PROBLEM, text=f"{index}: {problem}", mend=mend)
        for note in notes:
            yield Finding(check="index", level=Level.NOTE, text=note)
        if not problems:
            text = f"{index}: {len(store.documents())} documents, {store.passage_count()} passages"
            yield Finding(check="index", level=Level.OK, text=text)
        store.require(open_encoder())
        yield Finding(check="index", level=Level.OK, text=f"made with the encoder in use, {store.encoder_name}")
    finally:
        store.close()


def check_prompts(_index: Path) -> Findings:
    """Read every prompt template, and look for those that the LLM in use needs."""
    from factcheck.models.registry import load_registry
    from factcheck.prompting import load_prompt

    needed = load_registry().selected("llm").prompts
    names = {path.stem for path in resource("prompts").glob("*.toml")} | {needed.verdict, needed.summary}
    for name in sorted(names):
        load_prompt(name)
    yield Finding(check="prompts", level=Level.OK, text=", ".join(sorted(names)))


def check_threads(_index: Path) -> Findings:
    """Say how many threads the models use."""
    text = f"{threads()} of {os.cpu_count()} cores (FACTCHECK_THREADS changes that)"
    yield Finding(check="threads", level=Level.OK, text=text)


def check_disk(index: Path) -> Findings:
    """Look at the free space where models and index are kept."""
    for folder in dict.fromkeys((models_dir(), index)):
        free = shutil.disk_usage(_nearest_existing(folder)).free
        text = f"{free / 1e9:.1f} GB free for {folder}"
        level = Level.OK if free >= LITTLE_SPACE else Level.NOTE
        mend = "" if level is Level.OK else "a model of more than that cannot be pulled; free some space"
        yield Finding(check="disk", level=level, text=text, mend=mend)


def _nearest_existing(folder: Path) -> Path:
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


CHECKS: dict[str, Check] = {
    "python": check_python,
    "packages": check_packages,
    "sqlite": check_sqlite,
    "models": check_models,
    "models folder": check_models_folder,
    "llama.cpp": check_llama,
    "index": check_index,
    "prompts": check_prompts,
    "threads": check_threads,
    "disk": check_disk,
}
