"""Patterns of what stands around a news report on its page: menus, advertisements, teasers, legal notices.

Anchored at the start or the end of a paragraph, and in need of more than one word, so that prose which
mentions a newsletter, a cookie or an advertisement does not match.
"""

from __future__ import annotations

import re

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
FULL_DATE = rf"(?:{_MONTH} \d{{1,2}},? \d{{4}}|\d{{1,2}} {_MONTH},? \d{{4}}|\d{{4}}-\d{{2}}-\d{{2}})"
_CLOCK = r"\d{1,2}[:.]\d{2}(?: ?[AaPp]\.?[Mm]\.?)?(?: ?\(?[A-Z]{2,4}\)?)?"
_PLATFORM = (
    r"(?:X|Twitter|Facebook|Instagram|TikTok|YouTube|LinkedIn|Telegram|WhatsApp|Threads|Bluesky|Reddit"
    r"|Pinterest|Flipboard|Google News|Apple News|email)"
)
_PUBLISHED = r"(?:(?:first |last )?(?:published|updated|posted|modified|created)\b)"

_PUBLICATION = re.compile(
    rf"(?:{_PUBLISHED}[ :]*(?:on |at )?)?(?:\w+day,? )?{FULL_DATE}\W*"
    rf"(?:(?:at|·|\||,|-)?\s*{_CLOCK})?\W*$",
    re.IGNORECASE,
)

