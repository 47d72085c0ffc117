from dataclasses import replace
from datetime import date

import pytest

from factcheck.protocols import Pair
from factcheck.types import Claim, Stance
from factcheck.verdict.fusion import NO_SIGNALS, parameters
from factcheck.verdict.judging import (
    Question,
    in_words_of,
    is_taken_back,
    judge_again,
    judge_windows,
    numbers_of,
    quote_start,
    settled,
)
from factcheck.verdict.numbers.types import Relation
from factcheck.verdict.windows import Window, overlap, stems, without_numbers
from tests.fakes import NEUTRAL, FakeJudge, make_passage

P = parameters().retrieved
CLAIM = Claim(text="Each side handed over 157 prisoners of war.")
NEAR = "Russia and Ukraine each handed over 157 prisoners of war."
FAR = "The exchange of 412 prisoners took place on Thursday."


def _question(text: str, claim: Claim = CLAIM, group: int = 0) -> Question:
    window = Window(0, make_passage(text), 0, len(text), 0, text, overlap(without_numbers(stems(claim.text)), text))
    return Question(group, claim, window)


def test_a_number_found_nearer_to_the_claim_silences_a_contradiction_farther_off() -> None:
    questions = [_question(NEAR), _question(FAR)]
    found = [numbers_of(q) for q in questions]
    assert [f.relation for finding in found for f in finding] == [Relation.AGREES, Relation.CONTRADICTS]
    assert [f.relation for finding in settled(questions, found) for f in finding] == [Relation.AGREES, Relation.ABSENT]


def test_a_contradiction_as_near_as_the_agreement_stands() -> None:
    other = NEAR.replace("157", "170")
    questions = [_question(NEAR), _question(other)]
    relations = [f.relation for found in settled(questions, [numbers_of(q) for q in questions]) for f in found]
    assert relations == [Relation.AGREES, Relation.CONTRADICTS]


def test_an_agreement_for_one_claim_does_not_settle_another() -> None:
    questions = [_question(NEAR), _question(FAR, group=1)]
    relations = [f.relation for found in settled(questions, [numbers_of(q) for q in questions]) for f in found]
    assert relations == [Relation.AGREES, Relation.CONTRADICTS]


def test_windows_are_judged_in_one_call_and_kept_by_claim() -> None:
    judge = FakeJudge(lambda pair: NEUTRAL)
    snow = Claim(text="Snow fell in Kyiv.")
    groups = judge_windows([_question(NEAR), _question(FAR), _question("Snow fell.", snow, 1)], judge, P)
    assert [len(group) for group in groups] == [2, 1]
    assert [pair.claim for pair in judge.pairs] == [CLAIM.text, CLAIM.text, snow.text]
    assert groups[1][0].stance is Stance.NEUTRAL


def test_the_reasons_name_both_numbers() -> None:
    ((judged,),) = judge_windows([_question(NEAR.replace("157", "170"))], FakeJudge(lambda pair: NEUTRAL), P)
    assert judged.reasons == ("claim says 157 prisoners, passage says 170 prisoners",)


def test_no_questions_need_no_judge() -> None:
    judge = FakeJudge()
    assert judge_windows([], judge, P) == []
    assert judge.pairs == []


def test_the_quotation_takes_in_the_sentence_before_when_that_holds_the_number() -> None:
    text = "Russia launched 183 drones. Air defences shot most of them down."
    first = "Russia launched 183 drones."
    claim = Claim(text="Russia launched 183 drones")
    for start, expected in ((len(first) + 1, 0), (0, 0)):
        window = Window(0, make_passage(text), start, len(text) if start else len(first), 0, text, 1.0)
        question = Question(0, claim, window)
        assert quote_start(question, numbers_of(question)) == expected


def test_the_quotation_is_one_sentence_where_that_says_it_all() -> None:
    first, second = "Talks ended in Abu Dhabi.", "Both sides freed 157 prisoners."
    text = f"{first} {second}"
    claim = Claim(text="Both sides freed 157 prisoners")
    question = Question(0, claim, Window(0, make_passage(text), len(first) + 1, len(text), 0, text, 1.0))
    assert quote_start(question, numbers_of(question)) == len(first) + 1


def test_a_passage_without_the_number_supports_less_where_another_contradicts_it() -> None:
    claim = Claim(text="It was the first prisoner swap in two years.")
    vague = "The exchange was the first such agreement in a long time."
    against = "It was the first such swap in five months."
    judge = FakeJudge(lambda pair: (0.7, 0.1, 0.2) if pair.premise == vague else NEUTRAL)
    ((alone,),) = judge_windows([_question(vague, claim)], judge, P)
    ((beside, _),) = judge_windows([_question(vague, claim), _question(against, claim)], judge, P)
    assert beside.supports < 0.5 * alone.supports


def test_the_verifier_is_asked_in_the_passages_words_for_a_date_that_only_publication_completes() -> None:
    claim = Claim(text="Rossi will resign on 13 June 2025.")
    text = "Rossi will resign on Friday, she said."
    passage = make_passage(text, published=date(2025, 6, 11))
    judge = FakeJudge(lambda pair: NEUTRAL)
    judge_windows([Question(0, claim, Window(0, passage, 0, len(text), 0, text, 1.0))], judge, P)
    assert judge.pairs == [Pair("Rossi will resign on Friday.", text)]


