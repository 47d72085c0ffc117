import pytest

from factcheck.verdict.asked import stated


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Did the mayor resign in May?", ""),
        ("“Did the mayor resign in May?”", ""),
        ("Fact check: Did the mayor resign in May?", ""),
        (
            "It rained. Has the bridge been closed? The council meets on Friday.",
            "It rained. The council meets on Friday.",
        ),
        ("Has the bridge been closed? No answer could be found.", "No answer could be found."),
        ("Has the bridge been closed? Has the tunnel?", ""),
    ],
)
def test_what_is_only_asked_is_blanked(text: str, left: str) -> None:
    assert " ".join(stated(text).split()) == left
    assert len(stated(text)) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "Did the mayor resign? Yes, in May.",
        "Did the mayor resign? No, she is still in office.",
        "Did the mayor resign? No she didn't.",
        "Did the mayor resign? She did.",
        "How many people were killed? Officials say 12.",
        "The band's album Can You Feel It? sold well.",
        'The mayor said: "Will I resign? No."',
    ],
)
def test_a_question_with_its_answer_stays(text: str) -> None:
    assert stated(text) == text
