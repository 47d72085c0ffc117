"""Checks summaries end to end: `python -m benchmarks.summaries CLAIMS.jsonl... [--limit 200]`.

Runs the program as a user does, on the claims of evaluation files against the current index
($FACTCHECK_INDEX), and counts what each summary says that its cited passages do not hold: numbers, names,
dates, and citations that do not exist. benchmarks/summary_check.py is that check; the program has its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.summary_check import Fault, faults
from factcheck.errors import FactcheckError
from factcheck.evaluation.dataset import read_dataset


def reports(claims: Sequence[str], mode: str) -> Iterator[dict[str, Any]]:
    """Run `factcheck check --json` over the claims, and yield each result."""
    command = [sys.executable, "-m", "factcheck", "check", "--json", "--mode", mode, "--", *claims]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8") as process:
            for line in process.stdout or ():
                yield json.loads(line)
        if process.returncode not in (0, 1):  # both mean done
            errors.seek(0)
            sys.exit(f"summaries: factcheck ended with status {process.returncode}: {errors.read().strip()!r}")


def format_tally(results: Sequence[dict[str, Any]], found: Sequence[Fault]) -> str:
    """Lay the counts out: who wrote the summaries, what is wrong with them, how long the claims took."""
    origin = Counter(result["summary_origin"] or "nobody" for result in results)
    sentences = sum(len(result["summary"]) for result in results)
    kinds = Counter(fault.kind for fault in found)
    shares = ", ".join(f"{name} {n} ({n / len(results):.0%})" for name, n in sorted(origin.items()))
    seconds = sorted(sum(result["timings_ms"].values()) / 1000 for result in results)
    slow = seconds[9 * len(seconds) // 10]
    return "\n".join(
        (
            f"summaries         {len(results)}, {sentences} sentences; written by: {shares}",
            f"numbers missing   {kinds['number']}",
            f"dates missing     {kinds['date']}",
            f"names missing     {kinds['name']}",
            f"bad citations     {kinds['citation']}",
            f"seconds a claim   median {median(seconds):.2f}, 90 % within {slow:.2f}",
        )
    )


def main() -> None:
    """Check the summaries of the claims in the files given."""
    parser = argparse.ArgumentParser(description="Counts what summaries say that their sources do not.")
    parser.add_argument("files", type=Path, nargs="+", help="evaluation files, of either form")
    parser.add_argument("--limit", type=int, default=200, help="only the first N claims (default 200)")
    parser.add_argument("--mode", default="auto", choices=("fast", "auto", "thorough"))
    arguments = parser.parse_args()
    try:
        items = chain.from_iterable(read_dataset(path).items for path in arguments.files)
        claims = list(dict.fromkeys(item.claim for item in items))[: arguments.limit]
    except FactcheckError as error:
        sys.exit(f"summaries: {error}")
    results: list[dict[str, Any]] = []
    found: list[Fault] = []
    for result in reports(claims, arguments.mode):
        results.append(result)
        for fault in faults(result):
            found.append(fault)
            print(f"{fault.kind} {fault.what!r}: {fault.sentence!r} (claim {result['claim']!r})")
        print(f"\r{len(results)} of {len(claims)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if len(results) < len(claims):
        print(f"only {len(results)} of {len(claims)} claims got a result")
    if results:
        print(format_tally(results, found))


if __name__ == "__main__":
    main()
