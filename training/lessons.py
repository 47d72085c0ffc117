"""What a run learns in an epoch: pairs of the data sets, rule-made ones, opinions of larger judges, written ones."""

from __future__ import annotations

import random
from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.contrast import NEUTRAL, contrast_pairs, without_context
from training.data import Example, certain, epoch_sample, read_sets, taught
from training.hedges import Hedges
from training.neighbours import among_near, padded, silent_pairs
from training.questions import question_pairs
from training.roles import Roles
from training.rumours import Rumours
from training.swaps import Swaps
from training.written import written_pairs


def add_arguments(parser: ArgumentParser) -> None:
    """The options that say what is learned, for `lesson`."""
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--taught", type=Path, help="folder of `training.teach`: learn from its pairs and opinions")
    parser.add_argument("--roles", type=int, default=5_000, help="how many role pairs go with the taught ones")
    parser.add_argument(
        "--written", type=Path, help="folder of pairs written after `written_pairs.md`: learn from them"
    )
    parser.add_argument("--replayed", type=int, default=3_000, help="how many pairs of an epoch go with the written")


def build_epoch(folder: Path, seed: int) -> list[Example]:
    """The pairs of one epoch: data, contrast pairs, silent pairs, roles, questions, rumours, some padded."""
    rng = random.Random(seed)
    sets = read_sets(folder)
    examples = epoch_sample(sets, rng)
    factual = [example for name, rows in sets.items() if "snli" not in name for example in rows]
    contrast = list(contrast_pairs(factual, rng))
    contrast = rng.sample(contrast, min(len(contrast), 16_000))
    for name, share in (("vitaminc", 0.08), ("fever", 0.15), ("scifact", 0.7), ("check_covid", 0.6)):
        contrast += silent_pairs(sets[name], rng, share)
    contrast += silent_pairs(sets["citation_integrity"], rng, 0.6)
    for name, share in (("fever", 0.2), ("scifact", 0.4), ("check_covid", 0.4)):
        contrast += among_near(sets[name], rng, share)
    sentences = sorted({e.premise for e in factual if 40 < len(e.premise) < 300})
    examples += contrast
    swaps = Swaps(factual)
    examples += [made for _ in range(2) for made in swaps.pairs(factual, rng)]
    hedges = Hedges(factual)
    told = [e for name in ("vitaminc", "vitaminc_synthetic", "fever") for e in sets[name]]
    hedged = [made for e in rng.sample(told, 9_000) if (made := hedges.made(e, rng))]
    examples += hedged[:6_000]
    answered = [e for name in ("vitaminc", "vitaminc_synthetic", "fever") for e in sets[name] if e.label != NEUTRAL]
    torn = [made for e in answered if (made := without_context(e, rng))]
    examples += rng.sample(torn, min(len(torn), 8_000))
    examples += Roles(factual).pairs(9_000, rng)
    examples += question_pairs(factual, rng, 5_000)
    examples += Rumours(factual).pairs(24_000, rng)
    return [padded(e, sentences, rng) if rng.random() < 0.15 and len(e.premise) < 500 else e for e in examples]


def with_written(folder: Path, data: Path, replayed: int, seed: int) -> list[Example]:
    """Written pairs, some among foreign sentences, and so many of an epoch, lest what was learned before be lost."""
    rng = random.Random(seed)
    pairs = written_pairs(folder)
    sentences = sorted({e.premise for e in pairs if len(e.premise) < 300})
    pairs = [padded(e, sentences, rng) if rng.random() < 0.15 else e for e in pairs]
    return pairs + rng.sample(build_epoch(data, seed), replayed)


def lesson(args: Namespace, epoch: int) -> tuple[list[Example], Tensor]:
    """The pairs of an epoch and what to learn of each: probabilities, shape (n, 3), columns as LABELS.

    With `--taught` every epoch has the same pairs.
    """
    if args.taught is not None:
        return _with_opinions(args.data, args.taught, args.roles, args.seed)
    seed = args.seed + epoch
    if args.written is not None:
        examples = with_written(args.written, args.data, args.replayed, seed)
    else:
        examples = build_epoch(args.data, seed)
    return examples, torch.from_numpy(certain(examples))


def _with_opinions(data: Path, told: Path, roles: int, seed: int) -> tuple[list[Example], Tensor]:
    """The taught pairs, with so many role pairs, as many of questions and three times as many rumours."""
    examples, opinions = taught(told)
    factual = [example for name, rows in read_sets(data).items() if "snli" not in name for example in rows]
    rng = random.Random(seed)
    made = list(Roles(factual).pairs(roles, rng))
    made += question_pairs(factual, rng, roles)
    made += Rumours(factual).pairs(3 * roles, rng)
    return examples + made, torch.from_numpy(np.concatenate([opinions, certain(made)]))
