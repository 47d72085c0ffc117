from datetime import date

import pytest

from factcheck.explain.citations import CheckResult, check_sentence, read_marks
from factcheck.protocols import Pair
from factcheck.types import Claim, Evidence, Label, Stance, SummarySentence, Verdict
from tests.fakes import NEUTRAL, REFUTES, SUPPORTS, FakeJudge, make_evidence, make_verdict

CLAIM = Claim(text="Russia launched 250 drones.")
DRONES = make_evidence(
    "Ukraine's air force said Russia launched 183 drones overnight, of which 156 were shot down.",
    Stance.REFUTES,
    id=1,
    published=date(2026, 2, 5),
)
MAYOR = make_evidence("Two people were hurt in Kyiv.", Stance.REFUTES, id=2, speaker="Mayor Vitali Klitschko")
REFUTED = make_verdict(Label.REFUTED, DRONES, MAYOR)


def check(sentence: str, verdict: Verdict = REFUTED, judge: FakeJudge | None = None) -> CheckResult:
    return check_sentence(sentence, verdict, CLAIM, judge)


def judge_of(support: tuple[float, ...], effect: tuple[float, ...] = NEUTRAL) -> FakeJudge:
    return FakeJudge(lambda pair: effect if pair.claim == CLAIM.text else support)


@pytest.mark.parametrize(
    ("raw", "text", "citations"),
    [
        ("Russia launched 183 drones [1].", "Russia launched 183 drones.", (1,)),
        ("Russia launched 183 drones. [1][2]", "Russia launched 183 drones.", (1, 2)),
        ("[2] Two people were hurt. [1, 2].", "Two people were hurt.", (2, 1)),
        ("The U. S. said so [1]", "The U.S. said so.", (1,)),
        ("Two were hurt [1] and [2].", "Two were hurt.", (1, 2)),
        ('He said "no" [1]', 'He said "no"', (1,)),
        ("A\x1b[31m red\nword [1].", "A red word.", (1,)),
    ],
)
def test_marks_are_taken_out_of_the_text(raw: str, text: str, citations: tuple[int, ...]) -> None:
    assert read_marks(raw) == SummarySentence(text=text, citations=citations)


@pytest.mark.parametrize("raw", ["", "Russia launched drones.", "[1]", "[1] [2].", "[x] No number."])
def test_a_sentence_without_words_or_marks_is_not_one(raw: str) -> None:
    assert read_marks(raw) is None


def test_a_faithful_sentence_passes() -> None:
    judge = judge_of(SUPPORTS, REFUTES)
    result = check("Russia launched 183 drones, Ukraine's air force said [1].", judge=judge)
    said = "Russia launched 183 drones, Ukraine's air force said."
    assert result == CheckResult(True, SummarySentence(text=said, citations=(1,)), ())
    assert judge.pairs == [Pair(claim=said, premise=DRONES.quote), Pair(claim=CLAIM.text, premise=said)]


@pytest.mark.parametrize(
    ("sentence", "failures"),
    [
        ("Russia launched 183 drones.", ("it cites no evidence",)),
        ("Russia launched 183 drones [7].", ("it cites [7], which does not exist",)),
        ("Russia launched 183 drones [2].", ("'183' is not in [2]", "'Russia' is not in [2]")),
        ("Russia launched 250 drones [1].", ("'250' is not in [1]",)),
        ("Russia did not launch 250 drones [1][2].", ("'250' is not in [1][2]",)),
        ("Belarus launched 183 drones [1].", ("'Belarus' is not in [1]",)),
    ],
)
def test_what_the_cited_passages_do_not_hold_fails(sentence: str, failures: tuple[str, ...]) -> None:
    assert check(sentence) == CheckResult(False, None, failures)


def test_facts_may_come_from_several_cited_passages() -> None:
    assert check("Russia launched 183 drones and two people were hurt in Kyiv [1][2].").ok


def test_the_speaker_of_the_evidence_may_be_named() -> None:
    assert check("Mayor Klitschko said that two people were hurt in Kyiv [2].").ok


def test_the_judge_sees_who_speaks() -> None:
    judge = judge_of(SUPPORTS)
    check("Two people were injured in Kyiv, Klitschko said [2].", judge=judge)
    assert judge.pairs[0].premise == "According to Mayor Vitali Klitschko: Two people were hurt in Kyiv."


@pytest.mark.parametrize("stance", [NEUTRAL, REFUTES, (0.45, 0.3, 0.25)])
def test_what_the_judge_does_not_find_supported_fails(stance: tuple[float, ...]) -> None:
    result = check("Russia launched 183 drones at 156 people [1].", judge=judge_of(stance))
    assert result == CheckResult(False, None, ("what it cites does not support it",))


def test_a_word_for_word_quote_needs_no_support_of_the_judge() -> None:
    assert check("Russia launched 183 drones overnight [1].", judge=judge_of(NEUTRAL)).ok


def contradicts(label: Label, evidence: Evidence, effect: tuple[float, ...]) -> CheckResult:
    return check("Two were hurt in Kyiv [2].", make_verdict(label, evidence), judge_of(SUPPORTS, effect))


@pytest.mark.parametrize(
    ("label", "stance", "effect", "ok"),
    [
        (Label.REFUTED, Stance.REFUTES, SUPPORTS, False),
        (Label.REFUTED, Stance.REFUTES, REFUTES, True),
        (Label.SUPPORTED, Stance.SUPPORTS, REFUTES, False),
        (Label.SUPPORTED, Stance.SUPPORTS, SUPPORTS, True),
        (Label.NOT_ENOUGH_INFO, Stance.NEUTRAL, SUPPORTS, False),
        (Label.NOT_ENOUGH_INFO, Stance.NEUTRAL, REFUTES, False),
        (Label.NOT_ENOUGH_INFO, Stance.NEUTRAL, NEUTRAL, True),
    ],
)
def test_a_sentence_may_not_speak_against_the_verdict(
    label: Label, stance: Stance, effect: tuple[float, ...], ok: bool
) -> None:
    evidence = MAYOR.model_copy(update={"stance": stance})
    failures = () if ok else (f"it speaks against the verdict {label}",)
    assert contradicts(label, evidence, effect).failures == failures
