"""What a text only asks: "Did the mayor resign?" says nothing of whether she did."""

from __future__ import annotations

import re

from factcheck.corpus.sentences import split_sentences

# A question that yes or no answers. Others ("How many drones were launched?") give their answer its sense.
_YES_OR_NO = re.compile(
    r"[\"'“‘(]*(?:(?:Q|Question|Fact[- ]check(?:ing)?|Claim|And|But|So)\s*[:,.]?\s+)?"
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|isn['’]t|aren['’]t|wasn['’]t"
    r"|weren['’]t|don['’]t|doesn['’]t|didn['’]t|hasn['’]t|haven['’]t|hadn['’]t|can['’]t|couldn['’]t|won['’]t"
    r"|wouldn['’]t)\s+\w.*\?[\"'”’)]*",
    re.IGNORECASE | re.DOTALL,
)
# Answers that mean nothing without their question: "Yes, on Friday.", "She did."
_LEANS = re.compile(
    r"\W*(?:(?:A|Answer)\s*[:.]\s*)?"
    r"(?:yes|yeah|yep|of\s+course|indeed|correct|true|false|right|wrong|absolutely|certainly|probably|hardly|never"
    r"|not\s+(?:yet|quite|really|exactly|at\s+all|any\s+more)"
    r"|(?:no|nope)(?=\W*$|\s*[,.;:!–—-]|\s+\w+\s+\w*n['’]t\b))(?!\w)",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"\W*(?:no\s+(?:answer|one)|unknown|unclear|unanswered|nobody)\b", re.IGNORECASE)
_SHORT = 3  # words of an answer that leans on its question whatever they are


def is_question(sentence: str) -> bool:
    """Whether a sentence ends with a question mark, quotation marks aside."""
    return sentence.rstrip("\"'”’) ").endswith("?")


def stated(text: str) -> str:
    """The text with blanks in place of what it only asks, so that every other character keeps its place.

    A yes-or-no question stays if the sentence after it means nothing without it.
    """
    if "?" not in text:
        return text
    sentences = split_sentences(text)
    for span, after in zip(sentences, (*sentences[1:], None), strict=True):
        if _YES_OR_NO.fullmatch(text, span.start, span.end):
            answer = text[after.start : after.end] if after is not None else ""
            if not _leans(answer):
                text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def _leans(answer: str) -> bool:
    if not answer or is_question(answer) or _NOTHING.match(answer):
        return False
    return bool(_LEANS.match(answer)) or len(re.findall(r"\w+", answer)) <= _SHORT