_FURNITURE = (
    r"(?:advertisement|advert|sponsored(?: content)?|paid content|promoted)"
    r"(?:[ :–—-]*\b(?:scroll|skip|story|article)\b.*)?$",
    r"(?:story|article|report) continues (?:below|after)\b",
    r"(?:skip|jump) to (?:main|(?:the )?content|(?:the )?navigation|footer)\b",
    r"(?:scroll down|swipe|scroll to continue|scroll for more)\b[^.]{0,60}$",
    r"(?:click|tap) (?:here|to (?:expand|read|play|view|see|share|subscribe))\b",
    r"(?:show|view|see|load) (?:all|less|more comments|comments)\b[^.]{0,40}$",
    r"\(?\d+\)? comments?$",
    r"(?:list of \d+ items?|end of list|list \d+ of \d+)",
    r"24/7 (?:live )?(?:coverage|news)\b",
    r"(?:(?:listen to|save|gift) this (?:article|story)|listen to [\w ]{2,40} read this)\b",
    r"(?:image|media|video) (?:caption|source), ",
    r"(?:add|make) .{2,40} (?:as )?(?:your|a) preferred source\b",
    r"(?:stream|watch) .{2,60} whenever\b",
    r"https?://\S+$",
    r"(?:#\w+[\s,]*)+$",
)
_SHARING = (
    rf"(?:share|tweet|pin|post) (?:(?:this|it|the|via|on|to|with|article|story|page|post|{_PLATFORM})\b ?)+"
    r"[^.]{0,40}\W*$",
    r"(?:copy|email) (?:the )?(?:link|article|this)\b[^.]{0,40}$",
    rf"follow [\w@' ]{{2,40}} (?:on|at|here|via)\b.{{0,60}}\b(?:{_PLATFORM}|here|https?:)",
    r"follow (?:us|our live|[\w ]{2,40}['’]s coverage)\b",
    r"(?:join|download|install|get) (?:our|the|us on)\b.{0,60}\b(?:app|channel|community|group|alerts)\b",
)
_SUBSCRIBING = (
    r"(?:get|receive|enjoy|want)\b.{0,90}\b(?:newsletters?|(?:in|to) your inbox|(?:email|news) alerts)\b",
    r"(?:subscribe|register|log ?in|sign in|create an account)"
    r"(?: (?:to|for|here|now|today|with|or|and|free)\b.*)?[.!]?$",
    r"(?:already (?:a )?(?:subscriber|member|registered)|already have an account"
    r"|become a (?:subscriber|member|supporter))\b",
    r"(?:support|fund) (?:our|independent|quality|local|public) (?:\w+ )?journalism\b",
    r"(?:this|the rest of this) (?:article|story|content) is (?:only )?(?:available )?(?:for|to) "
    r"(?:subscribers|members)",
    r"(?:thank you|thanks) for (?:signing up|subscribing|registering|reading)\b",
    r"(?:our journalism (?:needs|depends)|if you (?:appreciate|value|like) our)\b",
    r"(?:have|got|do you have) (?:a|any) (?:news )?(?:tips?|stor(?:y|ies))\b.*\?",
)
_TEASER = (
    r"(?:also read|read also|see also|must read|don['’]t miss|up next|read next|watch live|in pictures"
    r"|in photos)\b\s*(?:[:|–—-]|$)|don['’]t miss out on\b",
    r"(?:read|watch|listen|more|related|video|explainer|opinion|analysis|live|breaking|gallery|podcast|quiz"
    r"|live updates)"
    r"(?: more| here| now| stor(?:y|ies)| article)?\s*[:|>»→]",
    r"(?:read|learn|see|find out|discover) more(?: (?:about|on|at|here|from|in)\b[^.!?]*)?[.»>→…]*$",
    r"(?:continue|keep) reading\b[^.]{0,80}[.…→]*$",
    r"(?:for )?more (?:news|stories|on this|information) ?(?:from|about|on|,|:)[^.]{0,120}[.]?$",
    r"(?:tags?|topics?|keywords?|filed under|categor(?:y|ies)|sections?)\s*:",
)
_LEGAL = (
    r"(?:we|this (?:web)?site|our (?:web)?site|our partners|[\w.]+ and its partners) .{0,60}\bcookies?\b"
    r".{0,20}\b(?:to|and|on|for|policy|that)\b",
    r"(?:accept|reject|manage|allow)(?: all)? (?:cookies|preferences|settings)\b",
    r"by (?:continuing|clicking|using|signing|entering|submitting)\b.{0,80}"
    r"\byou (?:\w+ )?(?:agree|consent|accept)",
    r"(?:©|\(c\)|copyright\b[ ©]*(?:\(c\))?)\s*(?:\d{4}|by\b|the\b|[\w ]{2,40}\d{4})",
    r"(?:privacy policy|terms (?:of (?:use|service)|and conditions)|cookie policy)\b[^.!?]*$",
    r".{0,200}\ball rights reserved\W*$",
    r"(?:do not sell|your privacy (?:choices|rights)|the (?:views|opinions) expressed in this (?:article|piece))\b",
    r"this (?:material|article|content) (?:may|must) not be (?:published|reproduced|copied)\b",
    r".{0,60}\bnot responsible for the content of external\b",
    r"this (?:article|story|piece|report) (?:was|is|has been) (?:originally |first )?"
    r"(?:re)?published\b.{0,120}$",
)
_PUBLISHING = (
    rf"{_PUBLISHED}\s*:?\s*\d[^.!?]{{0,60}}$",
    rf"(?:[^.!?]{{0,60}}[·|•,]\s*)?(?:{_PUBLISHED}\s+)?(?:\d+|an?) "
    r"(?:secs?|seconds?|mins?|minutes?|hours?|hrs?|days?|weeks?) ago$",
    r"[^.!?]{0,80}\b\d+[- ]min(?:ute)?s?(?: to)? read\W*$",
    r"this (?:article|story) (?:has been|was|is being) updated\W*$",
    r"(?:edited by|source|sources) ?: [^.!?]{2,60}$",
    r"(?:estimated )?reading time\b[^.]{0,30}$",
)
# Capital letters tell these from prose: "voters could sign up here".
_CAPITALISED = (
    r"(?:.*[.!?…]\s+)?(?:Sign up|Subscribe|SIGN UP|SUBSCRIBE)\b[^.!?\"“”]{0,120}"
    r"\b(?:here|newsletters?|briefing|alerts|inbox|free|today|now|updates|emails?|podcast|channel)\b"
    r"[^.!?]{0,60}[.!]?$",
    r"(?:Sign up|SIGN UP)\b[^.!?]{0,40}$",
    r"[^.!?]*(?:[a-z]|^)Learn more about(?:\s?[A-Z][\w ]{0,40})?$",
    r"(?:By|BY|Words by|Written by) [A-Z][\w.'’-]+"
    r"(?: (?:[A-Z][\w.'’-]*|and|in|for|of|the|&)| ?, ?[A-Z]\w*)*\W*$",
    r"(?:[^|›»·•>]{1,30}[|›»·•>]){2,}[^|›»·•>.!?]{1,40}$",
)
_NOISE = (
    _PUBLICATION,
    *(
        re.compile(pattern, re.IGNORECASE)
        for group in (_FURNITURE, _SHARING, _SUBSCRIBING, _TEASER, _LEGAL, _PUBLISHING)
        for pattern in group
    ),
    *(re.compile(pattern) for pattern in _CAPITALISED),
)

