"""What every output form says in the same words: verdicts, causes, sources, tallies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from urllib.parse import urlsplit

from factcheck.report.escape import plain
from factcheck.types import Cause, Document, Evidence, Label, Report, Stance, SummaryOrigin

LABEL_NAMES = {
    Label.SUPPORTED: "SUPPORTED",
    Label.REFUTED: "REFUTED",
    Label.CONFLICTING: "CONFLICTING",
    Label.NOT_ENOUGH_INFO: "NOT ENOUGH INFORMATION",
}
LABEL_SIGNS = {
    Label.SUPPORTED: "✓",
    Label.REFUTED: "✗",
    Label.CONFLICTING: "≠",
    Label.NOT_ENOUGH_INFO: "?",
}
_LABEL_MEANINGS = {
    Label.SUPPORTED: "the sources say so",
    Label.REFUTED: "the sources say otherwise",
    Label.CONFLICTING: "the sources disagree",
}
_CAUSE_MEANINGS = {
    Cause.NO_PASSAGES: "the sources hold no passage to compare it with",
    Cause.OFF_TOPIC: "none of the sources is about this",
    Cause.RELATED_BUT_SILENT: "the sources touch on it but do not say whether it is so",
    Cause.NOT_CHECKABLE: "this is a question, an opinion or a command, not a statement of fact",
}
STANCE_HEADINGS = {
    Stance.SUPPORTS: "For",
    Stance.REFUTES: "Against",
    Stance.NEUTRAL: "Nearest passages",
}
EXTRACTIVE_NOTE = "In the sources' own words: the language model wrote no sentence that passed the check."
CONTEXT_CHARS = 110


class Excerpt(NamedTuple):
    """A quotation with a little of the paragraph around it, all of it safe to print."""

    before: str
    quote: str
    after: str


def verdict_meaning(report: Report) -> str:
    """The verdict in a few plain words; for NOT_ENOUGH_INFO its cause."""
    verdict = report.verdict
    refuted = sum(part.label is Label.REFUTED for part in verdict.parts)
    if verdict.label is Label.REFUTED and 0 < refuted < len(verdict.parts):
        return f"{refuted} of its {len(verdict.parts)} statements {'is' if refuted == 1 else 'are'} refuted"
    return _CAUSE_MEANINGS[verdict.cause] if verdict.cause else _LABEL_MEANINGS[verdict.label]


def percent(probability: float) -> str:
    """A probability as whole percent; certainty is never claimed by rounding."""
    if 0.99 < probability < 1:
        return "99 %"
    return f"{round(100 * probability)} %"


def day(value: date | None) -> str:
    """A date as in `5 February 2026`, empty for none."""
    return f"{value.day} {value:%B %Y}" if value else ""


def source_name(document: Document) -> str:
    """How a reader knows the source: its publisher, else its title, else its file."""
    return plain(document.publisher or document.title or document.name).strip() or "unnamed source"


def source_line(item: Evidence) -> str:
    """Source, day and paragraph of a piece of evidence, in one line."""
    parts = [source_name(item.passage.document), day(item.passage.document.date)]
    return ", ".join([*filter(None, parts), f"paragraph {item.passage.paragraph}"])


def excerpt(item: Evidence, context: int = CONTEXT_CHARS) -> Excerpt:
    """The quotation with at most `context` characters on either side, cut between words."""
    text = item.passage.text
    before, after = text[: item.start], text[item.end :]
    if len(before) > context:
        before = "… " + before[-context:].partition(" ")[2]
    if len(after) > context:
        after = after[:context].rpartition(" ")[0] + " …"
    return Excerpt(plain(before), plain(item.quote), plain(after))


def speaker_line(item: Evidence) -> str:
    """Who said so, empty where the source itself does."""
    return f"according to {plain(item.speaker)}" if item.speaker else ""


def also_in_line(item: Evidence) -> str:
    """The other documents with the same passage, empty for none."""
    return "also in " + ", ".join(plain(name) for name in item.also_in) if item.also_in else ""


def link(url: str) -> str:
    """The URL if it is an http or https one that a reader can follow safely, else empty."""
    url = plain(url).strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    usable = parts.scheme in {"http", "https"} and parts.netloc and not any(c in url for c in ' "<>\\^`{|}')
    return url if usable else ""


def citation_marks(citations: Iterable[int]) -> str:
    """`[1][3]`."""
    return "".join(f"[{number}]" for number in citations)


def by_stance(evidence: Sequence[Evidence], stance: Stance) -> list[Evidence]:
    """The evidence of one stance, in order."""
    return [item for item in evidence if item.stance is stance]


def by_document(evidence: Sequence[Evidence]) -> list[tuple[Document, list[int]]]:
    """Every document once, with the numbers of the evidence that comes from it."""
    found: dict[str, tuple[Document, list[int]]] = {}
    for item in evidence:
        document = item.passage.document
        found.setdefault(document.name, (document, []))[1].append(item.id)
    return list(found.values())


def summary_note(report: Report) -> str:
    """What a reader should know of where the summary comes from; empty for the LLM's own."""
    return EXTRACTIVE_NOTE if report.summary_origin is SummaryOrigin.EXTRACTIVE and report.models.llm else ""


def tally(labels: Iterable[Label]) -> str:
    """`12 claims: 7 supported, 3 refuted, 0 conflicting, 2 not enough information`."""
    counts = Counter(labels)
    claims = f"{counts.total()} claim{'' if counts.total() == 1 else 's'}"
    parts = ", ".join(f"{counts[label]} {name.lower()}" for label, name in LABEL_NAMES.items())
    return f"{claims}: {parts}"
