"""Contrast pairs about who did it to whom, and who said it: the same words, the parts given to others.

Swapping names within the sets' own claims gives too few pairs that read well, so these are put together: an event
between two persons, countries or companies, told in the active or the passive, and claimed either way round.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from training.contrast import NEUTRAL, REFUTED, SUPPORTED
from training.data import Example

_PERSON = re.compile(
    r"(?<![\w.] )\b((?!The |In |On |At |After |Before )[A-Z][a-z]+ [A-Z][a-z]+) (?:\(born|is an? |was an? )"
)
COUNTRIES = (
    "Russia Ukraine France Germany Brazil Kenya Japan Mexico Poland Turkey Egypt India Peru Norway Serbia Chile Ghana "
    "Iran Iraq Cuba Spain Italy Canada Vietnam Morocco Finland Greece Belarus Georgia Armenia"
).split()
_COMPANIES = (
    "Northwind Telecom,Halden Foods,Aster Motors,Bluefin Airlines,Corvex,Delmar Bank,Everline Energy,Fjord Shipping,"
    "Granite Insurance,Helio Labs,Ironbridge Steel,Juniper Pharma,Kestrel Media,Lumen Rail,Meridian Oil,Novagen"
).split(",")
# (active, passive), {a} does it to {b}; the other way round it is another event.
_BETWEEN_PERSONS = (
    ("{a} defeated {b}", "{b} was defeated by {a}"),
    ("{a} sued {b}", "{b} was sued by {a}"),
    ("{a} accused {b} of lying", "{b} was accused of lying by {a}"),
    ("{a} praised {b}", "{b} was praised by {a}"),
    ("{a} criticised {b}", "{b} was criticised by {a}"),
    ("{a} hired {b}", "{b} was hired by {a}"),
    ("{a} dismissed {b}", "{b} was dismissed by {a}"),
    ("{a} replaced {b}", "{b} was replaced by {a}"),
    ("{a} succeeded {b} as chair", "{b} was succeeded as chair by {a}"),
    ("{a} interviewed {b}", "{b} was interviewed by {a}"),
    ("{a} taught {b}", "{b} was taught by {a}"),
    ("{a} was arrested after attacking {b}", "{b} was attacked by {a}, who was arrested"),
    ("{a} rescued {b}", "{b} was rescued by {a}"),
    ("{a} asked {b} to resign", "{b} was asked to resign by {a}"),
    ("{a} voted for {b}", "{b} got the vote of {a}"),
    ("{a} beat {b} in the final", "{b} lost the final to {a}"),
    ("{a} lent money to {b}", "{b} borrowed money from {a}"),
    ("{a} sold the house to {b}", "{b} bought the house from {a}"),
    ("{a} is the father of {b}", "{b} is a child of {a}"),
    ("{a} wrote a book about {b}", "{b} is the subject of a book by {a}"),
)
_BETWEEN_COUNTRIES = (
    ("{a} attacked {b}", "{b} was attacked by {a}"),
    ("{a} returned prisoners to {b}", "{b} received prisoners from {a}"),
    ("{a} sold aircraft to {b}", "{b} bought aircraft from {a}"),
    ("{a} imposed sanctions on {b}", "sanctions were imposed on {b} by {a}"),
    ("{a} recognised the government of {b}", "the government of {b} was recognised by {a}"),
    ("{a} recalled its ambassador from {b}", "the ambassador to {b} was recalled by {a}"),
    ("{a} lent two billion dollars to {b}", "{b} was lent two billion dollars by {a}"),
    ("{a} beat {b} 2-1", "{b} lost 2-1 to {a}"),
    ("{a} invaded {b}", "{b} was invaded by {a}"),
    ("{a} accused {b} of breaking the truce", "{b} was accused of breaking the truce by {a}"),
    ("{a} imports gas from {b}", "{b} exports gas to {a}"),
)
_BETWEEN_COMPANIES = (
    ("{a} bought {b}", "{b} was bought by {a}"),
    ("{a} sued {b}", "{b} was sued by {a}"),
    ("{a} supplies parts to {b}", "{b} gets parts from {a}"),
    ("{a} overtook {b} in sales", "{b} was overtaken in sales by {a}"),
    ("{a} owes money to {b}", "{b} is owed money by {a}"),
    ("{a} owns a third of {b}", "a third of {b} is owned by {a}"),
    ("{a} sold its stores to {b}", "{b} bought the stores of {a}"),
)
_TAILS = (
    "",
    "",
    " on Tuesday",
    " last year",
    " in 2014",
    " in May",
    ", according to officials",
    " again",
    " this week",
)
_SPEECH = (
    ("said that {x}", "it was said by {who} that {x}"),
    ("argued that {x}", "that {x} was argued by {who}"),
    ("denied that {x}", "it was denied by {who} that {x}"),
    ("confirmed that {x}", "{who} is among those who confirmed that {x}"),
    ("told reporters that {x}", "reporters were told by {who} that {x}"),
)
_DEMANDS = (
    "new elections,a ceasefire,lower taxes,an inquiry,stricter rules,more money for schools,the mayor's resignation,"
    "a ban on fishing,a second vote,the release of the prisoners,a pay rise,a new bridge,the sale of the port"
).split(",")
_ASKS = ("called for", "demanded", "pleaded for", "asked for", "came out for")
_DECLINES = ("rejected", "spoke against", "opposed", "ruled out", "voted against")
_LINKS = ("; ", ", while ", ". ", ", whereas ", ", but ")


class Roles:
    """Makes such pairs; persons and statements come from the examples' claims."""

    def __init__(self, examples: list[Example]) -> None:
        self.persons = sorted({m[1] for e in examples for m in _PERSON.finditer(e.claim)})
        texts = {e.claim.rstrip(". ") for e in examples if 25 < len(e.claim) < 80 and e.claim[:3] in ("The", "A p")}
        self._statements = sorted(text[0].lower() + text[1:] for text in texts)

    def pairs(self, count: int, rng: random.Random) -> Iterator[Example]:
        """`count` pairs: two in three of deeds, the others of words."""
        for _ in range(count):
            yield rng.choice((self._deed, self._deed, self._word))(rng)

    def _deed(self, rng: random.Random) -> Example:
        events, names = rng.choice(
            (
                (_BETWEEN_PERSONS, self.persons),
                (_BETWEEN_PERSONS, self.persons),
                (_BETWEEN_COUNTRIES, COUNTRIES),
                (_BETWEEN_COMPANIES, _COMPANIES),
            )
        )
        one, two = rng.sample(names, 2)
        event, tail = rng.choice(events), rng.choice(_TAILS)
        told = rng.choice(event).format(a=one, b=two)
        label = rng.choice((SUPPORTED, REFUTED))
        a, b = (one, two) if label == SUPPORTED else (two, one)
        claim = rng.choice(event).format(a=a, b=b) + (tail if rng.random() < 0.5 else "")
        return Example(_sentence(claim), _sentence(told + tail), label, "contrast_roles")

    def _word(self, rng: random.Random) -> Example:
        one, two, other = rng.sample(self.persons, 3)
        if rng.random() < 0.4:
            demand = rng.choice(_DEMANDS)
            for_it, against = f"{rng.choice(_ASKS)} {demand}", f"{rng.choice(_DECLINES)} {demand}"
            told = rng.choice(_LINKS).join(
                rng.sample((f"{one} {for_it}", f"{two} {rng.choice((against, 'rejected that'))}"), 2)
            )
            who, label = rng.choice(((one, SUPPORTED), (two, REFUTED), (other, NEUTRAL)))
            return Example(_sentence(f"{who} {rng.choice(_ASKS)} {demand}"), _sentence(told), label, "contrast_speaker")
        x, y = rng.sample(self._statements, 2)
        said, put = rng.choice(_SPEECH)
        said_too, _ = rng.choice(_SPEECH)
        told = rng.choice(_LINKS).join((f"{one} {said.format(x=x)}", f"{two} {said_too.format(x=y)}"))
        who, label = rng.choice(((one, SUPPORTED), (two, NEUTRAL)))
        claim = f"{who} {said.format(x=x)}" if rng.random() < 0.7 else put.format(who=who, x=x)
        return Example(_sentence(claim), _sentence(told), label, "contrast_speaker")


def _sentence(text: str) -> str:
    """With a capital at the start of each sentence and a full stop."""
    text = re.sub(r"(?<=\. )[a-z]", lambda m: m[0].upper(), text)
    return f"{text[0].upper()}{text[1:]}."
