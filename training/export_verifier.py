r"""Writes the trained verifier as one small ONNX file.

    python -m training.export_verifier --base ENCODER_FOLDER --run RUN_FOLDER --data TRAIN_FOLDER \
        --out factcheck/verdict/weights

Matrix products take 8-bit integers with fixed scales (`training.quantise`): unlike dynamic quantisation, whose scale
is taken over the whole batch, the score of a pair does not depend on what else is in its batch. Word embeddings are
stored as 8-bit rows with a scale each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from tokenizers import Tokenizer
from torch import nn

from factcheck.models.reviewer import ROW_LEVELS, as_bytes, row_scales
from training.data import read_sets
from training.quantise import quantised
from training.train_verifier import CrossEncoder, batches, encode, open_tokenizer

OPSET = 17
CALIBRATION_EACH = 60  # pairs a training set


def write_float_graph(model: nn.Module, path: Path) -> None:
    """The model in 32-bit floats, as the exporter leaves it."""
    inputs = (torch.ones(2, 16, dtype=torch.long), torch.ones(2, 16, dtype=torch.long), torch.zeros(2, 16).long())
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes: dict[str, dict[int, str]] = {name: {0: "batch", 1: "length"} for name in names}
    torch.onnx.export(
        model.eval(),
        inputs,
        str(path),
        input_names=names,
        output_names=["logits"],
        dynamic_axes={**axes, "logits": {0: "batch"}},
        opset_version=OPSET,
        dynamo=False,
    )


def optimised(path: Path, heads: int, hidden: int) -> onnx.ModelProto:
    """The graph with fused layer norms, activations and skips; attention stays plain, for its weights' sake."""
    options = FusionOptions("bert")
    options.enable_attention = False
    options.enable_embed_layer_norm = False
    fused: Any = optimizer.optimize_model(
        str(path), "bert", num_heads=heads, hidden_size=hidden, optimization_options=options, opt_level=0
    )
    result: onnx.ModelProto = fused.model
    return result


def with_small_embeddings(model: onnx.ModelProto) -> onnx.ModelProto:
    """Stores the word embeddings as int8 rows with one scale each."""
    graph = model.graph
    table = max(graph.initializer, key=lambda tensor: int(np.prod(tensor.dims)))
    rows = numpy_helper.to_array(table).astype(np.float32)
    scales = row_scales(rows)
    small = as_bytes(rows, scales, ROW_LEVELS)
    gather = next(node for node in graph.node if node.op_type == "Gather" and node.input[0] == table.name)
    ids, out = gather.input[1], gather.output[0]
    new = [
        helper.make_node("Gather", ["words_int8", ids], ["word_rows"]),
        helper.make_node("Cast", ["word_rows"], ["word_rows_float"], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["words_scale", ids], ["word_scales"]),
        helper.make_node("Mul", ["word_rows_float", "word_scales"], [out]),
    ]
    place = list(graph.node).index(gather)
    graph.node.remove(gather)
    for offset, node in enumerate(new):
        graph.node.insert(place + offset, node)
    graph.initializer.remove(table)
    graph.initializer.extend(
        [numpy_helper.from_array(small, "words_int8"), numpy_helper.from_array(scales, "words_scale")]
    )
    return model


def calibration_batches(data: Path, tokenizer: Tokenizer, padding: int = 0) -> list[dict[str, NDArray[np.int64]]]:
    """Inputs of the graph for CALIBRATION_EACH pairs of every training set."""
    rng = random.Random(3)
    sets = read_sets(data)
    pairs = [pair for rows in sets.values() for pair in rng.sample(rows, min(CALIBRATION_EACH, len(rows)))]
    return [
        {
            "input_ids": ids.numpy(),
            "attention_mask": (ids != padding).long().numpy(),
            "token_type_ids": types.numpy(),
        }
        for _, ids, types, _ in batches(encode(tokenizer, pairs), 32, None, padding)
    ]


def main() -> None:
    """Export as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model = CrossEncoder(str(args.base), attention="eager")
    model.load_learned(torch.load(args.run / "checkpoint.pt")["model"])
    args.out.mkdir(parents=True, exist_ok=True)
    large = args.run / "verifier.float.onnx"
    write_float_graph(model, large)
    config = model.bert.config
    graph = with_small_embeddings(optimised(large, config.num_attention_heads, config.hidden_size))
    target = args.out / "verifier.onnx"
    onnx.save(quantised(graph, calibration_batches(args.data, open_tokenizer(args.base))), str(target))
    (args.out / "tokenizer.json").write_bytes((args.base / "tokenizer.json").read_bytes())
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    print(json.dumps({"bytes": target.stat().st_size, "sha256": digest}))


if __name__ == "__main__":
    main()
