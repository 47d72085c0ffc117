"""Asks the LLM about a sample of each dev set and keeps the probabilities of its answers, for `training.fit_fusion`.

    python -m training.llm_opinions --dev DEV_FOLDER --extra NUMBERS.jsonl --out OPINIONS.npz

The LLM is the one that models.toml selects, asked as `--mode thorough` asks it. The sets are mixed, so that a run that
is broken off is a smaller sample of the same kind; it goes on where it was.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from factcheck.models.llm import open_llm
from factcheck.protocols import Pair
from factcheck.verdict.llm_judge import LlmJudge
from training.scoring import read_pairs

EACH = 120
SAVE_EVERY = 50


class Row(NamedTuple):
    """One pair to ask about."""

    claim: str
    premise: str


def chosen_rows(dev: list[Path], each: int) -> list[Row]:
    """The pairs in the order in which they are asked."""
    rng = random.Random(11)
    rows = []
    for path in dev:
        items = read_pairs(path)
        rows += [Row(i["claim"], " ".join(i["evidence"])) for i in rng.sample(items, min(each, len(items)))]
    rng.shuffle(rows)
    return rows


def main() -> None:
    """Ask about the pairs that the file does not hold yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--extra", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=EACH, help="pairs of a set")
    args = parser.parse_args()
    rows = chosen_rows([*sorted(args.dev.glob("*.jsonl")), *args.extra], args.each)
    answers: list[np.ndarray] = []
    if args.out.exists():
        with np.load(args.out) as stored:
            answers = list(stored["answers"])
    llm = open_llm()
    judge = LlmJudge(llm)
    began, before = time.time(), len(answers)
    for number, row in enumerate(rows[before:], before + 1):
        answers.append(judge.ask(Pair(row.claim, row.premise)))
        if number % SAVE_EVERY == 0 or number == len(rows):
            done = rows[:number]
            partial = args.out.with_suffix(".partial.npz")
            np.savez(
                partial,
                answers=np.array(answers),
                claims=np.array([r.claim for r in done]),
                premises=np.array([r.premise for r in done]),
                model=np.array(llm.fingerprint),
            )
            partial.rename(args.out)
            print(f"{number} of {len(rows)}, {(number - before) / (time.time() - began):.2f} a second", flush=True)


if __name__ == "__main__":
    main()