_NAME = r"(?:[A-Z][\w.'’-]*|and|in|with|at|for|the|of|additional)"
_END = tuple(
    re.compile(pattern)
    for pattern in (
        r"\W*Our Standards\b",
        r"\W*(?:Additional )?(?:Reporting|Writing|Compiled|Editing) by .{2,300}[Ee]diting by\b",
        rf"\W*(?:Additional )?(?:[Rr]eporting|Writing|Compiled|Editing) by(?:[ ,;&]+{_NAME})+\W*$",
        r".{3,300}\bcontributed (?:\w+ )?to this (?:report|story|article)\W*$",
        r"\W*The post .{3,200} (?:first )?appeared (?:first )?on\b",
        r"\W*(?:Follow|Find more of) (?:the )?AP['’]s .{0,80}\bat\b.{0,20}https?:",
    )
)

_TEASER_HEADING = re.compile(
    r"(?:most (?:read|popular|viewed|shared|watched)(?: \w+)?"
    r"|related(?: (?:stories|articles|content|topics|news|reading|links))?"
    r"|more (?:on this(?: story)?|from [\w .&'-]{2,40}|stories|news|like this|to explore|in [\w ]{2,30})"
    r"|recommended(?: \w+)?(?: for you)?|you (?:may|might) (?:also )?(?:like|be interested in|have missed)"
    r"|what to read next|read next|up next|next article|editor['’]?s['’]? (?:picks?|choice)"
    r"|trending(?: now| stories)?|top stories|latest(?: news| stories| headlines)?|sponsored stories"
    r"|around the web|popular (?:stories|now|on [\w ]+)|in other news|don['’]t miss|read more|see also)",
    re.IGNORECASE,
)

_AUTHOR_BIO = re.compile(
    r"(?:[A-Z][\w.'’-]+ ){2,4}(?:"
    r"is (?:an? |the |our |[A-Z][\w'’.]* ?){1,4}[^.]{0,80}\b"
    r"(?:reporter|correspondent|editor|journalist|writer|columnist|producer|bureau chief|contributor)\b"
    r".{0,200}\b(?:cover(?:s|ing)|based in|reports? on|writes? (?:about|on|for)|[Ff]ollow|reached|email|joined)\b"
    r"|(?:covers|reports on|writes about) .{0,200}\b(?:[Ff]ollow (?:her|him|them)|reach (?:her|him|them)|@\w+)"
    r")"
)


def is_noise(text: str) -> bool:
    """Tell whether a paragraph is a menu, an advertisement, a teaser, a legal notice or about publication."""
    plain = text.lstrip("*•·-–—>|#[] ")
    return any(pattern.match(each) for each in {text, plain} for pattern in _NOISE)


def is_publication_line(text: str) -> bool:
    """Tell whether a paragraph only says on which day the report was published."""
    return len(text) < 100 and _PUBLICATION.match(text) is not None


def is_end(text: str) -> bool:
    """Tell whether a paragraph closes a report: its writers, its publisher's standards."""
    return any(pattern.match(text) for pattern in _END)


def is_teaser_heading(text: str) -> bool:
    """Tell whether a paragraph is the heading of a list of other stories."""
    return _TEASER_HEADING.fullmatch(text.strip(" :#*_|")) is not None


def is_author_bio(text: str) -> bool:
    """Tell whether a paragraph presents a writer of the report."""
    return _AUTHOR_BIO.match(text) is not None
