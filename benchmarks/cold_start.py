"""What a user waits for, from the start of the program: `python -m benchmarks.cold_start`.

    python -m benchmarks.cold_start [--runs 10] [--summary-runs 10]

Runs the installed `factcheck` as a shell would, against $FACTCHECK_INDEX or the default index, which should hold
the seeds, and takes the time from start to verdict, to the summary's first sentence, and to exit. Then the same
inside one process that has answered before: the verdict alone, and the language model's first token, its weights
loaded and the fixed part of its prompt kept. Beside these stands what the usual libraries take to be imported.
Of each kind one run goes before those that count, so that files come from the system's cache.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter
from unittest.mock import patch

from factcheck.checker import FactChecker
from factcheck.claims import read_claim
from factcheck.errors import FactcheckError
from factcheck.models.llm import open_llm
from factcheck.models.registry import load_registry
from factcheck.protocols import LanguageModel
from factcheck.report.words import EXTRACTIVE_NOTE
from factcheck.types import Report, SummaryOrigin

# Each about another fact: the prompt of a summary holds the quotes alone, and one that was just evaluated is free.
WARM_UP = "Russia launched 183 drones."
TRUE = (
    "Budanov said that 157 Ukrainian prisoners of war had come home.",
    "Rustem Umerov is secretary of Ukraine's National Security and Defense Council.",
    "The head of Rosatom said that the Zaporizhzhia plant must be Russian.",
    "Repairing one damaged power plant in Kyiv may take two months.",
    "Analysts put Russia's gains since early 2024 at about 1.5% of Ukraine's territory.",
    "The dialogue between the American and the Russian military has been suspended since 2021.",
)
FALSE = (
    "The attack on the market of Druzhkivka injured forty people.",
    "Russia's Defense Ministry said that its forces shot down 40 Ukrainian drones.",
    "The front line in Ukraine is roughly 3,000 km long.",
    "The previous prisoner swap took place on March 2.",
    "Moscow called the think tank's report on Russian casualties reliable.",
    "Kyiv offered tanks to Poland in return for MiG-29 fighter jets.",
)
UNANSWERABLE = (
    "Steve Witkoff flew to Abu Dhabi with eleven advisers.",
    "Dmitriev and Kushner dined together after the talks.",
    "The price of wheat rose by a tenth in January.",
)
DECIDED = tuple(claim for pair in zip(TRUE, FALSE, strict=True) for claim in pair)
CLAIMS = tuple(claim for n, other in enumerate(UNANSWERABLE) for claim in (*DECIDED[4 * n : 4 * n + 4], other))

IMPORT_RUNS = 3
RIVALS = ("sentence_transformers", "torch")
_SUMMARY_HEADING = "Summary"
_SOURCES_HEADING = "Where to look"


@dataclass(frozen=True)
class Run:
    """One run of the program: seconds from its start to what it printed, and to its end."""

    verdict: float
    sentence: float | None  # the first one of the summary, whoever wrote it
    exit: float
    by_llm: bool  # whether the language model wrote the summary


@dataclass
class Warm:
    """Seconds inside one process whose models are loaded."""

    verdicts: list[float] = field(default_factory=list)
    first_tokens: list[float] = field(default_factory=list)
    first_sentences: list[float] = field(default_factory=list)
    summaries: list[float] = field(default_factory=list)


def run_check(program: Path, llm: str, claim: str, *options: str) -> Run:
    """Check a claim in a process of its own; `llm` is what the program calls its language model."""
    command = [str(program), "check", "--exit-zero", *options, "--", claim]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        began = perf_counter()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors) as process:
            lines = [(line.decode().rstrip(), perf_counter() - began) for line in process.stdout or ()]
        ended = perf_counter() - began
        if process.returncode or not lines:
            errors.seek(0)
            sys.exit(f"cold_start: factcheck ended with status {process.returncode}: {errors.read().strip()!r}")
    sentence = first_sentence(lines)
    text = " ".join(" ".join(line.split()) for line, _ in lines)
    _, _, footer = text.rpartition(_SOURCES_HEADING)
    return Run(lines[0][1], sentence, ended, sentence is not None and llm in footer and EXTRACTIVE_NOTE not in text)


def first_sentence(lines: Sequence[tuple[str, float]]) -> float | None:
    """When the line after the summary's heading arrived; None where there is no summary."""
    places = [number for number, (line, _) in enumerate(lines) if line == _SUMMARY_HEADING]
    return lines[places[-1] + 1][1] if places and places[-1] + 1 < len(lines) else None


