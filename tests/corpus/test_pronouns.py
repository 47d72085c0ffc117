import pytest

from factcheck.corpus.pronouns import MAX_LEAD_CHARS, SHORT_CHARS, lead, needs_lead, points_back

ROSSI = "Elena Rossi, the finance minister, has been under pressure."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She will resign.", True),
        ("“It was a mistake,” he said.", True),
        ("These figures are wrong.", True),
        ("Sheila will resign.", False),
        ("The minister will resign.", False),
        ("", False),
    ],
)
def test_a_paragraph_that_opens_with_a_pronoun_points_back(text: str, expected: bool) -> None:
    assert points_back(text) is expected


def test_a_short_paragraph_and_one_that_points_back_need_a_lead() -> None:
    assert needs_lead("The youngest was nine.")
    assert needs_lead("She said " + "again and " * 20)
    assert not needs_lead("Rossi said " + "again and " * 20)
    assert not needs_lead("x" * (SHORT_CHARS + 1))
    assert not needs_lead("")


def test_the_lead_is_the_nearest_paragraph_that_does_not_itself_point_back() -> None:
    assert lead(["He spoke in Rome.", ROSSI, "Snow fell."]) == ROSSI
    assert lead(["He spoke in Rome."]) == lead([]) == ""


def test_of_a_long_paragraph_the_end_leads_unless_it_points_back() -> None:
    filler = "The budget was long and dull. " * 12
    assert lead([filler + ROSSI]) == ROSSI
    assert lead([f"{ROSSI} {filler}She left."]) == ROSSI
    assert len(lead(["x" * 1000])) <= MAX_LEAD_CHARS
