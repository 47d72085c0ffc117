"""Writes the checkpoint between two runs, of which one started from the other.

    python -m training.mix_runs --runs RUN_FOLDER RUN_FOLDER --share 0.8 --out RUN_FOLDER

Each weight is the mean of the two, the second's with the share. What a run learned of new pairs and forgot of old ones
does not grow alike along the way (Wortsman et al. 2022, WiSE-FT). The runs are of `train_verifier`, or of `train_llm`,
whose adapter is then written, too.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    """Write OUT/checkpoint.pt. Raises ValueError if the runs are of different models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, nargs=2, required=True)
    parser.add_argument("--share", type=float, required=True, help="of the second run")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    first, second = (torch.load(run / "checkpoint.pt") for run in args.runs)
    of_llm = "model" not in first
    if not of_llm:
        first, second = first["model"], second["model"]
    if first.keys() != second.keys():
        raise ValueError("the runs are of different models")
    args.out.mkdir(parents=True, exist_ok=True)
    mixed = {name: torch.lerp(value, second[name], args.share) for name, value in first.items()}
    torch.save(mixed if of_llm else {"model": mixed}, args.out / "checkpoint.pt")
    if of_llm:
        from training.train_llm import Asker, open_run, write_adapter

        asker = Asker()
        write_adapter(open_run(asker, args.out), args.out / asker.adapter, asker.sha256)


if __name__ == "__main__":
    main()
