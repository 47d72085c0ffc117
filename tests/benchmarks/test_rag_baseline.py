from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks.rag_baseline import ask_all, format_figures, parse_answer
from factcheck.evaluation.dataset import Dataset, Form, Item
from factcheck.protocols import FloatArray
from factcheck.types import Label


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("SUPPORTED", Label.SUPPORTED),
        ("The claim is refuted, not SUPPORTED.", Label.REFUTED),
        ("Not enough information", Label.NOT_ENOUGH_INFO),
        ("**NOT_ENOUGH_INFO**", Label.NOT_ENOUGH_INFO),
        ("The evidence supports it.", Label.SUPPORTED),
        ("It is not supported.", None),
        ("Unsupported", None),
        ("Maybe", None),
    ],
)
def test_first_word_of_a_free_answer_counts(answer: str, label: Label | None) -> None:
    assert parse_answer(answer) is label


class FakeModel:
    name = "fake"
    fingerprint = ""
    device = "cpu"
    verdict_prompt, summary_prompt = "verdict", "summary"

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.questions: list[str] = []

    def load(self) -> None: ...

    def generate(self, system: str, user: str, *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        self.questions.append(user)
        yield from self.answers.pop(0)

    def next_token(self, prefix: str, suffix: str, answers: Sequence[str], adapter: Path | None = None) -> FloatArray:
        raise AssertionError("a plain RAG prompt reads text")

    def chat_prompt(self, turns: Sequence[tuple[str, str]]) -> str:
        raise AssertionError("generate makes the prompt")


def test_unreadable_answers_count_as_not_enough_info_and_are_reported() -> None:
    gold = [Label.SUPPORTED, Label.REFUTED, Label.REFUTED]
    items = tuple(
        Item(id=n, claim="A {x} is B.", label=label, evidence=("first", "second")) for n, label in enumerate(gold)
    )
    model = FakeModel(["SUPPORTED", "Hm.", "REFUTED"])
    outcomes, unreadable = ask_all(model, Dataset("p.jsonl", Form.PAIRS, items))
    assert "Evidence:\n- first\n- second\n\nClaim: A {x} is B.\n" in model.questions[0]
    assert [o.predicted for o in outcomes] == [Label.SUPPORTED, Label.NOT_ENOUGH_INFO, Label.REFUTED]
    assert format_figures(outcomes, unreadable, 6.0).splitlines() == [
        "accuracy           0.667  (95 % interval 0.208 to 0.939, n = 3)",
        "majority baseline  0.667",
        "ratio              1.00",
        "macro-F1           0.833",
        "unreadable         1  (counted as NOT_ENOUGH_INFO)",
        "seconds a claim    2.00",
    ]
