from typing import Any

import pytest

from benchmarks.summary_check import Fault, faults, foreign, numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("about 1,250,000 litres", [("1,250,000", 1_250_000)]),
        ("1.25 million litres", [("1.25 million", 1_250_000)]),
        ("two hundred and five thousand", [("two hundred and five thousand", 205_000)]),
        ("Twenty-five of 30", [("Twenty five", 25), ("30", 30)]),
        ("in 2024 two dogs", [("2024", 2024), ("two", 2)]),
        ("no figure, and nothing", []),
    ],
)
def test_numbers_in_digits_and_words(text: str, expected: list[tuple[str, float]]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "source", "expected"),
    [
        ("It fired 183 drones.", "Some 183 drones were fired.", []),
        ("It fired 250 drones.", "Some 183 drones were fired.", [("number", "250")]),
        ("It made 1.25 billion.", "It made 1.25 million.", [("number", "1.25 billion")]),
        ("It made 1,250,000.", "It made 1.25 million.", []),
        ("Twelve died.", "It said 12 died.", []),
        ("One of them left.", "A man left.", []),
        ("It was in May, on Friday.", "It was on Fri.", [("date", "May")]),
        ("The talks in Abu Dhabi ended.", "Talks ended.", [("name", "Abu"), ("name", "Dhabi")]),
        ("The Russian side and Ukrainians met.", "Russia and Ukraine met.", []),
        ("Talks ended.", "The talks ended.", []),
        ("However, NATO left.", "All left.", [("name", "NATO")]),
        ("It is Kyiv's.", "Kyiv has it.", []),
    ],
)
def test_words_that_the_source_does_not_hold(text: str, source: str, expected: list[tuple[str, str]]) -> None:
    assert foreign(text, source) == expected


def test_report_with_a_name_from_another_passage_and_bad_citations() -> None:
    report: dict[str, Any] = {
        "claim": "Who spoke?",
        "evidence": [{"id": 1, "text": "He spoke."}, {"id": 2, "text": "On that day Umerov spoke."}],
        "summary": [
            {"text": "Umerov spoke.", "citations": [1]},
            {"text": "He spoke.", "citations": [1, 3]},
            {"text": "He spoke.", "citations": []},
        ],
    }
    assert faults(report) == [
        Fault("name", "Umerov", "Umerov spoke."),
        Fault("citation", "3", "He spoke."),
        Fault("citation", "none", "He spoke."),
    ]
