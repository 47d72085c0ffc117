"""Turns weights of the package back into a checkpoint, from which a run can go on (`--init`).

    python -m training.reopen verifier --base ENCODER_FOLDER --weights factcheck/verdict/weights --out RUN_FOLDER
    python -m training.reopen reviewer --base BASE_FOLDER --weights factcheck/verdict/weights --out RUN_FOLDER

Of the reviewer the package has what was learned in half precision; the verifier's products only as integers of 7
bits, so that its checkpoint is as far from the run's as the package is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

from factcheck.models.reviewer import CORRECTIONS_FILE, GRAPH_FILE
from training.adapter import corrections
from training.train_verifier import CrossEncoder

_PRODUCT = "MatMulIntegerToFloat"
_OUTPUT = "/MatMul_output_0"


def read_graph(path: Path) -> tuple[onnx.GraphProto, dict[str, NDArray[np.float32]]]:
    """The graph and its tensors, as floats."""
    graph = onnx.load(str(path), load_external_data=False).graph
    return graph, {t.name: numpy_helper.to_array(t).astype(np.float32) for t in graph.initializer}


def reopened_reviewer(base: Path, weights: Path) -> CrossEncoder:
    """The reviewer as it was when it was exported. Raises ValueError if the base is not its own."""
    _, tensors = read_graph(weights / GRAPH_FILE.name)
    with np.load(weights / CORRECTIONS_FILE.name) as stored:
        learned = {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files}
    rank = next(value.shape[0] for name, value in learned.items() if name.endswith(".down"))
    model = CrossEncoder(str(base), rank=rank)
    with torch.no_grad():
        for name, layer in corrections(model.bert):
            layer.up.copy_(learned.pop(f"{name}.up"))
            layer.down.copy_(learned.pop(f"{name}.down"))
        model.head.weight.copy_(torch.from_numpy(tensors["head.weight"]))
        model.head.bias.copy_(torch.from_numpy(tensors["head.bias"]))
    if learned:
        raise ValueError(f"the base has no layers {sorted(learned)}")
    return model


def reopened_verifier(base: Path, weights: Path) -> CrossEncoder:
    """The verifier as near as its integers tell."""
    graph, tensors = read_graph(weights / "verifier.onnx")
    model = CrossEncoder(str(base))
    state = model.state_dict()
    found = {name: value for name, value in tensors.items() if name in state}
    found["bert.embeddings.word_embeddings.weight"] = tensors["words_int8"] * tensors["words_scale"]
    for node in graph.node:
        if node.op_type == _PRODUCT:
            source, integers, _, scale, _ = node.input
            name = node.output[0].removesuffix(_OUTPUT).lstrip("/").replace("/", ".") + ".weight"
            found[name] = (tensors[integers] * tensors[scale] * tensors[f"{source}_factors"][:, None]).T
    if lacking := state.keys() - found.keys():
        raise ValueError(f"the weights lack {sorted(lacking)}")
    model.load_state_dict({name: torch.from_numpy(value.copy()) for name, value in found.items()})
    return model


def main() -> None:
    """Write RUN_FOLDER/checkpoint.pt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("judge", choices=("verifier", "reviewer"))
    for name in ("--base", "--weights", "--out"):
        parser.add_argument(name, type=Path, required=True)
    args = parser.parse_args()
    reopen = reopened_verifier if args.judge == "verifier" else reopened_reviewer
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save({"model": reopen(args.base, args.weights).learned()}, args.out / "checkpoint.pt")


if __name__ == "__main__":
    main()
