"""An exported encoder of a few hundred bytes: the mean of its words' vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from factcheck.models.digest import file_digest
from factcheck.models.export import CARD_FILE, MODEL_FILE, TOKENIZER_FILE, EncoderCard

DIMENSION = 6
MAX_LENGTH = 12
VOCABULARY = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "red": 3, "green": 4, "blue": 5}


def write_tiny_export(folder: Path) -> Path:
    """Write model, tokenizer and card into a new folder; returns it."""
    folder.mkdir()
    onnx.save(_mean_of_words(), folder / MODEL_FILE)
    tokenizer = Tokenizer(WordLevel(VOCABULARY, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A", special_tokens=[("[CLS]", 2)])
    tokenizer.save(str(folder / TOKENIZER_FILE))
    card = EncoderCard(
        source_sha256="5" * 64,
        dimension=DIMENSION,
        max_length=MAX_LENGTH,
        pad_id=0,
        onnx_bytes=(folder / MODEL_FILE).stat().st_size,
        onnx_sha256=file_digest(folder / MODEL_FILE),
        tokenizer_sha256=file_digest(folder / TOKENIZER_FILE),
    )
    (folder / CARD_FILE).write_text(card.model_dump_json())
    return folder


def _mean_of_words() -> onnx.ModelProto:
    table = np.random.default_rng(0).normal(size=(len(VOCABULARY), DIMENSION)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["words"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["words", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["mask", "middle"], ["count"], keepdims=1),
        helper.make_node("Div", ["sum", "count"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", DIMENSION])],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([2]), "last"),
            numpy_helper.from_array(np.array([1]), "middle"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
