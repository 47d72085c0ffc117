"""Pairs that a language model wrote after `written_pairs.md`: lessons in news, implication and near silence.

One JSON object a line: {"passage": ..., "claims": [[claim, "S" | "R" | "N"], ...]}. The files are no part of this
repository; the instructions, which make others like them, are.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

from training.data import Example

HELD_OUT = 2  # passages a file
APART = 5  # passages of one report at most follow each other in a file, so those farther apart are of different ones
_CLAIMS = 9
_LETTERS = "SRN"  # in the order of data.LABELS


def written_pairs(folder: Path) -> list[Example]:
    """The pairs to learn from, of the folder's *.jsonl files, in file order.

    Raises ValueError at a line that is not as above, with its place.
    """
    return [pair for path in sorted(folder.glob("*.jsonl")) for pair in _pairs(path)[: -HELD_OUT * _CLAIMS]]


def held_out(folder: Path) -> list[Example]:
    """The pairs of the last passages of every file, which nothing learns from."""
    return [pair for path in sorted(folder.glob("*.jsonl")) for pair in _pairs(path)[-HELD_OUT * _CLAIMS :]]


def in_company(texts: Sequence[Sequence[Example]], share: float, seed: int) -> list[list[Example]]:
    """The texts, a share of them with another one of their file before or after, as a search brings passages up.

    texts: the pairs of each passage, in file order. The other passage is of another report, so the labels hold.
    """
    rng = random.Random(seed)
    done = []
    for place, group in enumerate(texts):
        others = [
            other[0].premise
            for distance, other in enumerate(texts, -place)
            if abs(distance) >= APART and other[0].source == group[0].source
        ]
        if others and rng.random() < share:
            pair = [group[0].premise, rng.choice(others)]
            premise = " ".join(rng.sample(pair, 2))
            group = [example._replace(premise=premise) for example in group]
        done.append(list(group))
    return done


def _pairs(path: Path) -> list[Example]:
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            if len(row["claims"]) != _CLAIMS:
                raise ValueError(f"{len(row['claims'])} claims")
            pairs += [
                Example(claim, row["passage"], _LETTERS.index(letter), f"written_{path.stem}")
                for claim, letter in row["claims"]
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path.name}:{number}: {error}") from error
    return pairs
