import pytest

from factcheck.verdict.names import unsupported_names

SOURCE = (
    "U.S. President Donald Trump's envoy Steve Witkoff and Jared Kushner met Ukraine's President "
    "Volodymyr Zelenskiy in the United Arab Emirates, the air force said. POWs came home on MiG-29 day, and "
    "officials of the European Union watched."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Steve Witkoff met Zelenskyy.",
        "US President Trump's envoy was there.",
        "The United States sent Jared Kushner.",
        "Ukraine's Air Force said so.",
        "The talks were in the UAE.",
        "Officials said that Volodymyr Zelensky met Witkoff.",
        "POWs came home on MiG-29 day.",
        "The EU watched.",
        "According to the air force, they met.",
    ],
)
def test_names_of_the_source_are_found_in_other_spellings(sentence: str) -> None:
    assert unsupported_names(sentence, [SOURCE]) == ()


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("Marco Rubio met Witkoff.", ("Marco Rubio",)),
        ("They met in Istanbul, Turkey.", ("Istanbul", "Turkey")),
        ("Steve Kushner was there.", ("Steve Kushner",)),
        ("Putin was there.", ("Putin",)),
        ("NATO watched, NATO said.", ("NATO",)),
        ("The envoy's name is Kushner Jared.", ("Kushner Jared",)),
        ('He said: "Macron came."', ("Macron",)),
        ("It was on Monday.", ("Monday",)),
        ("Élysée officials met Witkoff.", ("Élysée",)),
    ],
)
def test_names_that_no_source_holds_are_reported(sentence: str, missing: tuple[str, ...]) -> None:
    assert unsupported_names(sentence, [SOURCE]) == missing


def test_a_name_may_come_from_any_source() -> None:
    assert unsupported_names("Ann Lee met Bo Dahl.", ["Ann Lee spoke.", "So did Bo Dahl."]) == ()


def test_two_halves_of_a_name_must_come_from_one_source() -> None:
    assert unsupported_names("Ann Dahl spoke.", ["Ann Lee spoke.", "So did Bo Dahl."]) == ("Ann Dahl",)
