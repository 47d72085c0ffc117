from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from factcheck.errors import ModelError
from factcheck.protocols import FloatArray, Pair
from factcheck.settings import Mode
from factcheck.types import Claim, Stance
from factcheck.verdict.aggregate import Judged, LabelScores
from factcheck.verdict.fusion import parameters
from factcheck.verdict.panel import (
    ASKING,
    LLM_PREMISES,
    Asking,
    Heard,
    Panel,
    strongest_quotes,
    uncalibrated,
    with_opinion,
)
from factcheck.verdict.windows import Window
from tests.fakes import NEUTRAL, FailingJudge, FakeJudge, FakeLanguageModel, make_passage

P = parameters().retrieved
CLAIM = Claim(text="Snow fell")
UNSURE = LabelScores(0.4, 0.3, 0.0, 0.3)
SURE = LabelScores(0.95, 0.02, 0.0, 0.03)
CERTAIN = (0.0, 1.0, 0.0)
LIKELY = LabelScores(0.6, 0.2, 0.0, 0.2)
# Who is asked: the reviewer, the LLM.
ASKED = pytest.mark.parametrize(
    ("mode", "scores", "asked"),
    [
        (Mode.FAST, UNSURE, (True, False)),
        (Mode.FAST, LIKELY, (True, False)),
        (Mode.FAST, SURE, (False, False)),
        (Mode.AUTO, SURE, (False, False)),
        (Mode.AUTO, LIKELY, (True, True)),
        (Mode.THOROUGH, SURE, (True, True)),
    ],
)


class Letters(FakeLanguageModel):
    """An LLM that says REFUTED, and counts how often it is asked."""

    asked = 0

    def next_token(self, prefix: str, suffix: str, answers: Sequence[str], adapter: Path | None = None) -> FloatArray:
        self.asked += 1
        return np.array(CERTAIN, dtype=np.float32)


def _window(text: str) -> tuple[Window, Judged]:
    passage = make_passage(text)
    return Window(0, passage, 0, len(text), 0, text, 1.0), Judged(passage, 0, len(text), 0.4, 0.3, 1.0, ("why",))


SNOWED, RAINED = _window("It snowed."), _window("It rained.")
WINDOWS, JUDGED = [[SNOWED[0], RAINED[0]], [RAINED[0]]], [[SNOWED[1], RAINED[1]], [RAINED[1]]]
CLAIMS = [CLAIM, Claim(text="Rain fell")]


@ASKED
def test_the_reviewer_reads_every_window_where_the_mode_wants_it(
    mode: Mode, scores: LabelScores, asked: tuple[bool, bool]
) -> None:
    judge = FakeJudge(lambda pair: CERTAIN if pair.premise == "It rained." else NEUTRAL)
    judged, heard = Panel(judge, None).review(CLAIMS, WINDOWS, JUDGED, scores, ASKING[mode], P)
    assert heard == Heard(reviewer=asked[0])
    if not asked[0]:
        assert judged == JUDGED and not judge.pairs
        return
    read = [Pair("Snow fell", "It snowed."), Pair("Snow fell", "It rained."), Pair("Rain fell", "It rained.")]
    assert judge.pairs == read
    assert [[item.stance for item in own] for own in judged] == [[Stance.NEUTRAL, Stance.REFUTES], [Stance.REFUTES]]
    assert judged[0][0].reasons == ("why",)


def test_the_reviewer_reads_the_most_decided_windows_only() -> None:
    judge = FakeJudge(lambda pair: CERTAIN)
    sure = _window("It hailed.")
    decided = replace(sure[1], supports=0.9, refutes=0.05)
    windows, judged = [[SNOWED[0], sure[0], RAINED[0]]], [[SNOWED[1], decided, RAINED[1]]]
    ((first, read, last),), _ = Panel(judge, None).review([CLAIM], windows, judged, UNSURE, Asking(1.0, 0.0, 1), P)
    assert [pair.premise for pair in judge.pairs] == ["It hailed."]
    assert (first, last) == (SNOWED[1], RAINED[1])
    assert read.stance is Stance.REFUTES


def test_without_a_reviewer_or_a_window_the_first_opinions_stand() -> None:
    assert Panel(None, None).review(CLAIMS, WINDOWS, JUDGED, UNSURE, ASKING[Mode.THOROUGH], P) == (JUDGED, Heard())
    assert Panel(FailingJudge(), None).review([CLAIM], [[]], [[]], UNSURE, ASKING[Mode.THOROUGH], P) == ([[]], Heard())


def test_a_reviewer_that_fails_is_named_and_the_first_opinions_stand() -> None:
    judged, heard = Panel(FailingJudge(), None).review(CLAIMS, WINDOWS, JUDGED, UNSURE, ASKING[Mode.AUTO], P)
    assert (judged, heard) == (JUDGED, Heard(trouble=("the reviewer failed: the file is gone",)))


