"""Claims of several facts: split, judged one by one, put together."""

import pytest

from factcheck.types import Label, Stance
from factcheck.verdict.aggregate import Judged, LabelScores, verdict_from
from factcheck.verdict.compound import combined, with_parts
from factcheck.verdict.parts import split_claim
from tests.fakes import make_passage


@pytest.mark.parametrize(
    ("claim", "parts"),
    [
        (
            "Norway built 40 ferries and Sweden bought 12 of them.",
            ("Norway built 40 ferries.", "Sweden bought 12 of them."),
        ),
        ("The army took two towns and lost one bridge.", None),
        ("Kenya won two medals and lost one final.", ("Kenya won two medals.", "Kenya lost one final.")),
        ("The bridge opened in 1990, and its toll was two dollars.", None),
        (
            "Ada Lee was born in Lyon and raised in Turin.",
            ("Ada Lee was born in Lyon.", "Ada Lee was raised in Turin."),
        ),
        ("The talks ended on Monday; the next round will be in Oslo.", None),
        ("The strike began in May, but it ended in June.", ("The strike began in May.", "The strike ended in June.")),
    ],
)
def test_what_is_split(claim: str, parts: tuple[str, ...] | None) -> None:
    found = split_claim(claim)
    assert len(found) == 2 if parts is None else found == parts


@pytest.mark.parametrize(
    "claim",
    [
        "Ann Lee and Bo Chan led the delegation.",
        "Russia launched 183 drones and two missiles.",
        "The minister said that the army won and the rebels lost everything.",
        "If it rains and the river rose again, the dam holds.",
        'She called it "a war that began in May and ended in June" on Friday.',
        "Snow fell and.",
    ],
)
def test_what_is_one_fact_stays_whole(claim: str) -> None:
    assert split_claim(claim) == (claim,)


TRUE, FALSE, OPEN = (LabelScores(*row) for row in ((0.9, 0.05, 0, 0.05), (0.05, 0.9, 0, 0.05), (0.1, 0.1, 0, 0.8)))


def _best(scores: LabelScores) -> str:
    names = ("supported", "refuted", "conflicting", "silent")
    return max(names, key=lambda name: float(getattr(scores, name)))


def test_one_false_part_makes_the_claim_false_and_one_open_part_leaves_it_open() -> None:
    unsure = LabelScores(0.34, 0.33, 0.0, 0.33)
    assert _best(combined(unsure, [TRUE, TRUE])) == "supported"
    assert _best(combined(unsure, [TRUE, FALSE])) == "refuted"
    assert _best(combined(unsure, [TRUE, OPEN])) == "silent"
    scores = combined(TRUE, [TRUE, FALSE, OPEN])
    assert scores.supported + scores.refuted + scores.conflicting + scores.silent == pytest.approx(1.0)


def test_parts_cite_evidence_of_the_claim_and_bring_their_own() -> None:
    one, two = make_passage("Norway built 40 ferries.", document="a"), make_passage("Sweden bought 3.", document="b")
    yes = Judged(one, 0, len(one.text), 0.9, 0.05, 1.0)
    no = Judged(two, 0, len(two.text), 0.05, 0.9, 1.0)
    verdict = with_parts(
        verdict_from(FALSE, [no], ()), ["Norway built.", "Sweden bought."], [TRUE, FALSE], [[yes], [no]]
    )
    assert [(e.id, e.stance) for e in verdict.evidence] == [(1, Stance.SUPPORTS), (2, Stance.REFUTES)]
    assert [(p.label, p.citations) for p in verdict.parts] == [(Label.SUPPORTED, (1,)), (Label.REFUTED, (2,))]
