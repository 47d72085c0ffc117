from pathlib import Path

import numpy as np
import pytest

from factcheck.errors import ConfigError
from factcheck.models.download import is_present
from factcheck.models.llama import LlamaModel
from factcheck.models.registry import load_registry
from factcheck.prompting import load_prompt
from factcheck.protocols import FloatArray, Pair
from factcheck.verdict.llm_judge import WEIGHTS, LlmJudge, find_adapter
from tests.fakes import FakeLanguageModel

DEFAULT = "qwen2.5-coder-1.5b"


class _Recording(FakeLanguageModel):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str]] = []
        self.adapters: list[Path | None] = []

    def next_token(self, prefix: str, suffix: str, answers: object, adapter: Path | None = None) -> FloatArray:
        assert answers == ("A", "B", "C")
        self.adapters.append(adapter)
        self.calls.append((prefix, suffix))
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


def test_every_example_gives_one_of_the_answers() -> None:
    prompt = load_prompt("verdict")
    assert {shot["answer"] for shot in prompt.shots} == set(prompt.answers)


def test_an_adapter_belongs_to_its_model_and_its_prompt(tmp_path: Path) -> None:
    file = tmp_path / f"llm-{'a' * 16}-{'b' * 16}.gguf"
    file.touch()
    assert find_adapter("a" * 64, "b" * 64, tmp_path) == file
    assert find_adapter("a" * 64, "c" * 64, tmp_path) is None
    assert find_adapter("c" * 64, "b" * 64, tmp_path) is None


@pytest.mark.parametrize("tuned", [False, True])
def test_an_llm_is_asked_with_its_adapter_if_there_is_one(tuned: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = WEIGHTS / "llm.gguf" if tuned else None
    monkeypatch.setattr("factcheck.verdict.llm_judge.find_adapter", lambda *_: adapter)
    llm = _Recording()
    judge = LlmJudge(llm)
    judge.judge([Pair("Snow fell.", "It snowed.")])
    assert (judge.tuned, llm.adapters) == (tuned, [adapter])


@pytest.mark.parametrize("answers", ["", 'answers = ["yes", "no"]', 'answers = ["yes", "no", ""]'])
def test_a_prompt_without_three_answers_cannot_be_used(
    answers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.toml").write_text(f'version = 1\nsystem = "s"\nuser = "$claim"\n{answers}\n', encoding="utf-8")
    monkeypatch.setattr("factcheck.prompting.resource", lambda _: tmp_path)
    llm = _Recording()
    llm.verdict_prompt = "own"
    with pytest.raises(ConfigError, match="three answers"):
        LlmJudge(llm)


def test_the_default_llm_is_tuned_for_its_prompt() -> None:
    spec = load_registry().get(DEFAULT)
    assert LlmJudge(LlamaModel(spec)).tuned


@pytest.mark.models
def test_the_tuned_llm_knows_roles_and_silence_and_writes_as_before() -> None:
    spec = load_registry().get(DEFAULT)
    if not is_present(spec):
        pytest.skip(f"{DEFAULT} is not here: run `factcheck models pull`")
    llm = LlamaModel(spec)

    def written() -> str:
        return "".join(llm.generate("Answer in one word.", "What is the capital of France?", max_tokens=6))

    before = written()
    premise = "Marta Oliveira won the mayoral race with 54% of the vote, beating the incumbent, Paul Renner."
    claims = ("Oliveira defeated Renner.", "Renner defeated Oliveira.", "Oliveira has two children.")
    rows = LlmJudge(llm).judge([Pair(claim, premise) for claim in claims])
    assert rows.argmax(axis=1).tolist() == [0, 1, 2]
    assert (before, written()) == ("Paris", "Paris")
