"""Pairs with what verifier and reviewer together say of them, for a verifier to learn from (Hinton et al. 2015).

    python -m training.teach --data TRAIN_FOLDER --out TAUGHT_FOLDER --pairs 110000 --seed 21

Half of the pairs are labelled or rule-made ones of an epoch, half are claims beside near passages that nobody has
labelled: there the two judges' opinion is all there is. Pairs are asked in chunks; a run goes on where it was broken
off, and `data.taught` takes what there is.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np

from factcheck.models.verifier import open_reviewer, open_verifier
from factcheck.probabilities import softmax
from factcheck.protocols import Pair
from training.data import UNLABELLED, Example, read_sets
from training.lessons import build_epoch
from training.neighbours import Neighbours

CHUNK = 2048

# Longer passages take the judges several times as long, and they are less often right about them.
MOST_CHARACTERS = 330

# The reviewer is the better judge of the two; together they are better than either.
REVIEWER_SHARE = 0.65


def _fresh(folder: Path, count: int, rng: random.Random) -> list[Example]:
    """Claims beside one near passage of any set, seldom two, their own left out: nobody has labelled them."""
    sets = {name: rows for name, rows in read_sets(folder).items() if "snli" not in name}
    everything = [example for rows in sets.values() for example in rows]
    everywhere = Neighbours(everything)
    within = {name: Neighbours(rows) for name, rows in sets.items()}
    made: set[tuple[str, str]] = set()
    while len(made) < count:
        name = rng.choice(list(sets)) if rng.random() < 0.25 else ""
        example = rng.choice(sets[name] if name else everything)
        source = within[example.source] if rng.random() < 0.6 else everywhere
        near = [text for text in source.nearest(example, 10) if len(text) < MOST_CHARACTERS]
        if not near:
            continue
        texts = rng.sample(near, min(len(near), 2 if rng.random() < 0.12 else 1))
        made.add((example.claim, " ".join(texts)))
    return [Example(claim, premise, UNLABELLED, "near") for claim, premise in sorted(made)]


def build(folder: Path, count: int, seed: int) -> list[Example]:
    """The pairs to ask about, half of them of an epoch, in an order that may be cut anywhere."""
    rng = random.Random(seed)
    epoch = build_epoch(folder, seed)
    examples = rng.sample(epoch, min(len(epoch), count // 2))
    examples += _fresh(folder, count - len(examples), rng)
    rng.shuffle(examples)
    return examples


def main() -> None:
    """Make the pairs, then ask both about every one, CHUNK pairs at a time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=110_000)
    parser.add_argument("--seed", type=int, default=21)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    verifier, reviewer = open_verifier(), open_reviewer()
    if reviewer is None:
        parser.error("the reviewer is missing: factcheck models pull")
    examples = build(args.data, args.pairs, args.seed)
    with (args.out / "pairs.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(example) + "\n" for example in examples)
    for start in range(0, len(examples), CHUNK):
        path = args.out / f"{start:07}.npy"
        if path.exists():
            continue
        pairs = [Pair(example.claim, example.premise) for example in examples[start : start + CHUNK]]
        logs = (1 - REVIEWER_SHARE) * np.log(verifier.judge(pairs)) + REVIEWER_SHARE * np.log(reviewer.judge(pairs))
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            np.save(file, softmax(logs).astype(np.float16))
        partial.rename(path)
        print(f"{start + len(pairs)} of {len(examples)}", flush=True)


if __name__ == "__main__":
    main()
