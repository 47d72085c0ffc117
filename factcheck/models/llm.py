"""Opens the LLM that models.toml selects."""

from __future__ import annotations

from factcheck.models.registry import Registry, load_registry
from factcheck.models.spec import ServerSource
from factcheck.protocols import LanguageModel


def open_llm(registry: Registry | None = None) -> LanguageModel:
    """Describe the selected LLM as a LanguageModel; it loads at its first call. Raises ConfigError."""
    spec = (registry or load_registry()).selected("llm")
    if isinstance(spec.source, ServerSource):
        from factcheck.models.server import ServerModel

        return ServerModel(spec, spec.source)
    from factcheck.models.llama import LlamaModel

    return LlamaModel(spec)
