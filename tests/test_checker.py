"""The chain over fakes: what each step hands to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from factcheck.checker import CheckOptions, FactChecker
from factcheck.errors import ModelError
from factcheck.protocols import FloatArray, Pair
from factcheck.settings import Mode
from factcheck.types import Cause, Claim, Hit, Label, Stance, SummaryOrigin
from tests.fakes import NEUTRAL, REFUTES, SUPPORTS, FailingJudge, FakeJudge, FakeLanguageModel, make_passage


class FakeSearcher:
    """Finds the same hits for every claim and remembers what it was asked."""

    def __init__(self, *texts: str) -> None:
        self.hits = [
            Hit(passage=make_passage(text, document=f"{n}.txt"), score=1.0, similarity=0.7)
            for n, text in enumerate(texts)
        ]
        self.asked: list[tuple[tuple[str, ...], int, str | None, date | None]] = []

    def search_many(
        self, texts: Sequence[str], top_k: int, *, source: str | None = None, as_of: date | None = None
    ) -> list[list[Hit]]:
        self.asked.append((tuple(texts), top_k, source, as_of))
        return [self.hits[:top_k] for _ in texts]


class LetterModel(FakeLanguageModel):
    """An LLM whose letters are given."""

    def __init__(self, letters: tuple[float, float, float]) -> None:
        super().__init__()
        self.letters = letters
        self.asked = 0

    def next_token(self, prefix: str, suffix: str, answers: Sequence[str], adapter: Path | None = None) -> FloatArray:
        self.asked += 1
        return np.array(self.letters, dtype=np.float32)


def _checker(
    stance: Callable[[Pair], Sequence[float]],
    *texts: str,
    llm: FakeLanguageModel | None = None,
    reviewer: FakeJudge | None = None,
) -> tuple[FactChecker, FakeSearcher]:
    searcher = FakeSearcher(*texts)
    checker = FactChecker(
        FakeJudge(stance),
        searcher=searcher,  # type: ignore[arg-type]
        encoder_name="fake-encoder",
        reviewer=reviewer,
        llm=llm,
    )
    return checker, searcher


def test_a_supported_claim_cites_the_passage_that_supports_it() -> None:
    checker, _ = _checker(
        lambda pair: SUPPORTS if "signed" in pair.premise else NEUTRAL, "Snow fell.", "Both sides signed the accord."
    )
    (report,) = checker.decide([Claim(text="Both sides signed the accord")], CheckOptions(mode=Mode.FAST))
    assert report.verdict.label is Label.SUPPORTED
    assert [(e.passage.document.name, e.quote) for e in report.verdict.evidence] == [
        ("1.txt", "Both sides signed the accord.")
    ]
    assert report.models.encoder == "fake-encoder"
    assert report.models.llm == ""


def test_a_contradicted_number_refutes_and_says_why() -> None:
    checker, _ = _checker(lambda pair: REFUTES, "The storm damaged 23 houses.")
    (report,) = checker.decide([Claim(text="The storm damaged 40 houses.")], CheckOptions(mode=Mode.FAST))
    assert report.verdict.label is Label.REFUTED
    (evidence,) = report.verdict.evidence
    assert evidence.stance is Stance.REFUTES
    assert any("40" in reason and "23" in reason for reason in evidence.reasons)


def test_a_question_is_not_searched_for() -> None:
    checker, searcher = _checker(lambda pair: SUPPORTS, "Snow fell.")
    reports = checker.decide([Claim(text="Did snow fall?"), Claim(text="Snow fell.")])
    assert [r.verdict.cause for r in reports] == [Cause.NOT_CHECKABLE, None]
    assert searcher.asked == [(("Snow fell.",), 8, None, None)]
    assert reports[0].verdict.notes == ("This is a question, which no source can prove or disprove.",)


def test_an_empty_search_is_no_passages() -> None:
    checker, _ = _checker(lambda pair: SUPPORTS)
    (report,) = checker.decide([Claim(text="Snow fell.")])
    assert report.verdict.cause is Cause.NO_PASSAGES


def test_no_claims_give_no_reports() -> None:
    checker, _ = _checker(lambda pair: SUPPORTS, "Snow fell.")
    assert checker.decide([]) == []


def test_options_reach_the_search_and_dates_group_the_claims() -> None:
    checker, searcher = _checker(lambda pair: NEUTRAL, "a b", "c d")
    day = date(2026, 2, 5)
    checker.decide(
        [Claim(text="one thing"), Claim(text="two things", as_of=day), Claim(text="three things")],
        CheckOptions(top_k=1, source="*.txt", mode=Mode.FAST),
    )
    assert sorted(searcher.asked, key=lambda call: len(call[0])) == [
        (("two things",), 1, "*.txt", day),
        (("one thing", "three things"), 1, "*.txt", None),
    ]


def test_the_llm_is_asked_only_where_the_mode_and_the_doubt_say_so() -> None:
    asked = {}
    for mode in Mode:
        for name, stance in (("sure", (0.99, 0.005, 0.005)), ("unsure", (0.34, 0.33, 0.33))):
            llm = LetterModel((0.9, 0.05, 0.05))
            checker, _ = _checker(lambda pair, s=stance: s, "Snow fell.", llm=llm)  # type: ignore[misc]
            checker.decide([Claim(text="Snow fell there.")], CheckOptions(mode=mode))
            asked[mode.value, name] = llm.asked
    assert asked == {
        ("fast", "sure"): 0,
        ("fast", "unsure"): 0,
        ("auto", "sure"): 0,
        ("auto", "unsure"): 1,
        ("thorough", "sure"): 1,
        ("thorough", "unsure"): 1,
    }


def test_an_llm_that_the_calibration_was_not_made_for_is_told_to_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    for known in (True, False):
        llm = LetterModel((0.9, 0.05, 0.05))
        adapter = Path("adapter.gguf") if known else None
        monkeypatch.setattr("factcheck.verdict.llm_judge.find_adapter", lambda *_, found=adapter: found)
        checker, _ = _checker(lambda pair: (0.34, 0.33, 0.33), "Snow fell.", llm=llm)
        (asked,) = checker.decide([Claim(text="Snow fell there.")], CheckOptions(mode=Mode.THOROUGH))
        (unasked,) = checker.decide([Claim(text="Snow fell there.")], CheckOptions(mode=Mode.FAST))
        told = [note for note in asked.verdict.notes if "made for another language model" in note]
        assert len(told) == (0 if known else 1)
        assert not unasked.verdict.notes


@pytest.mark.parametrize(("in_bulk", "read"), [(False, 4), (True, 0)])
def test_fast_asks_the_reviewer_about_every_window_but_less_often_in_bulk(in_bulk: bool, read: int) -> None:
    reviewer = FakeJudge(lambda pair: NEUTRAL)
    texts = [f"{name} signed the accord." for name in ("Ann", "Bo", "Cy", "Di")]
    checker, _ = _checker(lambda pair: (0.5, 0.3, 0.2), *texts, reviewer=reviewer)
    options = CheckOptions(mode=Mode.FAST, in_bulk=in_bulk)
    (report,) = checker.decide([Claim(text="Both sides signed the accord")], options)
    assert len(reviewer.pairs) == read
    assert bool(report.models.reviewer) is bool(read)


def test_given_texts_are_judged_without_an_index() -> None:
    checker = FactChecker(FakeJudge(lambda pair: REFUTES))
    reports = checker.judge_texts([(Claim(text="Snow fell."), ["It was dry."]), (Claim(text="Snow fell."), [])])
    assert [r.verdict.label for r in reports] == [Label.REFUTED, Label.NOT_ENOUGH_INFO]
    assert reports[1].verdict.cause is Cause.NO_PASSAGES


def test_a_summary_without_an_llm_quotes_the_sources() -> None:
    checker, _ = _checker(lambda pair: SUPPORTS, "Snow fell in Kyiv.")
    (report,) = checker.decide([Claim(text="Snow fell in Kyiv")], CheckOptions(mode=Mode.FAST))
    seen: list[str] = []
    finished = checker.summarise(report, lambda sentence: seen.append(sentence.text))
    assert finished.summary_origin is SummaryOrigin.EXTRACTIVE
    assert [s.text for s in finished.summary] == seen != []
    assert "Snow fell in Kyiv" in finished.summary[0].text


def test_a_failing_llm_leaves_verdict_and_quotes_and_says_so() -> None:
    dead = FakeLanguageModel([ModelError("no such file")])
    checker, _ = _checker(lambda pair: SUPPORTS, "Snow fell in Kyiv.", llm=dead)
    (report,) = checker.decide([Claim(text="Snow fell in Kyiv")], CheckOptions(mode=Mode.FAST))
    finished = checker.summarise(report)
    assert (finished.verdict, finished.summary_origin) == (report.verdict, SummaryOrigin.EXTRACTIVE)
    assert finished.trouble == ("the language model failed: no such file",)
    assert finished.models.llm == ""


def test_a_sentence_of_a_summary_that_the_reviewer_finds_unsupported_is_not_printed() -> None:
    for stance, origin in ((SUPPORTS, SummaryOrigin.LLM), (NEUTRAL, SummaryOrigin.EXTRACTIVE)):
        llm, reviewer = FakeLanguageModel(["The accord was signed by both [1]."]), FakeJudge(lambda pair, s=stance: s)  # type: ignore[misc]
        checker, _ = _checker(
            lambda pair: (0.7, 0.15, 0.15), "Both sides signed the accord.", llm=llm, reviewer=reviewer
        )
        checked = checker.decide([Claim(text="Both sides signed the accord")], CheckOptions(mode=Mode.FAST))
        report = checker.summarise(checked[0])
        assert (report.summary_origin, report.models.reviewer) == (origin, "fake-judge")
        assert Pair("The accord was signed by both.", "Both sides signed the accord.") in reviewer.pairs


def test_a_summary_says_that_the_reviewer_failed() -> None:
    llm = FakeLanguageModel(["The accord was signed by both [1]."])
    checker, _ = _checker(lambda pair: SUPPORTS, "Both sides signed the accord.", llm=llm, reviewer=FailingJudge())
    report = checker.summarise(checker.decide([Claim(text="Both sides signed the accord")])[0])
    assert (report.summary_origin, report.models.reviewer) == (SummaryOrigin.LLM, "")
    assert report.trouble == ("the reviewer failed: the file is gone",)


class SeveralTexts(FakeLanguageModel):
    """A writer of several texts; `open` tells how many were in work whenever one began."""

    width = 2

    def __init__(self, *answers: list[str | BaseException]) -> None:
        super().__init__(*answers)
        self.open: list[int] = []

    def together(self) -> SeveralTexts:
        return self

    def generate(self, system: str, user: str, *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        self.open.append(len(self.prompts) - self.closed)
        return super().generate(system, user, max_tokens=max_tokens, stop=stop)


def test_several_summaries_are_written_at_once_where_the_llm_can() -> None:
    text: list[str | BaseException] = ["Snow ", "fell in Kyiv [1]."]
    for llm, in_work in ((FakeLanguageModel(text, text, text), []), (SeveralTexts(text, text, text), [0, 1, 0])):
        checker, _ = _checker(lambda pair: SUPPORTS, "Snow fell in Kyiv.", llm=llm)
        claims = [Claim(text=f"Snow fell in Kyiv on day {n}") for n in range(3)]
        reports = checker.decide(claims, CheckOptions(mode=Mode.FAST))
        finished = list(checker.summarise_many(iter(reports)))
        assert [f.claim for f in finished] == claims
        assert [[s.text for s in f.summary] for f in finished] == [["Snow fell in Kyiv."]] * 3
        assert all(f.models.llm == "fake-llm" and f.timings_ms["summarise"] > 0 for f in finished)
        assert getattr(llm, "open", []) == in_work


def test_an_llm_that_fails_while_it_writes_several_leaves_their_verdicts_and_quotes() -> None:
    dead = SeveralTexts([ModelError("died")], [ModelError("died")])
    checker, _ = _checker(lambda pair: SUPPORTS, "Snow fell in Kyiv.", llm=dead)
    reports = checker.decide([Claim(text="Snow fell in Kyiv")] * 2, CheckOptions(mode=Mode.FAST))
    for report, finished in zip(reports, checker.summarise_many(reports), strict=True):
        assert (finished.verdict, finished.summary_origin) == (report.verdict, SummaryOrigin.EXTRACTIVE)
        assert finished.trouble == ("the language model failed: died",)


def test_a_second_opinion_that_fails_leaves_the_first() -> None:
    class Dead(LetterModel):
        def next_token(
            self, prefix: str, suffix: str, answers: Sequence[str], adapter: Path | None = None
        ) -> FloatArray:
            raise ModelError("no such file")

    claims = [Claim(text="Snow fell in Kyiv")]
    opinions = []
    for llm, mode in ((Dead((1, 0, 0)), Mode.THOROUGH), (None, Mode.FAST)):
        checker, _ = _checker(lambda pair: SUPPORTS, "Snow fell in Kyiv.", llm=llm)
        opinions += checker.decide(claims, CheckOptions(mode=mode))
    assert opinions[0].verdict == opinions[1].verdict
    assert [o.trouble for o in opinions] == [("the language model failed: no such file",), ()]
