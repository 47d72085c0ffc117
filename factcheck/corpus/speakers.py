"""Who says so: the speaker to whom a passage attributes its words.

Three forms are read, all by pattern: "X said ..." (also behind the words: "..., X said"), "..., said X", and
"according to X". A pronoun stands for the nearest earlier speaker of the passage. In doubt nobody is named: a
wrong name is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from factcheck.corpus.paragraphs import lead_length
from factcheck.corpus.sentences import split_sentences

MAX_SPEAKER_CHARS = 60
_MAX_SPEAKER_WORDS = 10

_ADVERB = (
    r"(?:also|later|earlier|then|again|now|further|previously|repeatedly|separately|publicly|privately|recently|currently"
    r"|frequently|initially|reportedly|has|have|had)"
)
_SAYS = re.compile(
    rf"(?:\b{_ADVERB} ){{0,2}}\b(?:"
    r"(?P<plain>said|says?|told|tells|stated|argue[ds]|allege[ds]|insist(?:ed|s)|tweeted|replied|urge[ds]"
    r"|accuse[ds]|warn(?:ed|s)|vowed|posted(?= (?:on|to|in)\b)|wrote(?= on\b)|added(?= (?:during|in|on)\b)"
    r"|(?:released|issued|published) a (?:\w+ )?statement saying)"
    r"|wrote|writes|announce[ds]|confirm(?:ed|s)|reported|estimated|noted|acknowledged|declare[ds]"
    r"|denie[ds]|explain(?:ed|s)|stress(?:ed|es)|pledged|promised|claimed|add(?:ed|s))\b"
)
# Verbs that also take things ("wrote a play", "reported a profit") count as speech only before these.
_SPEECH_FOLLOWS = re.compile(r"(?: [\w'’]+){0,5}? that\b|[ ,:]*[\":]|\.?$|,")
_QUOTED = re.compile(r"[\"“][^\"“”]*(?:[\"”]|$)")
_ACCORDING = re.compile(r"\b[Aa]ccording to ([^\"“”;:!?()]{2,120})")
_NO_AGENT = re.compile(
    r"^[^,]*\b(?:criteri(?:a|on)|guidelines?|methods?|scales?|classification|severity|types?|age|size|structure"
    r"|plan|protocol|definition|models?|index|stage|levels?|law|schedule|standards?|status|rules?)\b"
)
_AFTER_VERB = re.compile(
    r" ((?:[A-Z]|the |an? |police|officials)[^\"“”;:!?]{1,90}?)"
    r"(?=[.;]?$|, (?:who|which|adding|as|in)\b)"
)

_PARENTHESIS = re.compile(r"\([^()]*\) ?")
_DASHES = re.compile(r" (?:--|[–—]) ")
_RELATIVE = re.compile(r"\b(?:which|whom?|that|what|as|while|because|although|after) ", re.IGNORECASE)
_CONJUNCTION = re.compile(r"^(?:But|And|Yet|So|Meanwhile|However|Still|Later|Then|and|but|both) ")
_WHEN = re.compile(r" (?:(?:early |late )?on \w+day\b.*|on [A-Z]\w+ \d.*|this \w+|last \w+|\w+day)$")
_DOER = re.compile(r"(?:[Tt]he )?[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,5}(?= [a-z])")
_MESSAGE = re.compile(
    r"(?:an? |the |his |her |its |their )?(?:\w+ )?(?:communique|statement|report|post|interview|letter|message|memo"
    r"|tweet|article|speech|video|study|estimates?|figures?|data|survey|poll) (?:from|by|of) "
)
# A noun phrase holds none of these; what does is a clause that was read wrongly.
_CLAUSE = re.compile(
    r"\b(?:is|are|was|were|be|been|being|am|has|have|had|will|would|can|could|may|might|must|should|do|does|did"
    r"|not|that|which|who|whom|whose|what|when|where|while|because|if|than|there|this|these|those|to|its?|we|you"
    r"|I|We|You|There|This|These|Those|It)\b"
)
_OPEN_END = re.compile(r"(?:\b(?:an?|the|and|or|but|of|in|on|at|by|for|from|with|as|more|some)|['’]s)$", re.IGNORECASE)
_STARTS_CLAUSE = re.compile(
    r"(?:In|On|At|After|Before|During|Despite|Following|Among|By|For|From|Of|With|Without|Amid|When|Where|If"
    r"|Until|Under|Over|Since|[A-Z]?[a-z]+ing)\b"
)
_PRONOUN = re.compile(r"(?:he|she|they|it)$", re.IGNORECASE)
_GROUP = re.compile(
    r"\b(?:ministry|forces?|navy|agency|office|staff|command|government|officials?|police|army|military|bloggers|analysts?"
    r"|experts?|researchers|scientists|authors|council|company|department|service|court|authorities|parliament|party"
    r"|group|cent(?:er|re)|university|institute|team|media|bank|union|commission|committee)\b",
    re.IGNORECASE,
)
_COMMON = re.compile(
    r"(?:[\w-]+ )?(?:officials|police|analysts|experts|researchers|scientists|authors|authorities|media"
    r"|prosecutors|doctors|witnesses|residents|critics|lawyers|economists|investigators|diplomats)\b"
    r"|(?:the|an?) [\w'’-]",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Z][\w.'’-]*(?: (?:[A-Z][\w.'’-]*|al|bin|de|der|van|von)){0,3}$")
_ROLE_END = re.compile(r"\b[a-z][\w-]*$")
_WHOLE_QUOTE = re.compile(r"[\"“].*[\"”][.!?]?$", re.DOTALL)


def speaker_of(text: str, start: int, end: int) -> str:
    """Name who says `text[start:end]` in the passage: at most 60 characters, "" if nobody is named."""
    before = person = group = ""
    for left, right in _sentences(text):
        if left >= end:
            break
        sentence = text[left:right]
        speaker = _named_in(sentence)
        if _PRONOUN.match(speaker):
            speaker = {"it": group, "they": before}.get(speaker.lower(), person)
        elif not speaker and _WHOLE_QUOTE.match(sentence):
            speaker = before  # the quotation goes on
        if right > start and speaker:
            return speaker
        if speaker:
            before = speaker
            if _GROUP.search(speaker):
                group = speaker
            else:
                person = speaker
    return ""


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    lead = lead_length(text)
    for span in split_sentences(text[lead:]):
        yield lead + span.start, lead + span.end


def _named_in(sentence: str) -> str:
    """Find the speaker in a sentence, as a phrase or a pronoun; "" for none."""
    # Quoted words keep their length and lose their letters, so that no verb is found in them.
    plain = _QUOTED.sub(lambda match: '"' * len(match[0]), sentence)
    for verb in _SAYS.finditer(plain):
        clause = re.split(r"[\";:!?]", plain[: verb.start()])[-1]
        if (speaker := _subject(clause)) and _is_speech(verb, plain, speaker):
            return speaker
        inverted = _AFTER_VERB.match(plain, verb.end()) if verb[0] == "said" else None
        if inverted and plain[: verb.start()].rstrip().endswith((",", '"', "?", "!")):
            return _phrase(inverted[1].split(", "))
    if (match := _ACCORDING.search(plain)) and not _NO_AGENT.search(match[1]):
        return _phrase(_MESSAGE.sub("", match[1], count=1).split(", "))
    return ""


def _is_speech(verb: re.Match[str], sentence: str, speaker: str) -> bool:
    if verb["plain"]:
        return True
    return bool(_SPEECH_FOLLOWS.match(sentence, verb.end()) or _GROUP.search(speaker))


def _subject(clause: str) -> str:
    """Find the subject in what stands before a verb of speech; "" if it cannot speak.

    English closes an aside with a comma ("Umerov, the negotiator, said"); without one right before the verb
    the subject is what follows the last comma ("In Kyiv, the mayor said").
    """
    clause = re.sub(" {2,}", " ", _PARENTHESIS.sub(" ", clause))
    dashed = _DASHES.split(clause)
    clause = " ".join([*dashed[:-2], dashed[-1]]) if len(dashed) > 2 else dashed[-1]
    closed = clause.rstrip().endswith(",")
    parts = [part for part in clause.strip(" ,").split(", ") if part]
    if not closed:
        return _phrase([_RELATIVE.split(parts[-1])[-1]]) if parts else ""
    if len(parts) > 2 and _ROLE_END.search(parts[-2]) and _NAME.match(parts[-1]):
        parts = parts[-2:]
    for i in range(len(parts) - 1):
        if speaker := _phrase(parts[i:]):
            return speaker
    return ""


def _phrase(parts: list[str]) -> str:
    """Make a speaker of the first part. Of "a role, A Name" both stay where they are short, else the name."""
    phrase = _WHEN.sub("", _CONJUNCTION.sub("", parts[0].strip(), count=1)).strip(" ,.'’\"")
    if re.search(r" (?:and|but)$", phrase) and (doer := _DOER.match(phrase)):
        phrase = doer[0]  # "Tusk thanked his hosts and said ..."
    if len(parts) > 1 and _ROLE_END.search(phrase) and _NAME.match(name := parts[1].strip(" .")):
        both = f"{phrase}, {name}"
        phrase = both if len(both) <= MAX_SPEAKER_CHARS else name
    return phrase if _can_speak(phrase) else ""


def _can_speak(phrase: str) -> bool:
    if _PRONOUN.match(phrase):
        return True
    if len(phrase) > MAX_SPEAKER_CHARS or len(phrase.split()) > _MAX_SPEAKER_WORDS:
        return False
    if _CLAUSE.search(phrase) or _OPEN_END.search(phrase) or _STARTS_CLAUSE.match(phrase):
        return False
    return bool(re.search(r"\b[A-Z]\w", phrase) or _COMMON.match(phrase))
