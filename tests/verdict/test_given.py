from factcheck.types import Claim
from factcheck.verdict.aggregate import Judged, LabelScores
from factcheck.verdict.given import MAX_CHARS, GivenTexts, pieces_of

CLAIM = Claim(text="The bridge opened in 1987.")


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
    assert case.scores([]) == LabelScores(0.0, 0.0, 0.0, 1.0)


def test_the_most_decided_piece_speaks_for_long_evidence() -> None:
    case = GivenTexts(CLAIM, ["The bridge opened in 1987. " * 60])
    windows = case.windows()
    judged = [Judged(w.passage, w.start, w.end, 0.1, 0.1, 1.0) for w in windows]
    judged[1] = Judged(windows[1].passage, 0, 5, 0.05, 0.9, 1.0)
    assert case.scores(judged).refuted == 0.9
