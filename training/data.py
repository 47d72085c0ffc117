"""The training pairs: reading, hashing, and the balance between sets.

Nothing named `dev` is read here. Rows are {"id", "claim", "evidence": [...], "label", "set"}.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LABELS = ("SUPPORTED", "REFUTED", "NOT_ENOUGH_INFO")
UNLABELLED = -1

# How much a label counts beside what two judges say of the pair: about one label in six is disputable.
LABEL_SHARE = 0.4
RULED_SHARE = 0.9  # where a rule made the pair: the judges see hardly any swapped roles (5 % of 68)
_SMOOTHING = 0.05

# Most pairs taken from a set in one epoch. Captions (SNLI) teach entailment, not facts, so they weigh less.
SET_LIMITS = {"snli": 5_000, "cad_snli": 2_500, "vitaminc_synthetic": 12_000}

# How often a set is gone through in one epoch: the sets on science are a fiftieth of the pairs.
SET_REPEATS = {"check_covid": 3, "scifact": 3}


class Example(NamedTuple):
    """One training pair; `label` is an index into LABELS, or UNLABELLED."""

    claim: str
    premise: str
    label: int
    source: str


def read_sets(folder: Path) -> dict[str, list[Example]]:
    """Every *.jsonl.gz of the folder, by set name, in file order."""
    sets: dict[str, list[Example]] = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        if "dev" in path.name:
            raise ValueError(f"{path.name} is not training data")
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        name = path.name.removesuffix(".jsonl.gz")
        sets[name] = [
            Example(row["claim"], " ".join(row["evidence"]), LABELS.index(row["label"]), name) for row in rows
        ]
    return sets


def data_hashes(folder: Path) -> dict[str, str]:
    """sha256 of every training file, for the log of a run."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.glob("*.jsonl.gz"))}


def epoch_sample(sets: dict[str, list[Example]], rng: random.Random) -> list[Example]:
    """One epoch's pairs: all of each set, several times or a fresh sample where the tables above say so."""
    chosen: list[Example] = []
    for name, examples in sets.items():
        limit = SET_LIMITS.get(name, len(examples))
        chosen += (examples if limit >= len(examples) else rng.sample(examples, limit)) * SET_REPEATS.get(name, 1)
    return chosen


def taught(folder: Path) -> tuple[list[Example], NDArray[np.float32]]:
    """The pairs asked so far, and what to learn of each: probabilities, shape (n, 3), columns as LABELS."""
    opinions = np.concatenate([np.load(path) for path in sorted(folder.glob("*.npy"))]).astype(np.float32)
    with (folder / "pairs.jsonl").open(encoding="utf-8") as lines:
        examples = [Example(*json.loads(line)) for line, _ in zip(lines, opinions, strict=False)]
    shares = np.array([_label_share(example) for example in examples], dtype=np.float32)[:, None]
    return examples, shares * certain(examples) + (1 - shares) * opinions


def certain(examples: list[Example]) -> NDArray[np.float32]:
    """The labels as smoothed probabilities, shape (n, 3); the unlabelled ones' mean nothing."""
    smoothed = np.full((len(examples), len(LABELS)), _SMOOTHING / len(LABELS), dtype=np.float32)
    smoothed[np.arange(len(examples)), [example.label for example in examples]] += 1 - _SMOOTHING
    return smoothed


def _label_share(example: Example) -> float:
    if example.label == UNLABELLED:
        return 0.0
    made = example.source.startswith("contrast_") and "silence" not in example.source
    return RULED_SHARE if made else LABEL_SHARE
