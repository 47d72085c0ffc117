from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from factcheck.models import bulk_encoder, encoder
from factcheck.models.bulk_encoder import open_bulk
from factcheck.models.encoder import IndexingEncoder, OnnxEncoder, open_indexing_encoder
from factcheck.protocols import FloatArray
from tests.models.test_encoder import spec
from tests.models.tiny_onnx import DIMENSION, write_tiny_export


class Counting:
    """Stands in for the faster encoder."""

    name, fingerprint, dimension = "fast", "f", DIMENSION

    def __init__(self) -> None:
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str]) -> FloatArray:
        self.seen += texts
        return np.ones((len(texts), DIMENSION), dtype=np.float32)


def test_many_texts_are_worth_a_faster_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = Counting()
    monkeypatch.setattr(encoder, "MANY_TEXTS", 4)
    monkeypatch.setattr(bulk_encoder, "open_bulk", lambda *_: fast)
    indexing = IndexingEncoder(OnnxEncoder(spec(), write_tiny_export(tmp_path / "onnx")), tmp_path)
    for batch in (["red", "blue"], ["green", "red"], ["blue"]):
        assert indexing.embed(batch).shape == (len(batch), DIMENSION)
    assert fast.seen == ["green", "red", "blue"]


def test_a_model_of_another_kind_is_left_to_the_exported_encoder(tmp_path: Path) -> None:
    exported = OnnxEncoder(spec(), write_tiny_export(tmp_path / "onnx"))
    assert open_bulk(tmp_path / "nowhere", exported) is None
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_mean_tokens": True}))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "mpnet", "hidden_act": "gelu"}))
    assert open_bulk(tmp_path, exported) is None


@pytest.mark.models
def test_the_faster_encoder_gives_the_same_vectors() -> None:
    indexing = open_indexing_encoder()
    fast = open_bulk(indexing._source, indexing._first)
    if fast is None:
        pytest.skip("this processor does not compute in bfloat16")
    texts = ["183 drones.", "", "Kyiv was hit again, the air force said. " * 12, "Two were hurt.", "long " * 400]
    cosines = np.sum(fast.embed(texts) * indexing._first.embed(texts), axis=1)
    assert cosines.min() > 0.999
    assert fast.embed([]).shape == (0, fast.dimension)
