"""Asks the LLM about pairs and keeps what it says: letter probabilities and its last hidden state.

    python -m training.llm_vectors --train TRAIN_FOLDER --dev DEV_FOLDER --out VECTORS.npz --count 2400

The pairs are those of the training sets (with contrast pairs) and a sample of each dev set, mixed, so that a run
that is broken off is a smaller sample of the same kind; it goes on where it was. The vectors are made once and
`fit_readout.py` trains on them; dev pairs are for choosing and calibrating only.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from factcheck.models.llama import LlamaModel
from factcheck.models.llm import open_llm
from factcheck.protocols import Pair
from factcheck.verdict.llm_judge import LlmJudge
from training.contrast import contrast_pairs
from training.data import LABELS, Example, read_sets
from training.neighbours import silent_pairs
from training.scoring import read_pairs

MAX_CHARS = 700
SHARES = {  # of the training pairs asked about
    "vitaminc": 0.22,
    "fever": 0.22,
    "vitaminc_synthetic": 0.08,
    "scifact": 0.10,
    "check_covid": 0.10,
    "citation_integrity": 0.06,
    "cad_snli": 0.05,
    "contrast": 0.10,
    "silence": 0.07,
}
DEV_EACH = 120
SAVE_EVERY = 50


class Row(NamedTuple):
    """One pair to ask about; `group` is "train/SET" or "dev/SET"."""

    group: str
    claim: str
    premise: str
    label: int


def chosen_rows(train: Path, dev: list[Path], count: int, dev_each: int) -> list[Row]:
    """The pairs in the order in which they are asked: dev and training ones mixed."""
    rng = random.Random(11)
    sets = read_sets(train)
    factual = [e for name, rows in sets.items() if "snli" not in name for e in rows]
    sets["contrast"] = list(contrast_pairs(factual, rng))
    sets["silence"] = [
        made for name in ("vitaminc", "fever", "scifact", "check_covid") for made in silent_pairs(sets[name], rng, 0.1)
    ]
    rows = []
    for name, share in SHARES.items():
        fitting = [e for e in sets[name] if len(e.premise) <= MAX_CHARS]
        by_label: list[list[Example]] = [[e for e in fitting if e.label == label] for label in range(3)]
        filled = [group for group in by_label if group]
        for group in filled:
            size = min(len(group), int(count * share / len(filled)))
            rows += [Row(f"train/{name}", e.claim, e.premise, e.label) for e in rng.sample(group, size)]
    for path in dev:
        items = read_pairs(path)
        for item in rng.sample(items, min(dev_each, len(items))):
            premise = " ".join(item["evidence"])
            rows.append(Row(f"dev/{path.stem}", item["claim"], premise, LABELS.index(item["label"])))
    rng.shuffle(rows)
    return rows


def main() -> None:
    """Ask about the pairs that the file does not hold yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--extra", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=2400)
    parser.add_argument("--dev-each", type=int, default=DEV_EACH)
    args = parser.parse_args()
    rows = chosen_rows(args.train, [*sorted(args.dev.glob("*.jsonl")), *args.extra], args.count, args.dev_each)
    letters: list[np.ndarray] = []
    hidden: list[np.ndarray] = []
    if args.out.exists():
        with np.load(args.out) as stored:
            letters, hidden = list(stored["letters"]), list(stored["hidden"])
    model = open_llm()
    assert isinstance(model, LlamaModel)
    judge = LlmJudge(model)
    began, before = time.time(), len(letters)
    for number, row in enumerate(rows[before:], before + 1):
        opinion = judge.ask(Pair(row.claim, row.premise))
        letters.append(opinion.letters)
        assert opinion.hidden is not None
        hidden.append(opinion.hidden.astype(np.float16))
        if number % SAVE_EVERY == 0 or number == len(rows):
            done = rows[:number]
            partial = args.out.with_suffix(".partial.npz")
            np.savez(
                partial,
                letters=np.array(letters),
                hidden=np.array(hidden),
                labels=np.array([r.label for r in done]),
                groups=np.array([r.group for r in done]),
                claims=np.array([r.claim for r in done]),
                premises=np.array([r.premise for r in done]),
                model=np.array(model.fingerprint),
            )
            partial.rename(args.out)
            print(f"{number} of {len(rows)}, {(number - before) / (time.time() - began):.2f} a second", flush=True)


if __name__ == "__main__":
    main()