def test_a_rules_contradiction_outlives_a_reviewer_that_overlooks_it() -> None:
    claim = Claim(text="Inflation rose to 7.1 percent in May.")
    question = _question("Inflation stood at 6.2 percent in May, down from 7.1 percent in April.", claim)
    overlooks = FakeJudge(lambda pair: (0.7, 0.25, 0.05))
    ((judged,),) = judge_windows([question], overlooks, P)
    (again,) = judge_again([question], [judged], overlooks, P)
    assert judged.signals.contradicts > 0.5
    (unruled,) = judge_again([question], [replace(judged, signals=NO_SIGNALS)], overlooks, P)
    assert again.refutes > unruled.refutes
    assert again.stance is Stance.REFUTES


def test_a_vague_number_hardly_speaks_against_a_precise_one_that_it_allows() -> None:
    judge = FakeJudge(lambda pair: (0.02, 0.91, 0.07))
    claim = Claim(text="The exchange was the first in five months.")
    vague, other = "The exchange was the first in several months.", "The exchange was the first in several years."
    for text, stance in ((vague, Stance.NEUTRAL), (other, Stance.REFUTES)):
        ((judged,),) = judge_windows([_question(text, claim)], judge, P)
        assert judged.stance is stance


def test_what_a_passage_only_asks_is_no_opinion_and_gives_no_reason() -> None:
    judge = FakeJudge(lambda pair: (0.9, 0.05, 0.05))
    claim = Claim(text="Russia launched 183 drones.")
    asked = [_question("Did Russia launch 183 drones?", claim), _question("Did Russia launch 91 drones?", claim)]
    answered = _question("Did Russia launch 183 drones? Yes, the air force said.", claim)
    ((alone, other, clear),) = judge_windows([*asked, answered], judge, P)
    for window in (alone, other):
        assert window.stance is Stance.NEUTRAL
        assert window.reasons == ()
    assert clear.stance is Stance.SUPPORTS
    (again,) = judge_again(asked[:1], [alone], judge, P)
    assert again.stance is Stance.NEUTRAL


@pytest.mark.parametrize(
    ("claim", "passage", "asked"),
    [
        ("The trail is 10 km long.", "The trail is 6.2 miles long.", "The trail is 6.2 miles long."),
        ("Over 100 drones were launched.", "Russia launched 183 drones.", "183 drones were launched."),
        ("Kyiv lost 90 drones.", "Kyiv lost 91 drones.", "Kyiv lost 90 drones."),
        ("The trail is 10 km long.", "The city is 10 km away.", "The trail is 10 km long."),
        ("It was signed before 1990.", "In June 1987 it was signed.", "It was signed in June 1987."),
        ("The tower was built by 1950.", "The tower, built 1948, is tall.", "The tower was built by 1950."),
    ],
)
def test_judges_are_asked_with_the_passages_number_where_it_is_equal(claim: str, passage: str, asked: str) -> None:
    question = _question(passage, Claim(text=claim))
    assert in_words_of(question, numbers_of(question)) == asked
    judge = FakeJudge(lambda pair: NEUTRAL)
    ((judged,),) = judge_windows([question], judge, P)
    judge_again([question], [judged], judge, P)
    assert [pair.claim for pair in judge.pairs] == [asked, asked]


def test_a_window_judged_again_keeps_its_reasons_and_moves_towards_the_reviewer() -> None:
    question = _question(NEAR)
    ((first,),) = judge_windows([question], FakeJudge(lambda pair: NEUTRAL), P)
    (after,) = judge_again([question], [first], FakeJudge(lambda pair: (0.01, 0.98, 0.01)), P)
    assert after.refutes > first.refutes and after.reasons == first.reasons


TAKEN_BACK_TEXT = "An earlier report wrongly said that the harbour master had resigned."


def _sure_of_support(pair: Pair) -> tuple[float, float, float]:
    return (0.9, 0.05, 0.05)


def test_support_by_what_the_passage_takes_back_speaks_against_the_claim() -> None:
    claim = Claim(text="The harbour master resigned.")
    ((judged,),) = judge_windows([_question(TAKEN_BACK_TEXT, claim)], FakeJudge(_sure_of_support), P)
    assert judged.stance is Stance.REFUTES
    assert judged.reasons == ("the passage takes this back",)
    (again,) = judge_again([_question(TAKEN_BACK_TEXT, claim)], [judged], FakeJudge(_sure_of_support), P)
    assert again.stance is Stance.REFUTES


@pytest.mark.parametrize(
    "text",
    ["An earlier report wrongly said something of the harbour master.", "A report said the harbour master resigned."],
)
def test_a_claim_that_tells_more_than_the_withdrawn_statement_is_not_taken_back(text: str) -> None:
    question = _question(TAKEN_BACK_TEXT, Claim(text=text))
    assert not is_taken_back(question)


def test_what_a_withdrawn_statement_contradicts_is_left_open() -> None:
    claim = Claim(text="The harbour master stayed.")
    judge = FakeJudge(lambda pair: (0.05, 0.9, 0.05))
    ((judged,),) = judge_windows([_question(TAKEN_BACK_TEXT, claim)], judge, P)
    assert judged.stance is Stance.NEUTRAL
