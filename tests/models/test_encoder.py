from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from factcheck.errors import ConfigError, ModelError, ModelMissingError
from factcheck.models.encoder import OnnxEncoder, open_encoder
from factcheck.models.onnx import sorted_batches
from factcheck.models.registry import load_registry
from factcheck.models.spec import ModelSpec
from tests.models.tiny_onnx import DIMENSION, MAX_LENGTH, write_tiny_export

TEXTS = ["red", "blue green red blue green red blue", "", "green blue", "red " * 30, "unknown words here", "red"]


def spec(name: str = "tiny", context: int | None = None) -> ModelSpec:
    fields = {"name": name, "role": "encoder", "source": {"kind": "path", "path": "x"}, "licence": "MIT"}
    return ModelSpec.model_validate({**fields, "context": context})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tiny_export(tmp_path / "onnx")


def test_rows_are_unit_vectors_in_the_order_given(folder: Path) -> None:
    encoder = OnnxEncoder(spec(), folder)

    rows = encoder.embed(TEXTS)

    assert rows.shape == (len(TEXTS), DIMENSION)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)
    np.testing.assert_array_equal(rows[0], rows[6])
    assert not np.allclose(rows[0], rows[3])


def test_a_row_does_not_depend_on_its_batch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = OnnxEncoder(spec(), folder)
    together = encoder.embed(TEXTS)
    monkeypatch.setattr("factcheck.models.onnx.CHUNK_TEXTS", 2)

    in_chunks = encoder.embed(TEXTS)
    alone = np.concatenate([encoder.embed([text]) for text in TEXTS])

    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_allclose(together, in_chunks, atol=1e-6)


def test_no_texts_give_no_rows_without_loading(folder: Path) -> None:
    (folder / "model.onnx").unlink()

    rows = OnnxEncoder(spec(), folder).embed([])

    assert rows.shape == (0, DIMENSION)
    assert rows.dtype == np.float32


def test_texts_are_cut_at_the_maximum_length(folder: Path) -> None:
    rows = OnnxEncoder(spec(), folder).embed(["red " * MAX_LENGTH, "red " * MAX_LENGTH + "blue " * 50])

    np.testing.assert_array_equal(rows[0], rows[1])


def test_context_cuts_shorter_and_changes_the_fingerprint(folder: Path) -> None:
    short, full = OnnxEncoder(spec(context=2), folder), OnnxEncoder(spec(), folder)

    np.testing.assert_array_equal(short.embed(["red red blue"]), full.embed(["red"]))  # [CLS] red
    assert short.fingerprint != full.fingerprint
    assert full.fingerprint == OnnxEncoder(spec("other-name", context=MAX_LENGTH + 100), folder).fingerprint


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_file_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"not what it was")

    with pytest.raises(ModelError, match=rf"{name} cannot be loaded \(.*\); run: factcheck models pull$"):
        OnnxEncoder(spec(), folder).embed(["red"])


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()

    with pytest.raises(ModelMissingError, match=rf"{name} is missing; run: factcheck models pull$"):
        OnnxEncoder(spec(), folder).embed(["red"])


def test_a_damaged_card_is_named(folder: Path) -> None:
    (folder / "encoder.json").write_text("{}")

    with pytest.raises(ModelError, match=r"encoder.json is damaged; delete .* and run: factcheck models pull$"):
        OnnxEncoder(spec(), folder)


def test_open_encoder_opens_the_one_in_use(folder: Path, home: Path, tmp_path: Path) -> None:
    toml = tmp_path / "models.toml"
    toml.write_text(
        '[use]\nencoder = "e"\nverifier = "e"\nllm = "l"\n'
        '[models.e]\nrole = "encoder"\nsource = { kind = "path", path = "src" }\nlicence = "MIT"\n'
        '[models.l]\nrole = "llm"\nsource = { kind = "path", path = "l.gguf" }\nlicence = "MIT"\n'
    )
    with pytest.raises(ConfigError, match="'e' is a model for the role encoder, not verifier"):
        load_registry(toml)
    toml.write_text(
        toml.read_text().replace('verifier = "e"', 'verifier = "v"')
        + '[models.v]\nrole = "verifier"\nsource = { kind = "bundled", file = "v" }\nlicence = "MIT"\n'
    )
    (tmp_path / "src").mkdir()
    with pytest.raises(ModelMissingError) as caught:
        open_encoder(load_registry(toml))
    assert str(caught.value) == "e has not been downloaded yet; run: factcheck models pull e"
    shutil.copytree(folder, home / "e" / "onnx")

    encoder = open_encoder(load_registry(toml))

    assert (encoder.name, encoder.dimension) == ("e", DIMENSION)
    assert encoder.embed(["red"]).shape == (1, DIMENSION)


def test_batches_hold_each_position_once_within_the_budget() -> None:
    lengths = [3, 40, 8, 9, 17, 100, 1, 16, 8]

    batches = list(sorted_batches(lengths, max_tokens=48))

    assert batches == [[5], [1], [4, 7], [3, 2, 8], [0, 6]]
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))


def test_no_lengths_no_batches() -> None:
    assert list(sorted_batches([])) == []