@ASKED
@pytest.mark.parametrize("tuned", [False, True])
def test_the_llm_is_asked_where_the_mode_wants_it(
    mode: Mode, scores: LabelScores, asked: tuple[bool, bool], tuned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factcheck.verdict.llm_judge.find_adapter", lambda *_: Path("a.gguf") if tuned else None)
    for reviewed in (False, True):
        weights = {
            (False, False): P.untuned,
            (False, True): P.untuned_after_reviewer,
            (True, False): P.llm,
            (True, True): P.llm_after_reviewer,
        }[tuned, reviewed]
        llm, before = Letters(), Heard(reviewer=reviewed)
        after, heard = Panel(None, llm).hear_llm(CLAIM, scores, ["It snowed."], ASKING[mode], before, P)
        told = (uncalibrated(llm.name),) if asked[1] and not tuned else ()
        assert (llm.asked, heard) == (int(asked[1]), Heard(reviewed, asked[1], notes=told))
        expected = with_opinion(scores, np.array(CERTAIN, dtype=np.float32), weights) if asked[1] else scores
        assert after == expected


def test_the_llm_is_not_asked_without_a_passage() -> None:
    assert Panel(None, Letters()).hear_llm(CLAIM, UNSURE, [""], ASKING[Mode.THOROUGH], Heard(), P) == (UNSURE, Heard())


@pytest.mark.parametrize("tuned", [False, True])
def test_an_llm_that_is_tuned_reads_several_texts_alone_and_the_loudest_counts(
    tuned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("factcheck.verdict.llm_judge.find_adapter", lambda *_: Path("a.gguf") if tuned else None)

    class Reader(FakeLanguageModel):
        """Says REFUTED of what tells of rain, else nothing."""

        def __init__(self) -> None:
            super().__init__()
            self.read: list[str] = []

        def next_token(
            self, prefix: str, suffix: str, answers: Sequence[str], adapter: Path | None = None
        ) -> FloatArray:
            self.read.append(suffix)
            return np.array((0.1, 0.8, 0.1) if "rained" in suffix else (0.1, 0.0, 0.9), dtype=np.float32)

    llm, texts = Reader(), [f"It snowed {n} times." for n in range(LLM_PREMISES - 1)] + ["It rained.", "It hailed."]
    scores, heard = Panel(None, llm).hear_llm(CLAIM, UNSURE, texts, ASKING[Mode.THOROUGH], Heard(), P)
    assert heard.llm
    assert len(llm.read) == (LLM_PREMISES if tuned else 1)
    assert not any("hailed" in text for text in llm.read) if tuned else "hailed" in llm.read[0]
    assert scores.refuted > max(scores.supported, scores.silent)


@pytest.mark.parametrize(("multiple", "asked"), [(0.0, False), (1.0, True)])
def test_the_llm_is_not_asked_where_its_opinion_weighs_nothing(multiple: float, asked: bool) -> None:
    llm, p = Letters(), P.with_llm(1.0, multiple)
    heard = Panel(None, llm).hear_llm(CLAIM, UNSURE, ["It snowed."], ASKING[Mode.THOROUGH], Heard(), p)[1]
    assert (heard.llm, llm.asked) == (asked, int(asked))


def test_an_llm_that_fails_adds_to_the_trouble() -> None:
    class Broken(FakeLanguageModel):
        def next_token(
            self, prefix: str, suffix: str, answers: Sequence[str], adapter: Path | None = None
        ) -> FloatArray:
            raise ModelError("died")

    scores, heard = Panel(None, Broken()).hear_llm(
        CLAIM, UNSURE, ["It snowed."], ASKING[Mode.AUTO], Heard(trouble=("first",)), P
    )
    assert (scores, heard) == (UNSURE, Heard(trouble=("first", "the language model failed: died")))


def test_the_share_of_conflict_is_kept() -> None:
    opinion = np.array([0.9, 0.05, 0.05], dtype=np.float32)
    scores = with_opinion(LabelScores(0.3, 0.2, 0.4, 0.1), opinion, P.llm)
    assert scores.conflicting == 0.4
    assert abs(scores.supported + scores.refuted + scores.silent - 0.6) < 1e-6
    assert with_opinion(LabelScores(0, 0, 1.0, 0), opinion, P.llm).conflicting == 1.0


def test_the_llm_reads_the_most_decided_windows_and_each_quotation_once() -> None:
    texts = ("Snow fell.", "It rained.", "Snow fell.", "Roads were closed.", "Schools opened.")
    scores = (0.6, 0.1, 0.5, 0.9, 0.3)
    judged = [
        replace(_window(text)[1], supports=score, refutes=0.05) for text, score in zip(texts, scores, strict=True)
    ]
    assert [item.quote for item in strongest_quotes(judged)] == ["Roads were closed.", "Snow fell.", "Schools opened."]
    assert strongest_quotes([]) == []


def test_of_overlapping_quotations_the_llm_reads_the_longer() -> None:
    passage = make_passage("It rained. Snow fell. Roads were closed.")
    spans = {(11, 21): 0.9, (0, 21): 0.5, (22, 40): 0.6, (11, 40): 0.2}
    judged = [Judged(passage, *span, supports=score, refutes=0.05, overlap=1.0) for span, score in spans.items()]
    assert [item.quote for item in strongest_quotes(judged[:3])] == ["It rained. Snow fell.", "Roads were closed."]
    assert [item.quote for item in strongest_quotes(judged[:1])] == ["Snow fell."]
