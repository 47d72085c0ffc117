"""A reviewer of a few hundred bytes: one linear layer with its correction, one table of rows."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save

from factcheck.errors import ModelError, ModelHashError, ModelMissingError
from factcheck.models import download, reviewer
from factcheck.models.digest import file_digest
from factcheck.models.download import is_present, pull, verify
from factcheck.models.registry import load_registry
from factcheck.models.reviewer import as_bfloat16, assemble
from factcheck.models.spec import ModelSpec
from factcheck.models.verifier import open_reviewer
from factcheck.settings import resource

RNG = np.random.default_rng(0)
WEIGHT = as_bfloat16(RNG.normal(size=(3, 4)).astype(np.float32))
TABLE = as_bfloat16(RNG.normal(size=(5, 4)).astype(np.float32))
POSITIONS = as_bfloat16(RNG.normal(size=(2, 4)).astype(np.float32))
UP, DOWN = RNG.normal(size=(3, 2)).astype(np.float16), RNG.normal(size=(2, 4)).astype(np.float16)
FACTORS = np.array([0.5, 1.0, 2.0, 4.0], dtype=np.float32)
SCALE = np.full(3, 0.2, dtype=np.float32)
RECIPE = [
    {"name": "W_8bit", "parameter": "layer.weight", "kind": "product", "factors": "f", "scale": "s"},
    {"name": "rows", "parameter": "words.weight", "kind": "rows", "scale": "row_scale"},
    {"name": "places", "parameter": "positions.weight", "kind": "plain"},
]


def write_base(path: Path, **changed: Any) -> Path:
    parameters = {"layer.weight": WEIGHT, "words.weight": TABLE, "positions.weight": POSITIONS, **changed}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("base/1_Pooling/config.json", "{}")
        archive.writestr("base/config.json", '{"pad_token_id": 1}')
        archive.writestr("base/tokenizer.json", '{"tokens": 1}')
        archive.writestr("base/model.safetensors", save({k: v for k, v in parameters.items() if v is not None}))
    return path


def write_learned(folder: Path, **metadata: str) -> tuple[Path, Path]:
    """The graph and the corrections as the package holds them."""
    folder.mkdir(exist_ok=True)
    graph_file, corrections = folder / "reviewer.onnx", folder / "reviewer.npz"
    np.savez(corrections, **{"layer.up": UP, "layer.down": DOWN})  # type: ignore[arg-type]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
        [numpy_helper.from_array(FACTORS, "f"), numpy_helper.from_array(SCALE, "s")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    known = {"tensors": json.dumps(RECIPE), "corrections_sha256": file_digest(corrections), **metadata}
    for key, value in known.items():
        model.metadata_props.add(key=key, value=value)
    onnx.save(model, str(graph_file))
    return graph_file, corrections


def test_rounding_to_bfloat16_keeps_eight_bits_and_rounds_ties_to_even() -> None:
    values = np.array([1.0, 1.0 + 2**-8, 1.0 + 3 * 2**-8, -(1.0 + 2**-8 + 2**-16)], dtype=np.float32)
    assert as_bfloat16(values).tolist() == [1.0, 1.0, 1.0 + 2**-6, -(1.0 + 2**-7)]


def test_the_tensors_are_those_of_the_corrected_base(tmp_path: Path) -> None:
    graph, corrections = write_learned(tmp_path)
    base = write_base(tmp_path / "base.zip")
    card = assemble(base, tmp_path / "out", base_sha256="0" * 64, graph=graph, corrections=corrections)

    made = onnx.load(str(tmp_path / "out" / "model.onnx")).graph.initializer
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in made}
    weight = WEIGHT + UP.astype(np.float64) @ DOWN.astype(np.float64)
    assert tensors["W_8bit"].dtype == np.int8
    restored = tensors["W_8bit"] * SCALE * FACTORS[:, None]
    unclipped = np.abs(weight.T / FACTORS[:, None]) < 63 * 0.2
    assert np.abs(restored - weight.T)[unclipped].max() <= 0.5 * 0.2 * FACTORS.max() + 1e-6
    assert np.abs(tensors["rows"] * tensors["row_scale"] - TABLE).max() <= 0.51 * tensors["row_scale"].max()
    assert np.array_equal(tensors["places"], POSITIONS)
    assert (tmp_path / "out" / "tokenizer.json").read_text() == '{"tokens": 1}'
    assert (card.pad_id, card.onnx_sha256) == (1, file_digest(tmp_path / "out" / "model.onnx"))


@pytest.mark.parametrize(
    ("changed", "metadata", "message"),
    [
        ({"layer.weight": None}, {}, "base.zip and reviewer.onnx do not fit"),
        ({"layer.weight": TABLE}, {}, "base.zip and reviewer.onnx do not fit"),
        ({}, {"corrections_sha256": "0" * 64}, "reviewer.onnx and reviewer.npz do not belong together"),
        ({}, {"tensors": "["}, "base.zip and reviewer.onnx do not fit"),
    ],
)
def test_files_that_do_not_belong_together_are_one_clear_error(
    tmp_path: Path, changed: dict[str, Any], metadata: dict[str, str], message: str
) -> None:
    graph, corrections = write_learned(tmp_path, **metadata)
    base = write_base(tmp_path / "base.zip", **changed)
    with pytest.raises(ModelError, match=message):
        assemble(base, tmp_path / "out", base_sha256="0" * 64, graph=graph, corrections=corrections)
    assert not (tmp_path / "out").exists()


def test_a_reviewer_that_is_not_fetched_or_not_named_is_left_out(home: Path, tmp_path: Path) -> None:
    assert open_reviewer() is None
    text = resource("models.toml").read_text(encoding="utf-8")
    without = tmp_path / "models.toml"
    without.write_text(text.replace('reviewer = "factcheck-reviewer"\n', ""), encoding="utf-8")
    registry = load_registry(without)
    assert (registry.use.reviewer, open_reviewer(registry)) == ("", None)
    assert not registry.in_use(registry.get("factcheck-reviewer"))


def test_pull_assembles_once_and_again_when_the_package_learned_more(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, corrections = write_learned(tmp_path / "package")
    monkeypatch.setattr(reviewer, "GRAPH_FILE", graph)
    monkeypatch.setattr(reviewer, "CORRECTIONS_FILE", corrections)
    base = write_base(tmp_path / "base.zip")
    source = {"kind": "path", "path": base}
    spec = ModelSpec.model_validate(
        {"name": "rev", "role": "reviewer", "source": source, "licence": "MIT", "sha256": file_digest(base)}
    )
    labels: list[str] = []
    assert not is_present(spec)
    with pytest.raises(ModelMissingError):
        verify(spec)
    for _ in range(2):
        path = pull(spec, progress=lambda label, done, total: labels.append(label))
    assert path == home / "rev" / "onnx"
    assert labels == ["rev: converting to ONNX"]
    verify(spec)

    write_learned(tmp_path / "package", further="1")
    assert not is_present(spec)
    pull(spec, progress=lambda label, done, total: labels.append(label))
    assert len(labels) == 2

    with (path / "model.onnx").open("r+b") as file:
        file.write(b"\0")
    with pytest.raises(ModelHashError, match="has changed since it was made"):
        verify(spec)
    write_base(base, **{"layer.weight": WEIGHT * 2})
    with pytest.raises(ModelHashError, match=r"is not the one in models\.toml"):
        verify(spec)
    (path / "model.onnx").unlink()
    with pytest.raises(ModelHashError, match=r"is not the one in models\.toml"):
        download.pull(spec, progress=lambda *_: None)
