from pathlib import Path

import numpy as np
import pytest

from factcheck.prompting import load_prompt
from factcheck.protocols import FloatArray, Pair
from factcheck.verdict import llm_judge
from factcheck.verdict.llm_judge import LETTERS, LlmJudge, find_adapter
from tests.fakes import FakeLanguageModel


class _Recording(FakeLanguageModel):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str]] = []
        self.adapters: list[Path | None] = []

    def next_token(self, prefix: str, suffix: str, letters: object, adapter: Path | None = None) -> FloatArray:
        assert letters == LETTERS
        self.calls.append((prefix, suffix))
        self.adapters.append(adapter)
        return np.array([0.7, 0.2, 0.1], dtype=np.float32)


def test_the_prefix_is_the_same_for_all_pairs_and_holds_no_part_of_any() -> None:
    llm = _Recording()
    rows = LlmJudge(llm).judge([Pair("The sky is green.", "It is blue."), Pair("Snow fell.", "It snowed.")])
    assert rows.shape == (2, 3)
    (first, one), (second, two) = llm.calls
    assert first == second != ""
    assert "sky" not in first
    assert "It is blue." in one and "The sky is green." in one
    assert "It snowed." in two


def test_no_pairs_need_no_model() -> None:
    assert LlmJudge(_Recording()).judge([]).shape == (0, 3)


def test_a_dollar_sign_in_untrusted_text_is_not_a_placeholder() -> None:
    llm = _Recording()
    LlmJudge(llm).judge([Pair("It cost $5 and $claim.", "$evidence ${x}")])
    assert "It cost $5 and $claim." in llm.calls[0][1]


def test_an_adapter_belongs_to_one_model_and_one_prompt(tmp_path: Path) -> None:
    path = tmp_path / f"adapter-{'m' * 16}-{'p' * 16}.gguf"
    path.touch()
    assert find_adapter("m" * 64, "p" * 64, tmp_path) == path
    assert find_adapter("x" * 64, "p" * 64, tmp_path) is None
    assert find_adapter("m" * 64, "x" * 64, tmp_path) is None


def test_the_judge_asks_with_the_adapter_of_its_model_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Path("mine.gguf")
    own = (_Recording().fingerprint, load_prompt("verdict").fingerprint)
    for found in (mine, None):
        monkeypatch.setattr(llm_judge, "find_adapter", lambda *asked, found=found: found if asked == own else Path("x"))
        llm = _Recording()
        judge = LlmJudge(llm)
        judge.judge([Pair("It snowed.", "Snow fell.")])
        assert (judge.trained, llm.adapters) == (found is not None, [found])
