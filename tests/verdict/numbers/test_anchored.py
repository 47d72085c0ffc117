"""Dates of a report of Wednesday, 11 June 2025."""

from datetime import date

import pytest

from factcheck.verdict.numbers.compare import compare_numbers
from factcheck.verdict.numbers.types import Relation

PUBLISHED = date(2025, 6, 11)
AGREES, CONTRADICTS = Relation.AGREES, Relation.CONTRADICTS


@pytest.mark.parametrize(
    ("claim", "premise", "relation"),
    [
        ("The minister will resign on 13 June 2025.", "The minister will resign on Friday, she said.", AGREES),
        ("The minister will resign on 6 June 2025.", "The minister will resign on Friday, she said.", CONTRADICTS),
        ("The minister resigned on 6 June 2025.", "The minister resigned on Friday.", AGREES),
        ("The minister resigned on 13 June 2025.", "The minister resigned on Friday.", CONTRADICTS),
        ("The trial is due on 12 June 2025.", "The trial is due to begin on Thursday.", AGREES),
        ("The minister resigned on Friday.", "The minister will resign on Friday.", AGREES),
        ("The vote took place on 4 June 2025.", "The vote took place on Wednesday, and she will go.", CONTRADICTS),
        ("The budget was rejected in April 2025.", "The budget was rejected in April.", AGREES),
        ("The budget was rejected in April 2024.", "The budget was rejected in April.", CONTRADICTS),
        ("The budget was rejected in December 2024.", "The budget was rejected in December.", AGREES),
        ("The budget was rejected in December 2025.", "The budget was rejected in December.", CONTRADICTS),
        ("The budget will be debated in December 2025.", "The budget will be debated in December.", AGREES),
        ("The budget was debated in July 2025.", "The budget debate in July was long.", AGREES),
        ("The budget was debated in July 2024.", "The budget debate in July was long.", AGREES),
        ("The budget was rejected in April.", "The budget was rejected in April 2024.", AGREES),
        ("The vote took place on 3 May 2023.", "In 2023 the party fell apart. The vote took place on 3 May.", AGREES),
    ],
)
def test_the_day_of_publication_completes_a_date(claim: str, premise: str, relation: Relation) -> None:
    (finding,) = compare_numbers(claim, premise, published=PUBLISHED)
    assert finding.relation is relation


def test_without_a_day_of_publication_a_month_without_a_year_agrees_with_any() -> None:
    (finding,) = compare_numbers("The budget was rejected in April 2024.", "The budget was rejected in April.")
    assert finding.relation is AGREES
