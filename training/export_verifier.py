"""Writes the trained verifier as one small ONNX file.

    python -m training.export_verifier --base ENCODER_FOLDER --run RUN_FOLDER --out factcheck/verdict/weights

Matrix products become 8-bit weights in blocks of 32 with 8-bit activations quantised row by row (MatMulNBits,
accuracy level 4): unlike dynamic quantisation, whose scale is taken over the whole batch, the score of a pair does
not depend on what else is in its batch. Word embeddings are stored as 8-bit rows with a scale each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from torch import nn

from training.train_verifier import CrossEncoder

OPSET = 17
BLOCK = 32


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
    scales = np.maximum(np.abs(rows).max(axis=1, keepdims=True) / 127, 1e-12).astype(np.float32)
    small = np.clip(np.round(rows / scales), -127, 127).astype(np.int8)
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


def quantised(model: onnx.ModelProto) -> onnx.ModelProto:
    """Matrix products with constant weights in 8 bits."""
    config = DefaultWeightOnlyQuantConfig(block_size=BLOCK, is_symmetric=True, accuracy_level=4, bits=8)
    quantizer: Any = MatMulNBitsQuantizer(model, algo_config=config)
    quantizer.process()
    result: onnx.ModelProto = quantizer.model.model
    return result


def main() -> None:
    """Export as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model = CrossEncoder(str(args.base), attention="eager")
    if args.run is not None:
        model.load_state_dict(torch.load(args.run / "checkpoint.pt")["model"])
    args.out.mkdir(parents=True, exist_ok=True)
    large = args.out / "verifier.float.onnx"
    write_float_graph(model, large)
    config = model.bert.config
    graph = optimised(large, config.num_attention_heads, config.hidden_size)
    target = args.out / "verifier.onnx"
    onnx.save(quantised(with_small_embeddings(graph)), str(target))
    (args.out / "tokenizer.json").write_bytes((args.base / "tokenizer.json").read_bytes())
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    print(json.dumps({"bytes": target.stat().st_size, "sha256": digest}))


if __name__ == "__main__":
    main()
