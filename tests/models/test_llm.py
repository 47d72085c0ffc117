from pathlib import Path

import pytest

from factcheck.models.llama import LlamaModel
from factcheck.models.llm import open_llm
from factcheck.models.registry import Registry
from factcheck.models.server import ServerModel
from factcheck.models.spec import ModelSpec


def registry_with(source: dict[str, str]) -> Registry:
    spec = ModelSpec.model_validate({"name": "mine", "role": "llm", "source": source, "licence": "MIT"})
    use = {"encoder": "mine", "verifier": "mine", "llm": "mine"}
    return Registry.model_validate({"path": Path("models.toml"), "use": use, "models": {"mine": spec}})


@pytest.mark.parametrize(
    ("source", "kind", "device"),
    [
        ({"kind": "path", "path": "/models/mine.gguf"}, LlamaModel, "cpu"),
        ({"kind": "server", "url": "http://localhost:1/v1", "model": "m"}, ServerModel, "server http://localhost:1/v1"),
    ],
)
def test_the_source_decides_what_runs_the_model(source: dict[str, str], kind: type, device: str) -> None:
    llm = open_llm(registry_with(source))
    assert (type(llm), llm.name, llm.device) == (kind, "mine", device)