@contextmanager
def first_tokens_timed(into: list[float]) -> Iterator[None]:
    """Inside, each text of the language model adds the seconds to its first piece."""
    kind = type(open_llm())
    generate = kind.generate

    def timed(
        self: LanguageModel, system: str, user: str, *, max_tokens: int, stop: Sequence[str] = ()
    ) -> Iterator[str]:
        began = perf_counter()
        for number, piece in enumerate(generate(self, system, user, max_tokens=max_tokens, stop=stop)):
            if number == 0:
                into.append(perf_counter() - began)
            yield piece

    with patch.object(kind, "generate", timed):
        yield


def time_warm(verdicts: int, summaries: int) -> Warm:
    """Decide that many claims one by one in this process, and write that many of their summaries."""
    warm = Warm()
    tokens: list[float] = []
    with closing(FactChecker.open()) as checker, first_tokens_timed(tokens):
        checker.preload()
        (report,) = checker.decide([read_claim(WARM_UP)])
        checker.summarise(report)
        for number, text in enumerate(islice(cycle(CLAIMS), max(verdicts, summaries))):
            began = perf_counter()
            (report,) = checker.decide([read_claim(text)])
            warm.verdicts.append(perf_counter() - began)
            if number < summaries:
                tokens.clear()
                time_summary(checker, report, tokens, warm)
    return warm


def time_summary(checker: FactChecker, report: Report, tokens: Sequence[float], warm: Warm) -> None:
    """Have a summary written; it counts if the language model was asked, which there must be evidence for."""
    sentences: list[float] = []
    began = perf_counter()
    done = checker.summarise(report, lambda _: sentences.append(perf_counter() - began))
    if tokens:
        warm.summaries.append(perf_counter() - began)
        warm.first_tokens.append(tokens[0])
        warm.first_sentences += sentences[:1] if done.summary_origin is SummaryOrigin.LLM else []


def time_import(module: str) -> float:
    """Seconds of a Python that imports a module and ends."""
    began = perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return perf_counter() - began


def format_row(name: str, seconds: Sequence[float]) -> str:
    """One line of the table: how many, least, median, most."""
    if not seconds:
        return f"{name:58} {0:3}"
    return f"{name:58} {len(seconds):3} {min(seconds):8.3f} {median(seconds):8.3f} {max(seconds):8.3f}"


def show(name: str, seconds: Sequence[float]) -> None:
    """Print one line of the table at once, as the next one takes its time."""
    print(format_row(name, seconds), flush=True)


def show_program(check: Callable[..., Run], runs: int, summary_runs: int) -> None:
    """Print what whole processes take."""
    check(WARM_UP, "--no-summary")
    show(
        "factcheck check --no-summary: start to exit",
        [check(claim, "--no-summary").exit for claim in islice(cycle(CLAIMS), runs)],
    )
    check(WARM_UP)
    done = [check(claim) for claim in islice(cycle(CLAIMS), summary_runs)]
    written = [run for run in done if run.by_llm]
    show("factcheck check: start to the verdict on the screen", [run.verdict for run in done])
    show("  to the first sentence, written by the LLM", [run.sentence for run in written if run.sentence is not None])
    show("  to exit, where the LLM wrote the summary", [run.exit for run in written])
    show("  to exit, where it had nothing to write", [run.exit for run in done if not run.by_llm])


def show_warm(warm: Warm) -> None:
    """Print what the steps take in a process that has answered before."""
    show("warm: the verdict of a claim", warm.verdicts)
    show("warm: summary, to the LLM's first token", warm.first_tokens)
    show("warm: summary, to its first sentence, checked", warm.first_sentences)
    show("warm: summary, to its end", warm.summaries)


def show_rivals() -> None:
    """Print what the usual way pays before it has read a claim."""
    for module in RIVALS:
        time_import(module)
        show(f'python -c "import {module}"', [time_import(module) for _ in range(IMPORT_RUNS)])


def positive(text: str) -> int:
    """Read a whole number of at least 1."""
    if (number := int(text)) < 1:
        raise ValueError
    return number


def main() -> None:
    """Print the table, a line as soon as it is measured."""
    parser = argparse.ArgumentParser(description="Seconds from the start of factcheck to verdict and summary.")
    parser.add_argument("--runs", type=positive, default=10, help="claims without a summary (default 10)")
    parser.add_argument("--summary-runs", type=positive, default=10, help="claims with a summary (default 10)")
    arguments = parser.parse_args()
    found = shutil.which("factcheck", path=str(Path(sys.executable).parent))
    if found is None:
        sys.exit("cold_start: there is no factcheck next to this Python; install the project into it")
    program = Path(found)
    try:
        llm = load_registry().selected("llm").name
        print(f"{'seconds':58} {'n':>3} {'least':>8} {'median':>8} {'most':>8}")
        show_program(lambda *words: run_check(program, llm, *words), arguments.runs, arguments.summary_runs)
        show_warm(time_warm(arguments.runs, arguments.summary_runs))
    except FactcheckError as error:
        sys.exit(f"cold_start: {error}")
    show_rivals()


if __name__ == "__main__":
    main()
