"""Splits a claim made of several facts: "A launched 183 drones and lost two aircraft" says two things.

Rules of form, with precision before recall: a claim that is not split is judged whole, as it always was; one that
is split wrongly is judged by half a sentence. So a split needs a verb with something after it on either side.
"""

from __future__ import annotations

import re

MAX_PARTS = 4
_LEAST_WORDS = 3
_MAX_SUBJECT = 8  # words
_SUBJECT_AHEAD = 5  # words of a new subject before its verb

_JOINT = re.compile(r";\s+|,?\s+(?:and|but|while|whereas)\s+(?:also\s+|then\s+|later\s+)?")
_QUOTED = re.compile(r"[\"“«][^\"”»]*[\"”»]|\([^)]*\)")
_BE = frozenset("is are was were be been".split())
_AUXILIARIES = _BE | frozenset("has have had will would can could did does do may might must".split())
_PAST = frozenset(
    "became began bought brought built came caught chose drew drove fell fought flew gave went grew held hit kept "
    "knew led left lost made met paid put ran rose sang sent set sold spent stood taught took told thought "
    "won wore wrote shot stole spoke beat broke cut".split()
)
_NO_VERBS = frozenset("united red bed need hundred named called so-called aged based titled unprecedented".split())
_PRONOUNS = frozenset("he she it they".split())
_WHOLE = re.compile(
    r"^(?:if|when|because|although|though|since|after|before|unless|both|either|neither|there|according)\b"
    r"|\b(?:said|says|say|claimed|announced|reported|believes?|argued|told|wrote|stated|denied|whether|between|both|"
    r"either|neither|if|that|who|which|whose|where)\b",
    re.IGNORECASE,
)


def split_claim(text: str) -> tuple[str, ...]:
    """The facts that a claim states, each a sentence of its own; (text,) where it is one or cannot be split."""
    sentence = text.strip().rstrip(".!")
    if _WHOLE.search(sentence):
        return (text,)
    parts = [sentence]
    while len(parts) < MAX_PARTS:
        cut = _cut(parts[-1])
        if cut is None:
            break
        parts[-1:] = cut
    return tuple(f"{part[0].upper()}{part[1:]}." for part in parts) if len(parts) > 1 else (text,)


def _cut(sentence: str) -> tuple[str, str] | None:
    """The sentence in two where its first joint joins two statements."""
    quoted = [match.span() for match in _QUOTED.finditer(sentence)]
    for joint in _JOINT.finditer(sentence):
        if any(start <= joint.start() < end for start, end in quoted):
            continue
        left, right = sentence[: joint.start()], sentence[joint.end() :]
        subject, predicate = _subject_of(left)
        if not predicate or len(right.split()) < 2 or len(left.split()) < _LEAST_WORDS:
            continue
        second = _statement(subject, predicate, right, strong=joint[0].strip()[0] in ";," or "and" not in joint[0])
        if second is not None and len(second.split()) >= _LEAST_WORDS:
            return left, second
    return None


def _subject_of(statement: str) -> tuple[str, list[str]]:
    """The words before the verb, and the verb with what follows; no verb, or nothing after it: no predicate."""
    words = statement.split()
    for i, word in enumerate(words[1 : _MAX_SUBJECT + 1], 1):
        if _is_verb(word):
            return " ".join(words[:i]), words[i:] if len(words) > i + 1 else []
    return "", []


def _statement(subject: str, predicate: list[str], right: str, *, strong: bool) -> str | None:
    """What stands after a joint as a sentence of its own; None if it only lists more of the same."""
    words = right.split()
    first = words[0]
    helpers = [word for word in predicate[:2] if word in _AUXILIARIES]
    if helpers and _is_participle(first):
        return f"{subject} {' '.join(helpers)} {right}"
    if first.islower() and _is_verb(first):
        return f"{subject} {right}" if len(words) > 2 or first in _AUXILIARIES else None
    if first.lower() in _PRONOUNS and _is_verb(words[1]):
        return f"{subject} {' '.join(words[1:])}"
    verb = next((i for i, word in enumerate(words[: _SUBJECT_AHEAD + 1]) if i and _is_verb(word)), None)
    if verb is None or len(words) < verb + 2:
        return None
    named = all(word[0].isupper() for word in words[:verb])
    own_subject = named or (strong and first.lower() in ("the", "a", "an", "its", "their", "his", "her"))
    return right if own_subject and not _is_participle_only(words, verb) else None


def _is_verb(word: str) -> bool:
    return word in _AUXILIARIES or word in _PAST or _is_participle(word)


def _is_participle(word: str) -> bool:
    return word.endswith("ed") and word.islower() and len(word) > 4 and word not in _NO_VERBS


def _is_participle_only(words: list[str], verb: int) -> bool:
    """Whether the verb after a new subject may as well be an adjective or a passive ("prisoners held by ...")."""
    return _is_participle(words[verb]) and verb + 1 < len(words) and words[verb + 1] in ("by", "in", "from", "since")
