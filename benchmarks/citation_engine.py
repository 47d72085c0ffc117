"""The same claims put to LlamaIndex's CitationQueryEngine and to factcheck: `python -m benchmarks.citation_engine`.

    python -m benchmarks.citation_engine [--claims 5] [--environment DIR]

Both have the same GGUF file, llama.cpp, chat format, threads, context size, encoder and documents (the seeds), and
answer inside one process that has answered one claim before. All claims are ones that the seeds decide, so that
factcheck's language model has something to write. LlamaIndex retrieves 3 chunks and is otherwise as it comes; its
documents keep their front matter. It runs first, in a virtual environment that is made at the first run (needs a
package index) and that borrows this one's compiled packages. Loading, imports and models, is timed in a fresh
process on either side.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NoReturn

from benchmarks.citation_engine_rival import Task
from benchmarks.cold_start import DECIDED, WARM_UP, positive
from factcheck.checker import FactChecker
from factcheck.claims import read_claim
from factcheck.cli.reading import Reading
from factcheck.corpus.readers import find_sources
from factcheck.errors import FactcheckError
from factcheck.models.download import model_path
from factcheck.models.encoder import open_encoder
from factcheck.models.llama import DEFAULT_CONTEXT
from factcheck.models.llamacpp import gpu_names
from factcheck.models.llm import open_llm
from factcheck.models.registry import load_registry
from factcheck.models.verifier import open_verifier
from factcheck.settings import resource, threads, user_cache_dir
from factcheck.store.search import Searcher
from factcheck.store.store import Store

RIVAL = Path(__file__).with_name("citation_engine_rival.py")
REQUIREMENTS = (
    "llama-index-core==0.14.25",
    "llama-index-embeddings-huggingface==0.8.0",
    "llama-index-llms-llama-cpp==0.7.0",
)
_MARK = "WORDS-OF-THE-USER"
_LOAD = """
from time import perf_counter
began = perf_counter()
import factcheck.checker, factcheck.store.search, factcheck.store.store
from factcheck.models.encoder import open_encoder
from factcheck.models.llm import open_llm
from factcheck.models.verifier import open_verifier
for model in (open_encoder(), open_verifier(), open_llm()):
    model.load()
print(perf_counter() - began)
"""


class RivalError(Exception):
    """The rival's environment cannot be made, or the rival did not get to its end."""


@dataclass(frozen=True)
class Answer:
    """What was said to a claim, and after how many seconds."""

    text: str
    sources: int
    seconds: float
    verdict_seconds: float | None = None  # None for LlamaIndex, which gives no verdict of its own


@dataclass(frozen=True)
class Side:
    """One contestant's seconds and answers; the first answer only warms it up and is left out."""

    load: float
    index: float
    answers: tuple[Answer, ...]


