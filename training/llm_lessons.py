"""What the local LLM learns, for `train_llm`: all that is said of a text together, so that the text is read once."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from training.data import Example
from training.lessons import build_epoch

MAX_CHARS = 900  # of a passage: a pass over the model costs by the token
CLAIMS_OF_A_TEXT = 8
MADE = "made"
# How many texts of an epoch, by the set that the first pair about it comes from; MADE has rule-made pairs only.
MIXES = {
    "first": {
        "vitaminc": 800,
        "fever": 650,
        "check_covid": 260,
        "scifact": 260,
        "citation_integrity": 80,
        "vitaminc_synthetic": 150,
        "snli": 100,
        "cad_snli": 100,
        "conjnli": 120,
        MADE: 600,
    },
    "sets": {
        "vitaminc": 2_300,
        "fever": 1_800,
        "check_covid": 450,
        "scifact": 450,
        "citation_integrity": 150,
        "vitaminc_synthetic": 450,
        "snli": 150,
        "cad_snli": 150,
        "conjnli": 150,
        MADE: 900,
    },
    "fever": {
        "vitaminc": 1_100,
        "fever": 2_000,
        "check_covid": 250,
        "scifact": 250,
        "citation_integrity": 60,
        "vitaminc_synthetic": 250,
        "snli": 60,
        "cad_snli": 60,
        "conjnli": 60,
        MADE: 300,
    },
}


class Tree(NamedTuple):
    """Prompts that begin alike: the tokens that they share after the opening, the rest of each, and their labels."""

    stem: list[int]
    branches: list[list[int]]
    labels: list[int]

    @property
    def size(self) -> int:
        """How many tokens the model reads."""
        return len(self.stem) + sum(map(len, self.branches))


def texts_of_epoch(data: Path, mix: str, share: float, seed: int) -> list[list[Example]]:
    """So many times the texts of a mix (`MIXES`) from an epoch, each with what is said of it."""
    rng = random.Random(seed)
    kinds: dict[str, list[list[Example]]] = defaultdict(list)
    for group in by_text(build_epoch(data, seed)):
        if len(group[0].premise) <= MAX_CHARS:
            sources = [e.source.partition("+")[0] for e in group]
            kinds[next((s for s in sources if not s.startswith("contrast_")), MADE)].append(group)
    chosen: list[list[Example]] = []
    for kind, count in MIXES[mix].items():
        chosen += rng.sample(kinds[kind], min(len(kinds[kind]), round(share * count)))
    return [rng.sample(group, min(len(group), CLAIMS_OF_A_TEXT)) for group in chosen]


def by_text(examples: Sequence[Example]) -> list[list[Example]]:
    """The pairs of each passage."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.premise].append(example)
    return list(groups.values())


def tree(prompts: Sequence[list[int]], labels: Sequence[int], width: int) -> Tree:
    """The prompts (without the opening) as a tree of two levels; each branch has a token at least.

    The last ones are left out of a tree of more than `width` tokens, as long as there is another.
    """
    length = min(map(len, prompts)) - 1
    for place, tokens in enumerate(zip(*prompts, strict=False)):
        if len(set(tokens)) > 1:
            length = min(length, place)
            break
    branches = [prompt[length:] for prompt in prompts]
    while len(branches) > 1 and length + sum(map(len, branches)) > width:
        branches.pop()
    return Tree(prompts[0][:length], branches, list(labels[: len(branches)]))


class Batch(NamedTuple):
    """Several rows of trees, for a model whose cache holds the opening.

    tokens, positions: (rows, width). mask: (rows, 1, width, opening + width), 0 where a token may look and -inf where
    not. ends: (n, 2), the row and place of every branch's last token; labels: (n,).
    """

    tokens: Tensor
    positions: Tensor
    mask: Tensor
    ends: Tensor
    labels: Tensor


def batches(trees: Sequence[Tree], opening: int, width: int, rows: int, rng: random.Random) -> Iterator[Batch]:
    """All trees once, in random order, so many rows of at most `width` tokens (or one tree) at a time."""
    order = list(range(len(trees)))
    rng.shuffle(order)
    packs = packed([trees[i].size for i in order], width)
    for start in range(0, len(packs), rows):
        yield batch_of([[trees[order[i]] for i in pack] for pack in packs[start : start + rows]], opening, width)


def packed(sizes: Sequence[int], width: int) -> list[list[int]]:
    """Places of the sizes in groups that come to at most `width`, or are single, roughly in order."""
    done: list[list[int]] = []
    unfilled: list[list[int]] = []
    for place, size in enumerate(sizes):
        fitting = [group for group in unfilled if sum(sizes[i] for i in group) + size <= width]
        if fitting:
            fitting[0].append(place)
        else:
            unfilled.append([place])
        if len(unfilled) > 12:
            done.append(unfilled.pop(0))
    return done + unfilled


def batch_of(packs: Sequence[Sequence[Tree]], opening: int, width: int) -> Batch:
    """Each pack as a row of at least `width` tokens: batches of one shape take half the time of varying ones."""
    width = max(width, *(sum(item.size for item in pack) for pack in packs))
    tokens = torch.zeros(len(packs), width, dtype=torch.long)
    positions = torch.zeros(len(packs), width, dtype=torch.long)
    trees = torch.full((len(packs), width), -1)
    branches = torch.full((len(packs), width), -1)  # -1: of the stem
    ends, labels = [], []
    for row, pack in enumerate(packs):
        place = 0
        for number, item in enumerate(pack):
            for branch, part in enumerate([item.stem, *item.branches], -1):
                begin = opening + (len(item.stem) if branch >= 0 else 0)
                span = slice(place, place + len(part))
                tokens[row, span] = torch.tensor(part, dtype=torch.long)
                positions[row, span] = torch.arange(begin, begin + len(part))
                trees[row, span], branches[row, span] = number, branch
                place += len(part)
                if branch >= 0:
                    ends.append((row, place - 1))
            labels += item.labels
    places = torch.arange(width)
    seen = (places[:, None] >= places[None, :]) & (trees[:, :, None] == trees[:, None, :])
    seen &= (branches[:, None, :] == -1) | (branches[:, :, None] == branches[:, None, :])
    seen = torch.cat([torch.ones(len(packs), width, opening, dtype=torch.bool), seen], dim=2)
    mask = torch.zeros(seen.shape, dtype=torch.bfloat16).masked_fill(~seen, float("-inf"))[:, None]
    return Batch(tokens, positions, mask, torch.tensor(ends), torch.tensor(labels))
