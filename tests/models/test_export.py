from __future__ import annotations

import json
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from factcheck.errors import ModelError
from factcheck.models import export
from factcheck.models.digest import file_digest, folder_digest
from factcheck.models.encoder import OnnxEncoder
from factcheck.models.export import EncoderCard, export_encoder, read_card, unit_rows
from factcheck.models.onnx import OnnxModel
from factcheck.models.spec import ModelSpec
from factcheck.protocols import FloatArray
from tests.models.tiny_onnx import write_tiny_export

# Makes a random two-layer BERT with the pooling named, exports it, and writes what sentence-transformers says of
# texts longer than the model takes, shorter and empty. In a child process: torch's imports warn.
_MAKE_AND_EXPORT = """
import json, sys
from pathlib import Path
import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizerFast
from factcheck.models.export import export_encoder

home, texts = Path(sys.argv[1]), json.loads(sys.argv[2])
torch.manual_seed(0)
letters = [chr(i) for i in range(33, 127)]
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *("##" + letter for letter in letters)]
(home / "vocab.txt").write_text("\\n".join(words))
bert = home / "bert"
BertTokenizerFast(vocab=str(home / "vocab.txt"), model_max_length=64).save_pretrained(bert)
shape = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
shape |= dict(vocab_size=len(words), max_position_embeddings=64, initializer_range=0.5)
BertModel(BertConfig(**shape)).save_pretrained(bert)
for pooling in ("mean", "cls"):
    parts = [Transformer(str(bert), max_seq_length=32), Pooling(16, pooling_mode=pooling)]
    model = SentenceTransformer(modules=parts + ([Normalize()] if pooling == "mean" else []), device="cpu")
    model.save(str(home / pooling))
    export_encoder(home / pooling, home / f"{pooling}-onnx")
    np.save(home / f"{pooling}.npy", model.encode(texts, normalize_embeddings=True))
"""

TEXTS = ["a", "", "two words", "the quick brown fox jumps", "longer than what the model takes " * 9, "Two WORDS!"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("export")
    command = [sys.executable, "-c", _MAKE_AND_EXPORT, str(home), json.dumps(TEXTS)]
    child = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    return home


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_an_export_says_what_sentence_transformers_says(made: Path, pooling: str) -> None:
    spec = ModelSpec.model_validate(
        {"name": "e", "role": "encoder", "source": {"kind": "path", "path": made / pooling}, "licence": "MIT"}
    )

    rows = OnnxEncoder(spec, made / f"{pooling}-onnx").embed(TEXTS)

    np.testing.assert_allclose(rows, np.load(made / f"{pooling}.npy"), atol=1e-4)


def test_the_card_describes_the_export(made: Path) -> None:
    folder = made / "mean-onnx"

    assert sorted(path.name for path in folder.iterdir()) == ["encoder.json", "model.onnx", "tokenizer.json"]
    assert read_card(folder) == EncoderCard(
        source_sha256=folder_digest(made / "mean")[0],
        dimension=16,
        max_length=32,
        pad_id=0,
        onnx_bytes=(folder / "model.onnx").stat().st_size,
        onnx_sha256=file_digest(folder / "model.onnx"),
        tokenizer_sha256=file_digest(folder / "tokenizer.json"),
    )


def test_an_export_that_disagrees_is_refused(tmp_path: Path) -> None:
    folder = write_tiny_export(tmp_path / "onnx")
    card = read_card(folder)
    model = export.open_export(folder, card)
    agreeing = unit_rows(model.run(export.PROBES))
    check(model, agreeing)
    turned = agreeing.copy()
    turned[7] = np.roll(turned[7], 1)

    with pytest.raises(ModelError, match=r"^the ONNX form of src disagrees with the original \(cosine -?0\.\d+\)"):
        check(model, turned)


def check(model: OnnxModel, expected: FloatArray) -> None:
    export._check_agreement(model, expected, Path("src"))


def test_a_folder_that_is_no_model_leaves_the_old_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = write_tiny_export(tmp_path / "onnx")
    before = file_digest(target / "model.onnx")

    def refuse(folder: Path) -> None:
        raise ModelError(f"{folder} is not a sentence-transformers model")

    monkeypatch.setattr(export, "_load", refuse)
    monkeypatch.setattr(export, "_quiet", nullcontext)  # it imports transformers
    with pytest.raises(ModelError, match="is not a sentence-transformers model"):
        export_encoder(tmp_path / "source", target)

    assert file_digest(target / "model.onnx") == before


def test_zero_rows_stay_zero() -> None:
    np.testing.assert_array_equal(
        unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)),
        np.array([[0.6, 0.8], [0.0, 0.0]], dtype=np.float32),
    )
