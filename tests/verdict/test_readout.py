"""A read-out belongs to one model and one prompt."""

from pathlib import Path

import numpy as np
import pytest

from factcheck.errors import ModelError
from factcheck.prompting import load_prompt
from factcheck.protocols import NextToken, Pair
from factcheck.verdict import llm_judge
from factcheck.verdict.llm_judge import LlmJudge
from factcheck.verdict.readout import Readout, find_readout, save_readout
from tests.fakes import FakeLanguageModel

WEIGHTS = np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]], dtype=np.float32)
READOUT = Readout("m" * 64, "p" * 64, WEIGHTS, np.array([0.0, 1.0, 0.0], dtype=np.float32))


class Hidden(FakeLanguageModel):
    """An LLM whose letters say A and whose hidden state says what the read-out makes of it."""

    fingerprint = READOUT.model

    def next_token(self, prefix: str, suffix: str, letters: object) -> NextToken:
        return NextToken(np.array([0.9, 0.05, 0.05], dtype=np.float32), np.array([0.0, 5.0], dtype=np.float32))


def test_it_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    save_readout(READOUT, tmp_path)
    found = find_readout(READOUT.model, READOUT.prompt, tmp_path)
    assert found is not None
    assert np.allclose(found.weights, WEIGHTS)
    assert found.probabilities(np.array([1.0, 0.0], dtype=np.float32)).argmax() == 0


@pytest.mark.parametrize(("model", "prompt"), [("x" * 64, "p" * 64), ("m" * 64, "x" * 64)])
def test_another_model_or_prompt_has_none(tmp_path: Path, model: str, prompt: str) -> None:
    save_readout(READOUT, tmp_path)
    assert find_readout(model, prompt, tmp_path) is None


def test_a_damaged_file_is_one_clear_error(tmp_path: Path) -> None:
    save_readout(READOUT, tmp_path).write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ModelError, match="is damaged; reinstall factcheck"):
        find_readout(READOUT.model, READOUT.prompt, tmp_path)


def test_the_judge_reads_the_hidden_state_where_it_can_and_the_letters_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pairs = [Pair("It snowed.", "Snow fell.")]
    prompt = load_prompt("verdict").fingerprint
    monkeypatch.setattr(llm_judge, "find_readout", lambda model, asked: READOUT if asked == prompt else None)
    trained = LlmJudge(Hidden())
    assert (trained.trained, trained.judge(pairs)[0].argmax()) == (True, 2)
    monkeypatch.setattr(llm_judge, "find_readout", lambda model, asked: None)
    generic = LlmJudge(Hidden())
    assert (generic.trained, generic.judge(pairs)[0].argmax()) == (False, 0)
