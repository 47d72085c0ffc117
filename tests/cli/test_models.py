from __future__ import annotations

import json
from pathlib import Path

import pytest

from factcheck.cli.main import main
from factcheck.cli.models import _LineProgress
from factcheck.models import download, wheels
from tests.models.fakes import WHOLE, FakeIndex, llm_spec

TOML = f"""\
[use]
encoder = "enc"
verifier = "ver"
llm = "tiny"

[models.tiny]
role = "llm"
source = {{ kind = "wheels", package = "part{{n}}", version = "1.0", parts = 4, member = "part{{n}}/data.bin" }}
licence = "MIT"
size = {len(WHOLE)}
sha256 = "{llm_spec().sha256}"

[models.local]
role = "llm"
source = {{ kind = "server", url = "http://localhost:8080/v1", model = "m" }}
licence = "Apache-2.0"

[models.enc]
role = "encoder"
source = {{ kind = "path", path = "enc" }}
licence = "MIT"

[models.ver]
role = "verifier"
source = {{ kind = "bundled", file = "__init__.py" }}
licence = "Apache-2.0"
"""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeIndex:
    """A models.toml, an empty models folder, and a package index for `pull`."""
    fake = FakeIndex(tmp_path / "index")
    fake.add_parts()
    (tmp_path / "models.toml").write_text(TOML)
    monkeypatch.setenv("FACTCHECK_MODELS_TOML", str(tmp_path / "models.toml"))
    monkeypatch.setenv("FACTCHECK_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv("FACTCHECK_LLM", raising=False)
    monkeypatch.delenv("FACTCHECK_ENCODER", raising=False)
    monkeypatch.setattr(wheels, "_POLL_SECONDS", 0.01)
    real = download.pull
    monkeypatch.setattr(download, "pull", lambda spec, *, progress: real(spec, progress=progress, pip=fake.pip))
    return fake


def test_list_prints_a_line_a_model(index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0

    assert capsys.readouterr().out == (
        "tiny\tllm\t0 MB\tMIT\tnot here\tin use\n"
        "local\tllm\t-\tApache-2.0\tpresent\t\n"
        "enc\tencoder\t-\tMIT\tnot here\tin use\n"
        "ver\tverifier\t-\tApache-2.0\tpresent\tin use\n"
    )


def test_list_as_json(index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--json"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert json.loads(lines[0]) == {
        "name": "tiny",
        "role": "llm",
        "size": len(WHOLE),
        "licence": "MIT",
        "source": "wheels",
        "present": False,
        "in_use": True,
    }


def test_pull_then_verify(index: FakeIndex, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "models" / "tiny" / "model.gguf"

    assert main(["models", "pull", "tiny"]) == 0
    pulled = capsys.readouterr()
    assert main(["models", "verify", "tiny"]) == 0

    assert pulled.out == ""
    assert pulled.err.endswith(f"(100 %)\ntiny: ready in {path}\n")
    assert path.read_bytes() == WHOLE
    assert capsys.readouterr().out == "tiny\tok\n"


def test_pull_without_network_fails_in_one_line(index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    index.go_offline("ERROR: No matching distribution found for part1==1.0\n")

    assert main(["models", "pull", "tiny"]) == 2

    assert capsys.readouterr().err.splitlines()[-1] == (
        "factcheck: pip could not fetch part1==1.0 (No matching distribution found for part1==1.0); "
        "check the network and pip's settings, then run it again: what is fetched is kept"
    )


def test_verify_says_every_failure_and_exits_2(
    index: FakeIndex, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "models" / "tiny" / "model.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * len(WHOLE))

    assert main(["models", "verify"]) == 2

    output = capsys.readouterr()
    assert output.out == "ver\tok\n"
    assert output.err.splitlines() == [
        f"factcheck: enc: {tmp_path / 'enc'} does not exist; correct its path in models.toml",
        f"factcheck: tiny: the hash of {path} is not the one in models.toml; "
        "delete it and run: factcheck models pull tiny",
    ]


def test_use_changes_what_is_in_use(index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "use", "local"]) == 0
    assert capsys.readouterr().err == "llm: local\n"

    main(["models", "list"])

    assert "local\tllm\t-\tApache-2.0\tpresent\tin use\n" in capsys.readouterr().out


def test_use_tells_what_must_be_done_next(index: FakeIndex, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "use", "enc"]) == 0

    assert capsys.readouterr().err.splitlines() == [
        "encoder: enc",
        "enc is not here yet; run: factcheck models pull",
        "an index belongs to the encoder that built it; run: factcheck index build",
    ]


@pytest.mark.parametrize("command", ["pull", "verify", "use"])
def test_an_unknown_name_is_one_line(
    index: FakeIndex, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert main(["models", command, "tinny"]) == 2

    toml = tmp_path / "models.toml"
    assert capsys.readouterr().err == (f"factcheck: {toml}: there is no model 'tinny'; did you mean 'tiny'?\n")


def test_a_corrupt_models_toml_is_one_line(
    index: FakeIndex, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = tmp_path / "models.toml"
    toml.write_text(TOML.replace("licence", "lisence", 1))

    assert main(["models", "list"]) == 2

    assert capsys.readouterr().err == (
        f"factcheck: {toml}: [models.tiny] lisence: unknown key; did you mean 'licence'?\n"
    )


def test_progress_in_a_log_is_a_line_a_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    progress = _LineProgress()

    for done in range(0, 2_000_001, 20_000):
        progress("m", done, 2_000_000)
    progress("m: converting", 0, None)
    progress("m: converting", 0, None)

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 12
    assert [lines[0], lines[5], *lines[-2:]] == [
        "m 0 of 2 MB (0 %)",
        "m 1 of 2 MB (50 %)",
        "m 2 of 2 MB (100 %)",
        "m: converting",
    ]
