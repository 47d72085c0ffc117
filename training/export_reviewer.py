r"""Writes what the reviewer learned: an ONNX graph without its large tensors, and the corrections that they need.

    python -m training.export_reviewer --base BASE_FOLDER --run RUN_FOLDER --data TRAIN_FOLDER \
        --out factcheck/verdict/weights

`factcheck.models.reviewer.assemble` makes the model out of them and the base. The products take 8-bit integers, as
the verifier's do.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from factcheck.models.digest import file_digest
from factcheck.models.reviewer import (
    CORRECTIONS_FILE,
    CORRECTIONS_KEY,
    GRAPH_FILE,
    TENSORS_KEY,
    Tensor,
    as_bfloat16,
    corrected,
)
from training.adapter import corrections
from training.export_verifier import calibration_batches, optimised, with_small_embeddings, write_float_graph
from training.quantise import quantised
from training.train_verifier import CrossEncoder, open_tokenizer

LARGE = 100_000  # bytes; smaller tensors stay in the graph

Learned = dict[str, NDArray[np.float16]]


def learned_of(model: CrossEncoder) -> Learned:
    """The corrections in half precision, two matrices a layer, by the layer's name."""
    found: Learned = {}
    for name, layer in corrections(model.bert):
        found[f"{name}.up"] = layer.up.detach().numpy().astype(np.float16)
        found[f"{name}.down"] = layer.down.detach().numpy().astype(np.float16)
    return found


def merge(model: CrossEncoder, learned: Learned) -> None:
    """Turns the adapted layers into plain ones, in floats, with the weights that `assemble` will give them."""
    for name, layer in list(corrections(model.bert)):
        weight = as_bfloat16(layer.layer.weight.detach().float().numpy())
        plain = nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            plain.weight.copy_(torch.from_numpy(corrected(weight, f"{name}.weight", learned).astype(np.float32)))
            plain.bias.copy_(layer.layer.bias.float())
        parent, _, own = name.rpartition(".")
        setattr(model.bert.get_submodule(parent), own, plain)
    model.float()


def name_weights(graph: onnx.GraphProto, model: CrossEncoder) -> None:
    """Names the weight of each product after the base's parameter that it is, transposed."""
    names = {np.ascontiguousarray(p.detach().numpy().T).tobytes(): n for n, p in model.bert.named_parameters()}
    products = [node for node in graph.node if node.op_type == "MatMul"]
    for tensor in graph.initializer:
        name = names.get(numpy_helper.to_array(tensor).tobytes())
        users = [node for node in products if node.input[1] == tensor.name]
        if name is not None and users:
            for node in users:
                node.input[1] = name
            tensor.name = name


def emptied(graph: onnx.GraphProto, model: CrossEncoder) -> list[Tensor]:
    """Takes the large tensors out of the graph; returns how to make them."""
    sources = {node.input[1]: node for node in graph.node if node.op_type == "MatMulIntegerToFloat"}
    plain = {p.detach().numpy().tobytes(): n for n, p in model.bert.named_parameters()}
    recipe = []
    for tensor in list(graph.initializer):
        array = numpy_helper.to_array(tensor)
        if tensor.name in sources:
            source = sources[tensor.name].input[0]
            parameter = tensor.name.removesuffix("_8bit")
            factors, scale = f"{source}_factors", f"{parameter}_scale"
            recipe.append(Tensor(name=tensor.name, parameter=parameter, kind="product", factors=factors, scale=scale))
        elif tensor.name == "words_int8":
            words = "embeddings.word_embeddings.weight"
            recipe.append(Tensor(name=tensor.name, parameter=words, kind="rows", scale="words_scale"))
        elif tensor.name != "words_scale" and array.nbytes < LARGE:
            continue
        elif tensor.name != "words_scale":
            recipe.append(Tensor(name=tensor.name, parameter=plain[array.tobytes()], kind="plain"))
        graph.initializer.remove(tensor)
    return recipe


def main() -> None:
    """Export as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--base", "--run", "--data", "--out"):
        parser.add_argument(name, type=Path, required=True)
    args = parser.parse_args()
    state = torch.load(args.run / "checkpoint.pt")["model"]
    rank = next(value.shape[0] for name, value in state.items() if name.endswith(".down"))
    model = CrossEncoder(str(args.base), attention="eager", rank=rank)
    model.load_learned(state)
    learned = learned_of(model)
    merge(model, learned)
    large = args.run / "reviewer.float.onnx"
    write_float_graph(model, large)
    config = model.bert.config
    graph = optimised(large, config.num_attention_heads, config.hidden_size)
    name_weights(graph.graph, model)
    batches = calibration_batches(args.data, open_tokenizer(args.base), model.padding)
    whole = quantised(with_small_embeddings(graph), batches)
    onnx.save(whole, str(args.run / "reviewer.whole.onnx"))
    recipe = emptied(whole.graph, model)
    np.savez(args.out / CORRECTIONS_FILE.name, **learned)  # type: ignore[arg-type]
    metadata = {
        TENSORS_KEY: json.dumps([tensor.model_dump(exclude_defaults=True) for tensor in recipe]),
        CORRECTIONS_KEY: file_digest(args.out / CORRECTIONS_FILE.name),
    }
    for key, value in metadata.items():
        whole.metadata_props.add(key=key, value=value)
    onnx.save(whole, str(args.out / GRAPH_FILE.name))
    print({path: (args.out / path.name).stat().st_size for path in (GRAPH_FILE, CORRECTIONS_FILE)})


if __name__ == "__main__":
    main()
