import numpy as np

from factcheck.protocols import FloatArray, Pair
from factcheck.verdict.llm_judge import LETTERS, LlmJudge
from tests.fakes import FakeLanguageModel


class _Recording(FakeLanguageModel):
    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str]] = []

    def next_token(self, prefix: str, suffix: str, letters: object) -> FloatArray:
        assert letters == LETTERS
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
