"""A trained read-out of one LLM: stance probabilities from its last hidden state, by one linear layer.

A read-out belongs to the model file and the prompt that it was trained with (training/fit_readout.py); any other
model or prompt is read by its letters instead.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from factcheck.errors import ModelError
from factcheck.probabilities import softmax
from factcheck.protocols import FloatArray

READOUTS = Path(__file__).with_name("weights")
_HASH_CHARS = 16


class Readout(NamedTuple):
    """Weights, shape (width, 3), and biases (3,), columns SUPPORTS, REFUTES, NEUTRAL; and what they belong to."""

    model: str  # sha256 of the model's file
    prompt: str  # fingerprint of the prompt
    weights: FloatArray
    biases: FloatArray

    def probabilities(self, hidden: FloatArray) -> FloatArray:
        """Stance probabilities, shape (3,), from a hidden state of shape (width,)."""
        logits: FloatArray = hidden @ self.weights + self.biases
        row: FloatArray = softmax(logits[None, :])[0]
        return row


def save_readout(readout: Readout, folder: Path) -> Path:
    """Write the read-out into the folder, named after its model; half-precision weights."""
    path = _path(readout.model, folder)
    np.savez(
        path,
        model=np.array(readout.model),
        prompt=np.array(readout.prompt),
        weights=readout.weights.astype(np.float16),
        biases=readout.biases.astype(np.float32),
    )
    return path


def find_readout(model: str, prompt: str, folder: Path = READOUTS) -> Readout | None:
    """The read-out for this model and prompt, None if there is none. Raises ModelError if its file is damaged."""
    path = _path(model, folder)
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            weights, biases = stored["weights"].astype(np.float32), stored["biases"].astype(np.float32)
            readout = Readout(str(stored["model"]), str(stored["prompt"]), weights, biases)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is damaged; reinstall factcheck") from error
    return readout if (readout.model, readout.prompt) == (model, prompt) else None


def _path(model: str, folder: Path) -> Path:
    return folder / f"readout-{model[:_HASH_CHARS]}.npz"
