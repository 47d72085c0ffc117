"""Trains the read-out of an LLM: a linear head over its last hidden state, a few kilobytes bound to that model.

    python -m training.fit_readout --vectors VECTORS.npz [--write]

Only training pairs are fitted; each dev set shows what the letters alone, and what the read-out, get right.
The strength of the penalty is chosen by cross-validation over the training pairs, with whole sets left out.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from factcheck.prompting import load_prompt
from factcheck.verdict.readout import READOUTS, Readout, save_readout
from training.scoring import accuracy

Array = NDArray[np.float64]
PENALTIES = (300.0, 1000.0, 3000.0, 10000.0)


def fit_head(x: Array, y: NDArray[np.int64], penalty: float) -> tuple[Array, Array]:
    """Weights (d, 3) and biases (3,) of a multinomial logistic regression; every class weighs the same."""
    rows, width = x.shape
    share = np.bincount(y, minlength=3) / rows
    weight = 1.0 / (3 * share[y])
    target = np.eye(3)[y]

    def loss(flat: Array) -> tuple[float, Array]:
        w, b = flat[: width * 3].reshape(width, 3), flat[width * 3 :]
        logs = log_softmax(x @ w + b, axis=1)
        error = weight[:, None] * (np.exp(logs) - target)
        value = -(weight * logs[np.arange(rows), y]).sum() + 0.5 * penalty * (w**2).sum()
        return float(value), np.concatenate([(x.T @ error + penalty * w).ravel(), error.sum(axis=0)])

    found = minimize(loss, np.zeros(width * 3 + 3), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return found[: width * 3].reshape(width, 3), found[width * 3 :]


def main() -> None:
    """Fit as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    with np.load(args.vectors) as stored:
        hidden, letters = stored["hidden"].astype(np.float64), stored["letters"].astype(np.float64)
        labels, groups, model = stored["labels"].astype(np.int64), stored["groups"], str(stored["model"])
    training = np.array([group.startswith("train/") for group in groups])
    mean, scale = hidden[training].mean(axis=0), hidden[training].std(axis=0) + 1e-6
    x = (hidden - mean) / scale / np.sqrt(hidden.shape[1])
    scores = {}
    for penalty in PENALTIES:
        right: list[bool] = []
        for left_out in np.unique(groups[training]):
            inside = training & (groups != left_out)
            outside = groups == left_out
            w, b = fit_head(x[inside], labels[inside], penalty / hidden.shape[1])
            right += list((x[outside] @ w + b).argmax(axis=1) == labels[outside])
        scores[penalty] = round(100 * float(np.mean(right)), 1)
    penalty = max(scores, key=lambda p: scores[p])
    print("left-out training sets, by penalty:", json.dumps(scores))
    w, b = fit_head(x[training], labels[training], penalty / hidden.shape[1])
    for group in np.unique(groups):
        rows = groups == group
        alone, read = accuracy(letters[rows], labels[rows]), accuracy(x[rows] @ w + b, labels[rows])
        print(f"{group:26} n={rows.sum():4} letters {alone:5} read-out {read:5}")
    if args.write:
        folded = w / scale[:, None] / np.sqrt(hidden.shape[1])
        prompt = load_prompt("verdict")
        head = Readout(model, prompt.fingerprint, folded.astype(np.float32), (b - mean @ folded).astype(np.float32))
        print("written", save_readout(head, READOUTS))


if __name__ == "__main__":
    main()