def make_environment(folder: Path) -> Path:
    """Make or complete the virtual environment; returns its Python. Raises RivalError."""
    if folder.exists() and not (folder / "pyvenv.cfg").is_file() and any(folder.iterdir()):
        raise RivalError(f"LlamaIndex's environment cannot be made: {folder} holds something else")
    _prepare([sys.executable, "-I", "-m", "venv", str(folder)])
    scheme = {"base": str(folder), "platbase": str(folder)}
    python = Path(sysconfig.get_path("scripts", "venv", scheme)) / Path(sys.executable).name
    borrowed = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    own = Path(sysconfig.get_path("purelib", "venv", scheme))
    (own / "borrowed.pth").write_text("".join(f"{path}\n" for path in borrowed), encoding="utf-8")
    # What is borrowed counts as installed. A llama.cpp compiled anew would not be the same one.
    pip = [str(python), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _prepare([*pip, "--only-binary", "llama-cpp-python", *REQUIREMENTS])
    return python


def _prepare(command: Sequence[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
    if done.returncode:
        raise RivalError(f"LlamaIndex's environment cannot be made: {_last_line(done.stdout)}")


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return " ".join((errors or lines or ["it says nothing"])[-1].split())


def make_task(claims: Sequence[str]) -> Task:
    """Describe the contest to the rival. Raises FactcheckError where a model is missing."""
    registry = load_registry()
    spec = registry.selected("llm")
    gguf = model_path(spec)
    before, _, after = open_llm(registry).chat_prompt([("user", _MARK)]).partition(_MARK)
    on_gpu = -1 if gpu_names() else 0
    return Task(
        gguf=str(gguf),
        encoder=str(model_path(registry.selected("encoder")).with_name("source")),
        documents=str(resource("seeds")),
        claims=tuple(claims),
        before=before,
        after=after,
        threads=threads(),
        context=spec.context or DEFAULT_CONTEXT,
        gpu_layers=on_gpu if spec.gpu_layers == "auto" else spec.gpu_layers,
    )


def run_rival(python: Path, task: Task) -> Side:
    """Let LlamaIndex do the task in its own process. Raises RivalError if it does not get to its end."""
    command = [str(python), "-I", str(RIVAL), json.dumps(asdict(task))]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8", env=environment
        ) as process:
            steps = []
            for line in process.stdout or ():
                steps.append(json.loads(line))
                print(f"LlamaIndex: {steps[-1]['step']} {steps[-1]['seconds']:.1f} s", file=sys.stderr, flush=True)
        if process.returncode:
            errors.seek(0)
            raise RivalError(f"LlamaIndex failed: {_last_line(errors.read())}")
    loaded, indexed, _, *answered = steps
    answers = tuple(Answer(step["answer"], step["sources"], step["seconds"]) for step in answered)
    return Side(loaded["seconds"], indexed["seconds"], answers)


def run_factcheck(task: Task) -> Side:
    """Do the same with factcheck, in this process and with an index of its own. Raises FactcheckError."""
    load = subprocess.run([sys.executable, "-c", _LOAD], stdout=subprocess.PIPE, check=True, encoding="utf-8")
    encoder, verifier, llm = open_encoder(), open_verifier(), open_llm()
    for model in (encoder, verifier, llm):
        model.load()
    with tempfile.TemporaryDirectory() as folder:
        began = perf_counter()
        building = Store.open_to_build(Path(folder), note=_ignore)
        building.build(Reading(find_sources([Path(task.documents)])).documents(), encoder)
        building.close()
        indexed = perf_counter() - began
        store = Store.open(Path(folder), note=_ignore)
        searcher = Searcher(store, encoder)
        with closing(FactChecker(verifier, store=store, searcher=searcher, encoder_name=encoder.name, llm=llm)) as one:
            _, *answers = [answer(one, claim) for claim in task.claims]
    return Side(float(load.stdout), indexed, tuple(answers))


def answer(checker: FactChecker, text: str) -> Answer:
    """Check a claim, and take the time to its verdict and to the end of its summary."""
    began = perf_counter()
    (report,) = checker.decide([read_claim(text)])
    decided = perf_counter() - began
    report = checker.summarise(report)
    ended = perf_counter() - began
    written = " ".join(f"{s.text} {''.join(f'[{n}]' for n in s.citations)}" for s in report.summary)
    said = f"{report.verdict.label} ({report.summary_origin}) {written}"
    print(f"factcheck: answer {ended:.1f} s", file=sys.stderr, flush=True)
    return Answer(said, len(report.verdict.evidence), ended, decided)


def _ignore(_note: str) -> None:
    pass


def format_sides(theirs: Side, ours: Side) -> str:
    """Lay both sides out, with how many times as long LlamaIndex takes."""
    whole = median(a.seconds for a in theirs.answers)
    verdict = median(a.verdict_seconds for a in ours.answers if a.verdict_seconds is not None)
    rows = (
        ("load", theirs.load, ours.load),
        ("index the documents", theirs.index, ours.index),
        ("claim to verdict; LlamaIndex: to answer", whole, verdict),
        ("claim to complete summary; LlamaIndex: to answer", whole, median(a.seconds for a in ours.answers)),
    )
    lines = [f"{'seconds, claims at the median':50} {'LlamaIndex':>10} {'factcheck':>10} {'ratio':>8}"]
    lines += [f"{name:50} {their:10.2f} {our:10.2f} {their / our:8.1f}" for name, their, our in rows]
    return "\n".join(lines)


def _fail(why: str) -> NoReturn:
    print(f"citation_engine: {why}", file=sys.stderr)
    sys.exit(2)


def main() -> None:
    """Run both sides, print what they said and what it took."""
    parser = argparse.ArgumentParser(description="LlamaIndex's CitationQueryEngine and factcheck on the same claims.")
    parser.add_argument("--claims", type=positive, default=5, help=f"how many, at most {len(DECIDED)} (default 5)")
    parser.add_argument("--environment", type=Path, help="folder of the rival's virtual environment")
    arguments = parser.parse_args()
    claims = DECIDED[: arguments.claims]
    folder = arguments.environment or user_cache_dir() / "benchmarks" / "llama-index"
    try:
        task = make_task([WARM_UP, *claims])
        theirs = run_rival(make_environment(folder.absolute()), task)
        ours = run_factcheck(task)
    except (FactcheckError, RivalError, OSError) as error:
        _fail(str(error))
    for claim, their, our in zip(claims, theirs.answers, ours.answers, strict=True):
        print(f"{claim}\n  LlamaIndex ({their.seconds:.1f} s, {their.sources} sources): {' '.join(their.text.split())}")
        print(f"  factcheck ({our.seconds:.1f} s, {our.sources} quotes): {our.text}")
    print(f"{', '.join(REQUIREMENTS)}; {task.threads} threads, {len(claims)} claims")
    print(format_sides(theirs, ours))


if __name__ == "__main__":
    main()
