import pytest

from factcheck.verdict.checkable import why_not_checkable


@pytest.mark.parametrize(
    "text",
    [
        "Did Russia launch 183 drones?",
        "How many drones were launched?",
        "Who led the American delegation",
        "The drones were made in Iran?",
    ],
)
def test_questions_are_not_claims(text: str) -> None:
    assert why_not_checkable(text) == "a question"


@pytest.mark.parametrize("text", ["Please check the talks.", "Tell me about the swap.", "Summarise the report."])
def test_commands_are_not_claims(text: str) -> None:
    assert why_not_checkable(text) == "a command"


@pytest.mark.parametrize(
    "text",
    [
        "I think the war will end soon.",
        "Abu Dhabi is the best city in the world.",
        "Ukraine should accept the offer.",
        "The film was boring.",
    ],
)
def test_opinions_are_not_claims(text: str) -> None:
    assert why_not_checkable(text) == "an opinion"


@pytest.mark.parametrize(
    "text",
    [
        "Russia launched 183 drones",
        "Zelenskyy said partners should be ready to act.",
        "Moscow called the estimate unreliable.",
        "The best-selling car of 2024 was made in Japan.",
        "When the talks ended, 157 prisoners had been freed.",
        "The World Health Organization is an agency of the United Nations.",
        "Which candidate won was announced on Monday.",
        "List prices are higher than street prices.",
        "Can was a German band.",
        "May was the warmest month.",
    ],
)
def test_statements_are_claims(text: str) -> None:
    assert why_not_checkable(text) is None
