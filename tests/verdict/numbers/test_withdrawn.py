import pytest

from factcheck.verdict.numbers.compare import compare_numbers
from factcheck.verdict.numbers.types import Relation
from factcheck.verdict.numbers.withdrawn import is_withdrawn, withdrawn_statements


@pytest.mark.parametrize(
    ("text", "withdrawn"),
    [
        ("The toll has risen to 31, correcting an earlier figure of 12.", True),
        ("The firm had earlier spoken of about 12 passengers.", True),
        ("31 people, not 12, were killed.", True),
        ("The number was revised from 12 to 31.", True),
        ("31 died; 12 dead had been first reported.", True),
        ("31 died, more than the 12 deaths initially reported.", True),
        ("At least 12 people were killed.", False),
        ("In the first attack 12 people were killed.", False),
        ("He was not among the 12 people killed.", False),
    ],
)
def test_a_figure_that_the_text_takes_back(text: str, withdrawn: bool) -> None:
    start = text.index("12")
    assert is_withdrawn(text, start, start + 2) is withdrawn


def test_a_withdrawn_figure_agrees_with_nothing_and_the_one_in_its_place_contradicts() -> None:
    premise = "The number of people killed has risen to 31, correcting an earlier figure of 12."
    (old,) = compare_numbers("The ferry killed 12 people.", premise)
    (new,) = compare_numbers("The ferry killed 31 people.", premise)
    assert (old.relation, new.relation) == (Relation.CONTRADICTS, Relation.AGREES)
    assert "passage says 31" in old.reason


def test_a_claim_about_the_earlier_figure_is_compared_with_it() -> None:
    premise = "The number of people killed has risen to 31, correcting an earlier figure of 12."
    (finding,) = compare_numbers("The coast guard corrected an earlier figure of 12 people killed.", premise)
    assert finding.relation is Relation.AGREES


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("Correction: an earlier report said that the storm killed 12 people.", "that the storm killed 12 people"),
        ("An earlier version of this article misstated the toll as 12; it is 30.", "the toll as 12"),
        ("The agency had previously reported that 1,200 died, but that was wrong.", "that 1,200 died"),
        ("A previous story wrongly said that Orla, the harbour master, quit.", "that Orla, the harbour master, quit"),
        ("The minister falsely claimed that the bridge was closed.", "that the bridge was closed"),
        ("An earlier report said that 12 people had died.", None),
        ("The ministry earlier said that it would correct the map.", None),
        ("This article has been corrected to say that 30 people died.", None),
    ],
)
def test_a_statement_of_an_earlier_text_that_this_one_puts_right(text: str, statement: str | None) -> None:
    found = [text[start:end].strip() for start, end in withdrawn_statements(text)]
    assert found == ([statement] if statement else [])


def test_a_title_tells_that_the_text_is_a_correction() -> None:
    text = "An earlier report said that 12 people had died."
    assert withdrawn_statements(text, "Storm, corrected")


def test_a_figure_in_a_withdrawn_statement_is_withdrawn() -> None:
    premise = "Correction: an earlier report said that the storm killed 12 people. The storm killed 30 people."
    (old,) = compare_numbers("The storm killed 12 people.", premise)
    (new,) = compare_numbers("The storm killed 30 people.", premise)
    assert (old.relation, new.relation) == (Relation.CONTRADICTS, Relation.AGREES)
