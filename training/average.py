"""The mean of what two runs learned, tensor by tensor (Wortsman et al. 2022): between a run and a short one from it.

python -m training.average --runs RUN_FOLDER RUN_FOLDER --out RUN_FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    """Write the mean as a checkpoint that `export_verifier` and `export_reviewer` take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, nargs=2, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    one, two = (torch.load(run / "checkpoint.pt")["model"] for run in args.runs)
    shared = one.keys() & two.keys()
    mean = {name: ((one[name].float() + two[name].float()) / 2).to(two[name].dtype) for name in two if name in shared}
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save({"model": mean, "step": 0}, args.out / "checkpoint.pt")


if __name__ == "__main__":
    main()
