"""Pairs a second that `fast` mode judges, rules, fusion and the reviewer's share included.

    python -m benchmarks.fast_mode PAIRS.jsonl... [--limit 500]

The pairs are those of evaluation files, with their evidence given; both models are loaded before the clock starts.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from factcheck.checker import CheckOptions, FactChecker
from factcheck.evaluation.dataset import read_dataset
from factcheck.models.verifier import open_reviewer, open_verifier
from factcheck.settings import Mode
from factcheck.types import Claim

CHUNK = 32  # as many at once as `factcheck eval` asks


def main() -> None:
    """Print, for each file and for all, pairs a second and the share that the reviewer read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=500)
    args = parser.parse_args()
    checker = FactChecker(open_verifier(), reviewer=open_reviewer())
    warm = (Claim(text="Snow fell in Kyiv on Monday."), ["It snowed in Kyiv."])
    for mode in (Mode.FAST, Mode.THOROUGH):
        checker.judge_texts([warm], CheckOptions(mode=mode))
    judged = reviewed = 0
    spent = 0.0
    for path in args.files:
        items = [(Claim(text=item.claim), item.evidence or ()) for item in read_dataset(path).items[: args.limit]]
        began, read = time.perf_counter(), 0
        for start in range(0, len(items), CHUNK):
            reports = checker.judge_texts(items[start : start + CHUNK], CheckOptions(mode=Mode.FAST))
            read += sum(bool(report.models.reviewer) for report in reports)
        seconds = time.perf_counter() - began
        print(f"{path.stem}: {len(items)} pairs, {len(items) / seconds:.0f}/s, {read / len(items):.1%} reviewed")
        judged, reviewed, spent = judged + len(items), reviewed + read, spent + seconds
    print(f"all: {judged} pairs, {judged / spent:.0f}/s, {reviewed / judged:.1%} reviewed")


if __name__ == "__main__":
    main()
