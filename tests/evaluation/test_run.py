from collections.abc import Sequence

import pytest

from factcheck.checker import CheckOptions
from factcheck.errors import ModelError
from factcheck.evaluation.dataset import Dataset, Form, Gold, Item
from factcheck.evaluation.metrics import Outcome
from factcheck.evaluation.run import Run, gold_is_found, result_object, run_evaluation
from factcheck.types import Label, ModelNames
from tests.evaluation.fakes import FakeChecker, hit, outcomes


def pairs(n: int) -> Dataset:
    items = (Item(id=k, claim=f"claim {k}", label=Label.SUPPORTED, evidence=(f"text {k}", "more")) for k in range(n))
    return Dataset("pairs.jsonl", Form.PAIRS, tuple(items))


def test_pairs_are_judged_in_chunks_and_each_chunk_is_handed_on() -> None:
    checker = FakeChecker({f"claim {k}": (Label.SUPPORTED, 0.5 + k / 100) for k in range(40)})
    chunks: list[Sequence[Outcome]] = []
    run = run_evaluation(pairs(40), checker, CheckOptions(), on_outcomes=chunks.append)
    assert checker.calls == [("judge_texts", 32), ("judge_texts", 8)]
    assert checker.evidence[39] == ("text 39", "more")
    assert [len(chunk) for chunk in chunks] == [32, 8]
    assert run.outcomes == tuple(Outcome(k, Label.SUPPORTED, Label.SUPPORTED, 0.5 + k / 100) for k in range(40))


def test_outcomes_before_a_failure_are_handed_on() -> None:
    checker = FakeChecker({f"claim {k}": (Label.SUPPORTED, 0.5) for k in range(32)})

    def dying(items: object, options: CheckOptions) -> list[object]:
        raise ModelError("the model died")

    def note(outcomes: Sequence[Outcome]) -> None:
        seen.extend(outcomes)
        checker.judge_texts = dying  # type: ignore[method-assign, assignment]

    seen: list[Outcome] = []
    with pytest.raises(ModelError, match="the model died"):
        run_evaluation(pairs(40), checker, CheckOptions(), on_outcomes=note)
    assert [o.id for o in seen] == list(range(32))


def test_claims_are_checked_against_the_index_and_recall_leaves_out_items_without_gold() -> None:
    items = (
        Item(id=1, claim="found", label=Label.SUPPORTED, gold=(Gold(document="a.txt", contains="183  Drones"),)),
        Item(id=2, claim="sixth, llm", label=Label.REFUTED, gold=(Gold(document="a.txt"),)),
        Item(id=3, claim="no gold", label=Label.NOT_ENOUGH_INFO, gold=()),
    )
    checker = FakeChecker(
        {
            "found": (Label.SUPPORTED, 0.9),
            "sixth, llm": (Label.CONFLICTING, 0.6),
            "no gold": (Label.NOT_ENOUGH_INFO, 0.7),
        },
        {"found": [hit("They fired 183\ndrones.")], "sixth, llm": [hit("x", "b.txt")] * 5 + [hit("x")]},
    )
    run = run_evaluation(Dataset("c.jsonl", Form.CLAIMS, items), checker, CheckOptions(top_k=3))
    assert checker.calls == [("decide", 3), ("retrieve", 5)]
    assert run.found == (True, False)
    assert run.models == ModelNames(verifier="fake", llm="fake-llm")
    assert result_object(run, "auto")["retrieval_recall_at_5"] == 0.5


@pytest.mark.parametrize(
    ("gold", "found"),
    [
        ([Gold(document="a.txt")], True),
        ([Gold(document="A.txt")], False),
        ([Gold(document="a.txt", contains="nine\tDOGS")], True),
        ([Gold(document="b.txt", contains="nine dogs")], False),
        ([Gold(document="a.txt", contains="a cat")], False),
        ([Gold(document="a.txt", contains="ninedogs")], False),
        ([Gold(document="a.txt", contains="none"), Gold(document="b.txt", contains="cat")], True),
        ([], False),
    ],
)
def test_gold_needs_the_document_and_the_words_in_one_passage(gold: list[Gold], found: bool) -> None:
    assert gold_is_found(gold, [hit("There are nine\n dogs."), hit("A cat.", "b.txt")]) is found


def test_result_object_of_pairs_names_every_figure() -> None:
    run = Run(Form.PAIRS, tuple(outcomes("SSR", "SRC", [0.9, 0.6, 0.6])), 1.5, ModelNames(verifier="fake"))
    assert result_object(run, "fast") == {
        "n": 3,
        "accuracy": 0.333333,
        "macro_f1": 0.333333,
        "per_label": {
            "SUPPORTED": {"precision": 1.0, "recall": 0.5, "f1": 0.666667, "support": 2},
            "REFUTED": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1},
            "CONFLICTING": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0},
        },
        "confusion": {
            "SUPPORTED": {"SUPPORTED": 1, "REFUTED": 1, "CONFLICTING": 0, "NOT_ENOUGH_INFO": 0},
            "REFUTED": {"SUPPORTED": 0, "REFUTED": 0, "CONFLICTING": 1, "NOT_ENOUGH_INFO": 0},
        },
        "majority_baseline": 0.666667,
        "interval_95": [0.061492, 0.79234],
        "ece": 0.433333,
        "brier": 0.243333,
        "aurc": 0.388889,
        "seconds_per_claim": 0.5,
        "models": {"encoder": "", "verifier": "fake", "reviewer": "", "llm": "", "device": ""},
        "mode": "fast",
    }


def test_recall_is_null_where_no_claim_has_gold() -> None:
    run = Run(Form.CLAIMS, tuple(outcomes("N", "N")), 1.0, ModelNames())
    assert result_object(run, "fast")["retrieval_recall_at_5"] is None
