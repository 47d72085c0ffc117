"""Whether a text is a claim at all: questions, commands and opinions are not.

Rules of form only, with precision before recall: what slips through is judged like any claim and ends, at worst,
as NOT_ENOUGH_INFO for want of evidence; a claim that is turned away wrongly is a wrong answer.
"""

from __future__ import annotations

import re

_QUESTION = re.compile(
    r"^(?:who|whom|whose|what|when|where|why|how|which)\b(?=.*\?\s*$)"
    r"|^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might)\s.+\?\s*$"
    r"|^(?:who|what|when|where|why|how)\s+(?:is|are|was|were|do|does|did|has|have|many|much|long|old|can|will)\b"
    r"(?![^?]*,)|^(?:who|whom|whose)\s[^,]*$|\?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_COMMAND = re.compile(
    r"^(?:please\b|(?:tell|show|give|explain to|remind|help)\s+(?:me|us)\b|let(?:'s|’s| us)\b|"
    r"(?:write|summari[sz]e|translate|ignore|check|list|explain|describe|find|compare|forget|print|stop|"
    r"imagine|consider|look up|google)\s+(?:(?:the|this|that|these|all|any|your|my|whether|if|every|a|an|for|me)\b)"
    r"(?!.*\b(?:is|are|was|were|has|have|had|said|did|does)\b))",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(
    r"\b(?:i|we)\s+(?:really\s+|strongly\s+|just\s+)?(?:think|believe|feel|hope|guess|suppose|love|hate|like|"
    r"prefer|wish|want|doubt)\b|\bin my (?:opinion|view)\b|\bimho\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:said|says|say|told|claimed|claims|called|calls|describ\w+|argu\w+|according to|wants?|wanted|demand\w*|"
    r"insist\w*|believ\w+|think\w*|asked|urged|voted|wrote|stated|announced|poll|survey|rated|ranked|named|known as)\b",
    re.IGNORECASE,
)
_TASTE = re.compile(
    r"\b(?:is|are|was|were|looks?|tastes?|sounds?)\s+(?:so |very |really |simply |the |a |an |truly |by far the )*"
    r"(?:beautiful|ugly|delicious|disgusting|boring|awesome|amazing|wonderful|terrible|awful|lovely|stupid|"
    r"fantastic|horrible|overrated|underrated|evil|shameful|disgraceful|cool|funnier|nicer|prettier|"
    r"(?:best|worst|greatest|nicest|prettiest|funniest)\s+(?:\w+\s+){0,2}(?:ever|of all time|in the world)?)\s*[.!]*$",
    re.IGNORECASE,
)
_NORMATIVE = re.compile(
    r"^(?:\w+[\s,]+){0,8}?(?:should|ought to)\s+(?:not\s+|never\s+|finally\s+|all\s+)?[a-z]+", re.IGNORECASE
)


def why_not_checkable(text: str) -> str | None:
    """Plain words for what the text is if it is no claim: "a question", "a command", "an opinion"; else None."""
    text = text.strip()
    if _QUESTION.search(text):
        return "a question"
    if _COMMAND.search(text):
        return "a command"
    if len(re.findall(r"\w+", text)) < 2:
        return "not a statement"
    if _FIRST_PERSON.search(text):
        return "an opinion"
    if not _REPORTED.search(text) and (_TASTE.search(text) or _NORMATIVE.search(text)):
        return "an opinion"
    return None
