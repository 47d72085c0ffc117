"""Who says so, by the passage's own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factcheck.corpus.sentences import split_sentences
from factcheck.corpus.speakers import MAX_SPEAKER_CHARS, speaker_of


def speakers(text: str) -> list[str]:
    return [speaker_of(text, span.start, span.end) for span in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Norway's navy said two mines had drifted ashore.", "Norway's navy"),
        ("City Mayor Kari Lund said at least two people were hurt.", "City Mayor Kari Lund"),
        ("In Oslo, Mayor Kari Lund said nobody was hurt.", "Mayor Kari Lund"),
        ("Nobody was hurt, the navy said.", "the navy"),
        ("One man was hurt in the north, local Gov. Ola Berg said in a post on Telegram.", "local Gov. Ola Berg"),
        ("Of those freed, 139 had been held since 2022, Berg said.", "Berg"),
        ('"This was achieved by talks," Lund wrote.', "Lund"),
        ('"This was achieved by talks," said Lund.', "Lund"),
        ("“The channel will stay open”, the navy said in a statement.", "the navy"),
        ("Seven of them are civilians, said police.", "police"),
        ("Talks go on, according to the envoy's aide Ola Berg.", "the envoy's aide Ola Berg"),
        ("According to Norway’s navy, two mines drifted ashore.", "Norway’s navy"),
        (
            "Talks go on, according to a communique from the chief negotiator, Ola Berg.",
            "the chief negotiator, Ola Berg",
        ),
        ("Norway's envoy, Ola Berg, said there was progress.", "Norway's envoy, Ola Berg"),
        ("Ola Berg, who led the talks in Oslo, said there was progress.", "Ola Berg"),
        ("Berg -- who led the talks, and paid for them -- told reporters there was progress.", "Berg"),
        ("Speaking beside Prime Minister Kari Lund, Berg said the talks had covered it.", "Berg"),
        ("The navy's rescue service (NRS) reported hits in several districts.", "The navy's rescue service"),
        ("Berg thanked his hosts for the dinner and said talks would go on.", "Berg"),
        ("Secretary Kari Lund on Wednesday urged patience.", "Secretary Kari Lund"),
        ("Analysts say the navy has lost two ships.", "Analysts"),
        ("Two ships were lost, officials said.", "officials"),
        ("They also want guarantees, without which Oslo says the war may resume.", "Oslo"),
        ("* The navy said two mines had drifted ashore.", "The navy"),
        ("OSLO, Feb 5 (Reuters) - The navy said two mines had drifted ashore.", "The navy"),
        ("Meanwhile, both Norwegian and Danish bloggers reported that it had failed.", "Norwegian and Danish bloggers"),
    ],
)
def test_a_named_speaker(text: str, speaker: str) -> None:
    assert speaker_of(text, 0, len(text)) == speaker


@pytest.mark.parametrize(
    "text",
    [
        "Two ports signed an agreement on Thursday.",
        "Two people were reported injured.",
        "The suspect was told to leave.",
        "Dickens wrote A Christmas Carol in 1843.",
        "The company's reported losses grew.",
        "He said the talks would go on.",
        "The pier gave way, and an estimated 500 people fled.",
        "The samples were sorted according to the severity of damage.",
        "Most frequently reported problems included rust.",
        '"We said no," read the banner.',
        "The flood claimed the lives of 12 people.",
        "",
    ],
)
def test_text_that_speaks_for_itself(text: str) -> None:
    assert speaker_of(text, 0, len(text)) == ""


def test_pronouns_stand_for_the_nearest_earlier_speaker() -> None:
    assert speakers("Berg said it was over. He added that thousands were missing. It rained.") == ["Berg", "Berg", ""]
    assert speakers("Mayor Kari Lund said so. Norway's navy said no. She said it twice. It said so too.") == [
        "Mayor Kari Lund",
        "Norway's navy",
        "Mayor Kari Lund",
        "Norway's navy",
    ]
    assert speakers("Norway's navy said no. He said it twice.") == ["Norway's navy", ""]


def test_a_quotation_that_goes_on_keeps_its_speaker() -> None:
    assert speakers('"It is over," Berg wrote. "We go home." Two ships stayed.') == ["Berg", "Berg", ""]


def test_the_speaker_of_a_part_is_the_speaker_of_its_sentence() -> None:
    text = "It rained. The navy said two mines had drifted ashore. The pier held."
    start = text.index("two mines")
    assert speaker_of(text, start, start + 9) == "The navy"
    assert speaker_of(text, 0, 10) == ""
    assert speaker_of(text, text.index("The pier"), len(text)) == ""


WORDS = [*'ab A.,"“”-()—', " said ", "He ", ", according to ", "Oslo"]


@given(st.lists(st.sampled_from(WORDS), max_size=60).map("".join))
def test_a_speaker_is_short_and_made_of_the_passage(text: str) -> None:
    speaker = speaker_of(text, 0, len(text))
    assert len(speaker) <= MAX_SPEAKER_CHARS
    assert all(word in text for word in speaker.split())
