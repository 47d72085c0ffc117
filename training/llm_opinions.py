"""Asks the LLM about a sample of each dev set and keeps the probabilities of its answers, for `training.fit_fusion`.

    python -m training.llm_opinions --dev DEV_FOLDER --extra NUMBERS.jsonl --out OPINIONS.npz [--run RUN]

The LLM is the one that models.toml selects, asked as `--mode thorough` asks it; with --run as it was tuned in a run of
`training.train_llm`, which is faster. The sets are mixed, so that a run that is broken off is a smaller sample of the
same kind; it goes on where it was.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np

from factcheck.models.llm import open_llm
from factcheck.protocols import Pair
from factcheck.verdict.llm_judge import LlmJudge
from training.judges import given_texts
from training.scoring import read_pairs
from training.tuned_llm import TunedLlm

EACH = 120
SAVE_EVERY = 100


def chosen_pairs(dev: list[Path], each: int) -> list[Pair]:
    """What is asked of so many items of each set, in its order."""
    rng = random.Random(11)
    pairs = []
    for path in dev:
        items = read_pairs(path)
        for case in given_texts(rng.sample(items, min(each, len(items)))):
            pairs += [Pair(case.claim.text, premise) for premise in case.premises]
    rng.shuffle(pairs)
    return pairs


def main() -> None:
    """Ask about the pairs that the file does not hold yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--extra", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=EACH, help="pairs of a set")
    parser.add_argument("--run", type=Path, help="folder of a run of `training.train_llm`")
    args = parser.parse_args()
    pairs = chosen_pairs([*sorted(args.dev.glob("*.jsonl")), *args.extra], args.each)
    answers: list[np.ndarray] = []
    if args.out.exists():
        with np.load(args.out) as stored:
            answers = list(stored["answers"])
    judge = TunedLlm(args.run) if args.run is not None else LlmJudge(open_llm())
    began, before = time.time(), len(answers)
    while len(answers) < len(pairs):
        answers += list(judge.judge(pairs[len(answers) : len(answers) + SAVE_EVERY]))
        done = pairs[: len(answers)]
        partial = args.out.with_suffix(".partial.npz")
        np.savez(
            partial,
            answers=np.array(answers),
            claims=np.array([pair.claim for pair in done]),
            premises=np.array([pair.premise for pair in done]),
        )
        partial.rename(args.out)
        speed = (len(done) - before) / (time.time() - began)
        print(f"{len(done)} of {len(pairs)}, {speed:.2f} a second", flush=True)


if __name__ == "__main__":
    main()
