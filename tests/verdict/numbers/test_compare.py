"""The numbers and dates of claims against those of premises."""

from __future__ import annotations

from datetime import date

import pytest

from factcheck.verdict.numbers.compare import (
    NumericFinding,
    Relation,
    compare_numbers,
    has_numbers,
    numbers_in,
    unsupported_numbers,
)
from tests.verdict.numbers.cases import CASES, A, C, N


def overall(findings: tuple[NumericFinding, ...]) -> Relation:
    relations = {finding.relation for finding in findings}
    if C in relations:
        return C
    return A if relations == {A} else N


@pytest.mark.parametrize(("expected", "claim", "premise"), CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES])
def test_relation_of_claim_and_premise(expected: Relation, claim: str, premise: str) -> None:
    assert overall(compare_numbers(claim, premise)) is expected


def test_a_number_for_each_is_told_as_such() -> None:
    (finding,) = compare_numbers("314 prisoners were exchanged.", "Both sides exchanged 157 prisoners each.")
    assert finding.reason == "claim says 314 prisoners, passage says 157 prisoners each"


@pytest.mark.parametrize(
    ("premise", "blurred"),
    [
        ("It was the first exchange in several months.", True),
        ("It was the first exchange in several years.", False),
        ("It was the first exchange in more than three months.", False),
        ("It was the first exchange in five months.", False),
    ],
)
def test_a_vague_number_that_allows_the_claims_blurs_it(premise: str, blurred: bool) -> None:
    findings = compare_numbers("It was the first exchange in five months.", premise)
    assert [finding.blurred for finding in findings] == [False, blurred]


def test_finding_names_both_expressions_and_their_places() -> None:
    claim, premise = "Russia launched 250 drones.", "The air force said Russia launched 183 drones."
    (finding,) = compare_numbers(claim, premise)
    assert finding.relation is C
    assert finding.reason == "claim says 250 drones, passage says 183 drones"
    assert claim[slice(*finding.claim_span)] == "250"
    assert finding.premise_span is not None
    assert premise[slice(*finding.premise_span)] == "183"
    assert 0.5 < finding.alignment <= 1.0


def test_one_finding_for_each_number_of_the_claim_in_order() -> None:
    findings = compare_numbers(
        "The storm damaged 23 houses and two schools.", "It damaged 23 houses and three schools."
    )
    assert [(f.claim_span, f.relation) for f in findings] == [((18, 20), A), ((32, 35), C)]


def test_alignment_falls_with_the_distance_of_the_topic() -> None:
    claim = "The hearing drew 300 people."
    same = compare_numbers(claim, "412 people came to the hearing.")[0].alignment
    other = compare_numbers(claim, "The ferry rescued 412 people.")[0].alignment
    assert other < same


@pytest.mark.parametrize(("claim", "premise"), [("", "183 drones"), ("No figure here.", "183 drones")])
def test_claim_without_numbers_has_no_findings(claim: str, premise: str) -> None:
    assert compare_numbers(claim, premise) == ()


def test_premise_without_numbers_leaves_each_absent() -> None:
    (finding,) = compare_numbers("Russia launched 250 drones.", "")
    assert finding == NumericFinding(N, 0.0, "passage has nothing to compare with 250 drones", (16, 19), None)


@pytest.mark.parametrize(
    "text",
    [
        "9" * 400,
        "1e999 - / - 5 / 0",
        "31 February 2026",
        "99:99 2026-13-45",
        "0 of 0 in 0",
        "½ % €",
        "\x00\x1b[31m 5 \u202e7",
        "the of " * 3000,
    ],
)
def test_odd_text_is_survived(text: str) -> None:
    assert all(0.0 <= f.alignment <= 1.0 for f in compare_numbers(text, text))
    assert isinstance(unsupported_numbers(text, [text]), tuple)


@pytest.mark.parametrize(
    ("expected", "claim"),
    [
        (A, "The talks were held on Wednesday."),
        (A, "The talks were held on 4 February 2026."),
        (C, "The talks were held on 6 February 2026."),
    ],
)
def test_weekday_of_a_report_is_the_nearest_before_publication(expected: Relation, claim: str) -> None:
    premise = "The talks were held on Wednesday in Abu Dhabi."
    assert overall(compare_numbers(claim, premise, published=date(2026, 2, 5))) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("183 drones", True),
        ("a dozen eggs", True),
        ("on Thursday", True),
        ("in early May", True),
        ("Talks went on.", False),
    ],
)
def test_has_numbers(text: str, expected: bool) -> None:
    assert has_numbers(text) is expected


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("3 million people", "3,000,000 people"),
        ("€2bn", "2 billion euros"),
        ("a quarter of it", "25 percent of it"),
        ("5 February 2026", "Feb. 5, 2026"),
        ("4 p.m.", "16:00"),
    ],
)
def test_spelling_of_a_number_does_not_matter(one: str, two: str) -> None:
    assert numbers_in(one) == numbers_in(two) != frozenset()


SOURCE = (
    "Russia launched two ballistic missiles and 183 drones overnight, and 156 of them were shot down. The talks on "
    "Feb. 5 ended without a deal. Some 3,000,000 people lost power, at a cost of €2bn. The exchange freed 314 "
    "prisoners, the first in five months; one was 84 years old."
)


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("Russia launched 183 drones and two missiles.", ()),
        ("Russia launched 185 drones.", ("185",)),
        ("About 180 drones were launched.", ("About 180",)),
        ("Three million people lost power, which cost 2 billion euros.", ()),
        ("The damage was 2 billion dollars.", ("2 billion dollars",)),
        ("The talks on 5 February 2026 ended without a deal.", ()),
        ("The talks in February 2026 ended without a deal.", ()),
        ("The talks on 6 February 2026 ended without a deal.", ("6 February 2026",)),
        ("The talks on 5 February 2024 ended without a deal.", ("5 February 2024",)),
        ("It was the first exchange in five months.", ()),
        ("It was the first exchange in six months.", ("six months",)),
        ("COVID-19 was not mentioned.", ("19",)),
        ("An 84-year-old was among the 314 prisoners.", ()),
        ("No prisoner was hurt.", ()),
        ("Russia launched drones.", ()),
    ],
)
def test_numbers_of_a_summary_sentence_that_no_source_has(sentence: str, missing: tuple[str, ...]) -> None:
    assert unsupported_numbers(sentence, [SOURCE], date(2026, 2, 6)) == missing


def test_no_source_supports_no_number() -> None:
    assert unsupported_numbers("Russia launched 183 drones.", []) == ("183",)


@pytest.mark.parametrize(
    ("claim", "premise", "relation"),
    [
        ("Ada Field was born in 1961.", "President Ada Field said on Monday that talks would go on.", Relation.ABSENT),
        ("The vote took place on 4 May.", "The vote took place after the end of Friday's hearings.", Relation.ABSENT),
        ("It was the first strike in ten years.", "It was the first such strike in six weeks.", Relation.CONTRADICTS),
        ("It was the first strike in ten years.", "Workers had been paid late for nearly four years.", Relation.ABSENT),
    ],
)
def test_dates_and_durations_are_compared_only_where_they_hang_on_the_same_thing(
    claim: str, premise: str, relation: Relation
) -> None:
    findings = compare_numbers(claim, premise, published=date(2026, 2, 6))
    assert findings[-1].relation is relation
