"""Contrast pairs about questions: what a passage only asks it does not say.

Headlines ask ("Did the mayor resign?"), interviews and fact checks ask and answer. A claim is put before a passage as
a question: with no answer it leaves the claim open, with one it is the answer that counts.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from training.contrast import NEUTRAL, REFUTED, SUPPORTED
from training.data import Example

_SUBJECT_FIRST = re.compile(
    r"(?P<subject>[A-Z][^,;:?]{1,60}?) (?P<verb>is|was|are|were|has|had|have|can|could|will|would) (?P<rest>.+?)\.?"
)
_CLAUSE = re.compile(r"\b(?:who|which|that|when|while|if|because|and)\b")
_SMALL_WORDS = {"The", "A", "An", "There", "It", "He", "She", "They", "His", "Her", "Its", "Their", "This", "These"}
_WRAPPED = ("Is it true that {}?", "Fact check: is it true that {}?", "Some ask whether {}.", "We asked whether {}.")
_YES = ("Yes.", "Yes, that is correct.", "It is true.", "Yes, according to officials.")
_NO = ("No.", "No, that is not correct.", "It is not true.", "No, officials said.", "The claim is false.")
_OPEN = (
    "",
    "",
    "",
    "No answer could be found.",
    "It is too early to tell.",
    "Experts are divided.",
    "There is no information on this.",
    "Nobody answered the question.",
)


def as_question(claim: str, rng: random.Random) -> str:
    """The claim as something asked: "Is X Y?" where its verb allows, otherwise wrapped."""
    match = _SUBJECT_FIRST.fullmatch(claim.strip())
    if match and not _CLAUSE.search(match["subject"]) and rng.random() < 0.7:
        return f"{match['verb'].capitalize()} {_within(match['subject'])} {match['rest']}?"
    return rng.choice(_WRAPPED).format(_within(claim.strip().rstrip(".")))


def _within(text: str) -> str:
    first, _, rest = text.partition(" ")
    return f"{first.lower()} {rest}" if first in _SMALL_WORDS else text


def question_pairs(examples: list[Example], rng: random.Random, count: int) -> Iterator[Example]:
    """`count` pairs: four in ten questions without an answer, three with yes or no, three before the pair's passage."""
    for example in rng.choices(examples, k=count):
        asked, kind = as_question(example.claim, rng), rng.random()
        if kind < 0.4:
            premise, label = f"{asked} {rng.choice(_OPEN)}".strip(), NEUTRAL
        elif kind < 0.7:
            label = rng.choice((SUPPORTED, REFUTED))
            premise = f"{asked} {rng.choice(_YES if label == SUPPORTED else _NO)}"
        else:
            premise, label = f"{asked} {example.premise}", example.label
        yield Example(example.claim, premise, label, "contrast_questions")
