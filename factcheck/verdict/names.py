"""Names in a sentence or a claim, and whether the sources hold them.

A name is a run of capitalised words or an acronym. There is no list of names: what stands with a capital
letter where English asks for none is one. At the beginning of a sentence every word has a capital, so there a
word counts unless it is one of the few that open the sentences of a report.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Between two neighbours of a name in the sentence the source may have this many words more ("US President
# Trump" for "U.S. President Donald Trump"), but not enough to make one person out of two.
MAX_WORDS_BETWEEN = 2

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[^\w\s]|\d+")
_POSSESSIVE = re.compile(r"['’]s?$", re.IGNORECASE)
_SLAVIC_ENDING = re.compile(r"sk(?:iy|yy|ij|yi|yj|i|y)$")
_EXPANSIONS = (
    (re.compile(r"\bUnited States(?: of America)?\b|\bU\.\s?S\.(?:\s?A\.)?|\bUSA\b"), "US"),
    (re.compile(r"\bUnited Kingdom\b|\bU\.\s?K\."), "UK"),
    (re.compile(r"\bUnited Nations\b|\bU\.\s?N\."), "UN"),
    (re.compile(r"\bEuropean Union\b|\bE\.\s?U\."), "EU"),
    (re.compile(r"\bUnited Arab Emirates\b|\bU\.\s?A\.\s?E\."), "UAE"),
)
_OPENERS = frozenset(
    """
    a about according after afterwards again all also although among an and another any anyone are
    around as at authorities because before being both but by defence defense despite during each
    earlier eight either eleven even every few fifteen fifty fighting five following for forces forty
    four from further had he hundreds in instead is it its just last later local many meanwhile members
    millions more moreover most neither nine no nobody none nor not nothing now of officials on once one
    only or other others our out over overnight people prior prisoners reports seven several she since
    six soldiers some soon such talks ten than that the their then there these they thirty this those
    though thousands three through thus to today together troops twelve twenty two under until up was we
    were what when where which while who with within without workers
    """.split()
)
_NEVER_NAMES = frozenset({"i"})


def unsupported_names(sentence: str, sources: Sequence[str]) -> tuple[str, ...]:
    """Names in the sentence that no source holds, as they stand there, in order and without repetition."""
    known = [_folded_words(source) for source in sources]
    missing = [name for name in _names(_expanded(sentence)) if not any(_holds(words, name) for words in known)]
    return tuple(dict.fromkeys(" ".join(name) for name in missing))


def _names(text: str) -> list[tuple[str, ...]]:
    """Find runs of neighbouring name words; a possessive or any punctuation but a hyphen ends a run."""
    runs: list[tuple[str, ...]] = []
    run: list[str] = []
    opens = True  # the next word begins a sentence, a quotation or a list item
    for token in _WORD.findall(text):
        if token[0].isalpha():
            if _is_name(token, opens):
                run.append(_POSSESSIVE.sub("", token))
            if run and (not _is_name(token, opens) or _POSSESSIVE.search(token)):
                runs.append(tuple(run))
                run = []
            opens = False
        elif token[0].isdigit():
            opens = False
        elif token not in "-–'’":
            if run:
                runs.append(tuple(run))
                run = []
            opens = opens or token in '.!?:;"“”(['
    return [*runs, tuple(run)] if run else runs


def _is_name(word: str, opens: bool) -> bool:
    if word.lower() in _NEVER_NAMES or word == word.lower():
        return False
    return not (opens and word[1:] == word[1:].lower() and word.lower() in _OPENERS)


def _holds(words: Sequence[str], name: Sequence[str]) -> bool:
    """Whether a source has the name's words in this order, with few others between."""
    first, *rest = [_folded(word) for word in name]
    starts = [i for i, word in enumerate(words) if word == first]
    for word in rest:
        near = {j for i in starts for j in range(i + 1, i + 2 + MAX_WORDS_BETWEEN)}
        starts = [j for j in sorted(near) if j < len(words) and words[j] == word]
    return bool(starts)


def _folded_words(text: str) -> list[str]:
    return [_folded(_POSSESSIVE.sub("", word)) for word in _WORD.findall(_expanded(text)) if word[0].isalpha()]


def _expanded(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    for pattern, short in _EXPANSIONS:
        text = pattern.sub(short, text)
    return text


def _folded(word: str) -> str:
    """Fold case, accents and the spellings of one Slavic ending: Zelenskyy, Zelenskiy, Zelensky."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))
    return _SLAVIC_ENDING.sub("sky", plain.casefold())
