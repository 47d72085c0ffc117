"""Patterns of captions and of the credits under pictures.

A caption is no evidence: the same picture runs with several reports, and its date is the picture's.
"""

from __future__ import annotations

import re

from factcheck.corpus.noise import FULL_DATE

_AGENCY = (
    r"(?:Reuters|REUTERS|AP|AFP|EPA(?:-EFE)?|EFE|Getty(?: Images)?|Shutterstock|Anadolu(?: Agency)?"
    r"|Bloomberg|UPI|TASS|Tass|PA(?: Wire| Media| Images)?|Xinhua|DPA|dpa|ANSA|S[Ii][Pp][Aa](?: USA)?"
    r"|Z[Uu][Mm][Aa](?: Press)?|NurPhoto|Alamy|iStock|Kyodo|Maxar(?: Technologies)?|Planet Labs(?: PBC)?"
    r"|Associated Press|Press Association|Pool|POOL|LaPresse|I[Mm][Aa][Gg][Oo]|EyePress|Redux|AAP"
    r"|Canadian Press|Magnum|Corbis|WireImage|FilmMagic|NASA|Handout|HANDOUT)"
)
_PICTURE = (
    r"(?:image|photo|photograph|picture|frame grab|video grab|still|handout|screen ?grab|screenshot"
    r"|satellite image|combination|illustration|frame)"
)
_GIVEN = (
    r"(?:made|taken|provided|released|from|grabbed|obtained|shot|issued|posted|supplied|distributed|grab"
    r"|photo|image|picture)"
)

_CREDIT = tuple(
    re.compile(pattern)
    for pattern in (
        rf".{{0,90}}(?:\bvia ?|/){_AGENCY}(?: via {_AGENCY})?\W*$",
        rf"\W*{_AGENCY}(?: [Pp]hoto)?\s*/\s*[A-Z]",
        rf"\W*{_AGENCY}\W*$",
        r".{0,80}\b(?:Getty Images|AP Photo|AFP PHOTO|EPA/|REUTERS/)",
        r"\W*(?:Photos?|Photograph|Image|Picture|Illustration|Graphic|Credit|Video)"
        r"(?: [Cc]redits?| by| courtesy(?: of)?)?\s*:",
        r"\W*(?:Photos?|Photograph|Illustration|Graphic|Courtesy)(?: by| courtesy of| of) [A-Z]",
        r"\W*(?:File|Stock|Handout) (?:photo|image|picture)\b",
        r"[^.!?]{0,80}\b[Hh]andout\W*$",
    )
)
_CAPTION_START = tuple(
    re.compile(pattern)
    for pattern in (
        r"[Ii]tem \d+ of \d+\b",
        r"\[?\d+ ?/ ?\d+\]",
        r"(?:FILE|FILE PHOTO|File photo|Pictured|PICTURED|Caption|Photo|Image|Illustration)\s?(?:[:–—]|-+\s)",
        rf"In this (?:[\w ,.'-]{{0,40}}\b)?{_PICTURE}(?: {_GIVEN}\b|,)",
        rf"This (?:[\w' -]{{0,30}}\b)?{_PICTURE}\b.{{0,160}}\bshows?\b",
        r"An? (?:[\w-]+ ){0,2}(?:screen ?grab|screenshot|video grab|still image|handout (?:photo|image))\b"
        r".{0,120}\bshows\b",
    )
)
_CAPTION_TAIL = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:\bvia |/){_AGENCY}(?: via {_AGENCY})?$",
        rf"[(\[][^()\[\]]*(?:\bvia |/ ?|: ?){_AGENCY}\W*[)\]]\W*$",
        rf"\[{_AGENCY}\]$",
        r"\((?:AP|AFP|EPA|Reuters|Getty)? ?(?:Photo|Image|Picture|File|Credit)\b[^()]*\)\W*$",
        r"\b(?:REUTERS|Reuters|AFP|EPA|Handout|AP Photo|AFP PHOTO) ?/ ?[A-Z][\w.'-]+(?: [A-Z][\w.'-]+){0,3}"
        rf"(?:/(?:File Photo|{_AGENCY}))?\W*$",
        r"\b(?:Getty Images|File [Pp]hoto|Purchase Licensing Rights|Handout via [A-Z]\w+)\W*$",
        r"[.!?] (?:Photo(?:graph)?|Credit|Image|Pictures?)(?: by|:| courtesy of) ?[A-Z][\w.'’/ -]{2,60}$",
    )
)

# Speech or a quotation: not a caption, wherever it stands.
_REPORTED = re.compile(r"\b(?:said|told|wrote|added|according to|announced|confirmed|reported|says)\b|[\"“”]")
_PHOTO_WORDS = re.compile(
    rf"\b{FULL_DATE}|\b(?:screen ?grab|screenshot|handout|file photo|(?:is|are) (?:seen|pictured|shown)"
    r"|(?:in|from) (?:this|a|an) (?:[\w-]+ ){0,2}(?:image|photo|picture|video|footage|photograph))\b"
    r"|\((?:left|right|centre|center)\)"
)
# Captions are one sentence in the present tense; these are signs of a report.
_REPORT = re.compile(
    r"[.!?] [A-Z]"
    r"|\b(?:was|were|had|has|have|would|will|did|could|launched|killed|began|came|went|took|fell|rose|hit|struck)\b"
)


def is_credit(text: str) -> bool:
    """Tell whether a paragraph only names who made or sent a picture."""
    return not text.endswith(".") and any(pattern.match(text) for pattern in _CREDIT)


def is_caption(text: str) -> bool:
    """Tell whether a paragraph describes a picture, by how it begins or by the credit that it ends with."""
    return any(pattern.match(text) for pattern in _CAPTION_START) or any(
        pattern.search(text) for pattern in _CAPTION_TAIL
    )


def reads_like_caption(text: str) -> bool:
    """Tell whether prose right above a credit is the caption, and not the last sentence of the report."""
    if _REPORTED.search(text):
        return False
    return bool(_PHOTO_WORDS.search(text)) or not _REPORT.search(text)
