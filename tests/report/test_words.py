"""Verdicts in plain words."""

from factcheck.report.words import verdict_meaning
from factcheck.types import Claim, Evidence, Label, PartVerdict, Report, Stance, Verdict
from tests.fakes import make_passage


def test_a_claim_of_which_a_part_is_refuted_says_so() -> None:
    parts = tuple(
        PartVerdict(text=text, label=label, confidence=0.9)
        for text, label in (("One.", Label.SUPPORTED), ("Two.", Label.REFUTED))
    )
    item = make_passage("Two is not so.")
    evidence = Evidence(id=1, stance=Stance.REFUTES, score=0.9, passage=item, start=0, end=5)
    verdict = Verdict(label=Label.REFUTED, confidence=0.9, evidence=(evidence,), parts=parts)
    assert verdict_meaning(Report(claim=Claim(text="One and two."), verdict=verdict)) == (
        "1 of its 2 statements is refuted"
    )
