"""Contrast pairs about what happened and what was only meant, hoped, feared or denied.

From a claim in the past tense ("A signed the treaty") come passages with the same words in which it happened
("A went on to sign the treaty"), did not ("A refused to sign ...") or is left open ("A was expected to sign ...").
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence

from training.data import LABELS, Example

_HAPPENED = ("managed to", "went on to", "was able to", "did", "was seen to", "chose to", "was the first to")
_DID_NOT = ("failed to", "refused to", "declined to", "did not", "never did", "was unable to", "was not allowed to")
_OPEN = (
    *("plans to", "planned to", "hopes to", "hoped to", "wants to", "wanted to", "is meant to", "was meant to"),
    *("was expected to", "is expected to", "was due to", "is likely to", "may", "might", "could", "was asked to"),
    *("was urged to", "has offered to", "is trying to", "was supposed to", "threatened to", "very much wanted to"),
    *("has been told to", "is aiming to", "is said to want to", "was invited to", "is seeking to"),
)
_FRAMES = {"SUPPORTED": _HAPPENED, "REFUTED": _DID_NOT, "NOT_ENOUGH_INFO": _OPEN}
_AROUND = (
    *(
        "There were hopes that {}",
        "It is not known whether {}",
        "He asked whether {}",
        "She said it was too early to say that {}",
        "Nobody has confirmed that {}",
        "The aim is that {}",
        "Mediators want to make sure that {}",
    ),
)
_DENIED = ("It is not true that {}", "Officials denied that {}", "Reports that {} were false")
_SHARES = (0.25, 0.3, 0.45)  # supported, refuted, open
_IRREGULAR = dict(
    pair.split(":")
    for pair in (
        "became:become began:begin bought:buy brought:bring built:build came:come caught:catch chose:choose cut:cut "
        "did:do drew:draw drove:drive fell:fall fought:fight flew:fly gave:give went:go grew:grow had:have held:hold "
        "hit:hit kept:keep knew:know led:lead left:leave lost:lose made:make met:meet paid:pay put:put ran:run "
        "rose:rise said:say sang:sing sent:send set:set sold:sell spent:spend stood:stand took:take taught:teach "
        "told:tell thought:think won:win wore:wear wrote:write shot:shoot stole:steal spoke:speak hid:hide"
    ).split()
)
_NO_VERBS = frozenset("united red bed need based titled named called known related speed hundred used born".split())
_WORD = re.compile(r"[a-z]+")
_BE = re.compile(r"^(?P<subject>.{3,70}?) (?:is|was|are|were) (?P<rest>(?!not\b).+)$")


class Hedges:
    """Makes the pairs; knows the verbs of the data it is given."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._known = Counter(word for e in examples for word in _WORD.findall(e.premise.lower()))

    def made(self, example: Example, rng: random.Random) -> Example | None:
        """A pair with the example's claim and a passage about the same event; None if its verb is not found."""
        claim = example.claim.rstrip(". ")
        if " not " in claim or '"' in claim or len(claim) > 160:
            return None
        label = rng.choices(LABELS, _SHARES)[0]
        if rng.random() < 0.15 and label != "SUPPORTED":
            text = claim if re.match(r"[A-Z]\S* [A-Z]", claim) else claim[0].lower() + claim[1:]
            around = rng.choice(_AROUND if label == "NOT_ENOUGH_INFO" else _DENIED)
            premise = around.format(text)
        else:
            parts = self._parts(claim)
            if parts is None:
                return None
            subject, verb, rest = parts
            if verb == "be" and label == "SUPPORTED":
                return None
            premise = f"{subject} {rng.choice(_FRAMES[label])} {verb} {rest}"
        return Example(example.claim, premise + ".", LABELS.index(label), "contrast_hedge")

    def _parts(self, claim: str) -> tuple[str, str, str] | None:
        """Subject, base form of the verb, and the rest of a sentence in the past tense or with "be"."""
        words = claim.split()
        for i, word in enumerate(words[1:-1], 1):
            if words[i - 1].lower() in ("is", "was", "are", "were", "been", "be", "being", "has", "have", "had"):
                break
            base = self._base(word)
            if base is not None:
                return " ".join(words[:i]), base, " ".join(words[i + 1 :])
        match = _BE.match(claim)
        return None if match is None else (match["subject"], "be", match["rest"])

    def _base(self, word: str) -> str | None:
        if word in _IRREGULAR:
            return _IRREGULAR[word]
        if not word.endswith("ed") or not word.islower() or word in _NO_VERBS or len(word) < 5:
            return None
        stem = word[:-2]
        forms = [stem, stem + "e"]
        if stem[-1] == stem[-2]:
            forms.append(stem[:-1])
        if stem.endswith("i"):
            forms.append(stem[:-1] + "y")
        best = max(forms, key=lambda form: self._known[form])
        return best if self._known[best] > 3 else None
