import pytest

from factcheck.types import Claim
from factcheck.verdict.aggregate import Judged, LabelScores
from factcheck.verdict.fusion import Form, FormParameters, parameters
from factcheck.verdict.given import MAX_CHARS, GivenTexts, pieces_of

CLAIM = Claim(text="The bridge opened in 1987.")
GIVEN = parameters().given


def test_one_text_is_one_window_that_quotes_its_nearest_sentence() -> None:
    case = GivenTexts(CLAIM, ["It rained. The bridge opened in 1987."])
    (window,) = case.windows()
    assert window.premise == "It rained. The bridge opened in 1987."
    assert window.passage.text[window.start : window.end] == "The bridge opened in 1987."


def test_several_texts_are_read_together_and_alone() -> None:
    case = GivenTexts(CLAIM, ["The bridge is long.", "It opened in 1987."])
    assert [w.premise for w in case.windows()] == [
        "The bridge is long. It opened in 1987.",
        "The bridge is long.",
        "It opened in 1987.",
    ]


def test_long_evidence_is_cut_between_sentences_and_nothing_is_lost() -> None:
    text = " ".join(f"Sentence number {n} says something plain." for n in range(100))
    pieces = pieces_of(text)
    assert all(len(piece) <= MAX_CHARS for piece in pieces)
    assert " ".join(pieces) == text


def test_no_evidence_is_silence() -> None:
    case = GivenTexts(CLAIM, [])
    assert case.windows() == []
    assert case.scores([], GIVEN) == LabelScores(0.0, 0.0, 0.0, 1.0)


def test_the_most_decided_piece_speaks_for_long_evidence() -> None:
    case = GivenTexts(CLAIM, ["The bridge opened in 1987. " * 60])
    windows = case.windows()
    judged = [Judged(w.passage, w.start, w.end, 0.1, 0.1, 1.0) for w in windows]
    judged[1] = Judged(windows[1].passage, 0, 5, 0.05, 0.9, 1.0)
    assert case.scores(judged, GIVEN.model_copy(update={"forms": {}})).refuted == pytest.approx(0.9)


SENTENCE = "The bridge is 300 m long."
NOTE = "The council keeps a list of bridges. This one was finished in 1991."


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        ([], Form.PICKED),
        ([SENTENCE], Form.PICKED),
        ([NOTE], Form.PICKED),
        ([SENTENCE, SENTENCE], Form.PICKED),
        ([f"{NOTE} {SENTENCE}"], Form.PASSAGE),
        ([f"When did it open? {NOTE} {SENTENCE}"], Form.PASSAGE),
        ([SENTENCE] * 3, Form.ANSWERS),
        ([SENTENCE] * 5, Form.SEVERAL),
        ([NOTE, *[SENTENCE] * 4], Form.SEVERAL),
        (["When did the bridge open? In 1991."], Form.ANSWERS),
        (["When did the bridge open? In 1991.", SENTENCE, SENTENCE], Form.ANSWERS),
        (["When did the bridge open?", "In 1991."], Form.ANSWERS),
        ([f"When did the bridge open? In 1991. Who says so? The council. {NOTE}"], Form.ANSWERS),
        ([NOTE, SENTENCE], Form.ANSWERS),
        (["When did the bridge open?"], Form.PICKED),
    ],
)
def test_the_form_of_evidence_tells_how_it_was_chosen(texts: list[str], form: Form) -> None:
    assert GivenTexts(CLAIM, texts).form is form


def test_what_the_form_tells_moves_the_scores_and_they_still_sum_to_one() -> None:
    case = GivenTexts(CLAIM, [SENTENCE] * 5)
    judged = [Judged(w.passage, w.start, w.end, 0.3, 0.3, 1.0) for w in case.windows()]
    plain = case.scores(judged, GIVEN.model_copy(update={"forms": {}}))
    moved = case.scores(
        judged, GIVEN.model_copy(update={"forms": {Form.SEVERAL: FormParameters(supports=1.0, refutes=-1.0)}})
    )
    assert plain.supported == pytest.approx(0.3)
    assert moved.supported > 0.3 > moved.refuted
    assert moved.supported + moved.refuted + moved.silent == pytest.approx(1.0)


def test_several_texts_are_heard_one_by_one_beside_the_whole() -> None:
    case = GivenTexts(CLAIM, [SENTENCE] * 5)
    judged = [Judged(w.passage, w.start, w.end, 0.0, 0.8 if n else 0.0, 1.0) for n, w in enumerate(case.windows())]
    halves = GIVEN.model_copy(update={"forms": {Form.SEVERAL: FormParameters(alone=0.5)}})
    assert case.scores(judged, halves).refuted == pytest.approx(0.4)
    assert case.scores(judged, GIVEN.model_copy(update={"forms": {}})).refuted == 0.0


@pytest.mark.parametrize(
    ("texts", "premises"),
    [
        (["A rises.", "B falls."], ["A rises. B falls."]),
        (
            ["A rises.", "B falls.", " ", "C stays.", "D ends.", "E is."],
            ["A rises.", "B falls.", "C stays.", "D ends.", "E is."],
        ),
        ([], [""]),
    ],
)
def test_the_llm_reads_several_texts_alone_and_others_as_one(texts: list[str], premises: list[str]) -> None:
    assert GivenTexts(CLAIM, texts).premises == premises
