"""Reports as one HTML page that needs nothing else: no scripts, no fonts, no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from factcheck.report.escape import plain
from factcheck.report.html_style import STYLE
from factcheck.report.words import (
    LABEL_NAMES,
    LABEL_SIGNS,
    STANCE_HEADINGS,
    also_in_line,
    by_document,
    by_stance,
    citation_marks,
    excerpt,
    link,
    percent,
    source_line,
    speaker_line,
    summary_note,
    tally,
    verdict_meaning,
)
from factcheck.types import Document, Evidence, Label, PartVerdict, Report, Stance

_HEAD = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)


def format_html(reports: Sequence[Report]) -> str:
    """A page with one article a report; several can be filtered by verdict."""
    labels = [report.verdict.label for report in reports]
    title = plain(reports[0].claim.text) if len(reports) == 1 else "Fact check"
    articles = "".join(_article(report, number) for number, report in enumerate(reports, 1))
    overview = f"<h1>Fact check</h1><p>{_text(tally(labels))}</p>" if len(reports) != 1 else ""
    return (
        f"{_HEAD}<title>{_text(title)}</title><style>{STYLE}</style></head>\n<body>"
        f"<header>{overview}</header>{_filter(labels)}<main>{articles}</main></body></html>\n"
    )


def _filter(labels: Sequence[Label]) -> str:
    """Radio buttons that the style sheet turns into a filter of the articles after them."""
    counts = Counter(labels)
    if len(counts) < 2:
        return ""
    choices = [("all", f"All {counts.total()}")]
    choices += [(label.value, f"{LABEL_NAMES[label].capitalize()} {counts[label]}") for label in Label if counts[label]]
    buttons = (
        f'<input type="radio" name="show" id="show-{key}"{" checked" if key == "all" else ""}>'
        f'<label for="show-{key}">{_text(words)}</label>'
        for key, words in choices
    )
    return f'<fieldset class="filter"><legend>Show</legend>{"".join(buttons)}</fieldset>'


def _article(report: Report, number: int) -> str:
    verdict = report.verdict
    sure = "" if verdict.label is Label.NOT_ENOUGH_INFO else f" · {percent(verdict.confidence)} sure"
    notes = "".join(f"<p>{_text(note)}</p>" for note in verdict.notes)
    sides = "".join(_side(by_stance(verdict.evidence, stance), stance, number) for stance in Stance)
    return (
        f'<article class="{verdict.label.value}"><p class="verdict"><strong>{LABEL_SIGNS[verdict.label]} '
        f"{LABEL_NAMES[verdict.label]}</strong> · {_text(verdict_meaning(report))}{sure}</p>"
        f"<h2>{_text(report.claim.text)}</h2>{_parts(verdict.parts, number)}{notes}"
        f"{_summary(report, number)}"
        f"{f'<div class=sides>{sides}</div>' if sides else ''}"
        f"{_where(verdict.evidence, number)}</article>\n"
    )


def _side(items: Sequence[Evidence], stance: Stance, number: int) -> str:
    if not items:
        return ""
    entries = "".join(_evidence(item, number) for item in items)
    return f'<section class="{stance.value}"><h3>{STANCE_HEADINGS[stance]}</h3>{entries}</section>'


def _evidence(item: Evidence, number: int) -> str:
    before, quote, after = (_text(part) for part in excerpt(item))
    details = [line for line in (speaker_line(item), also_in_line(item)) if line]
    details += [f"→ {reason}" for reason in item.reasons]
    return (
        f'<figure id="e{number}-{item.id}">'
        f"<figcaption><b>[{item.id}]</b> {_text(source_line(item))}</figcaption>"
        f"<blockquote>{before}<mark>{quote}</mark>{after}</blockquote>"
        f"{''.join(f'<p class=detail>{_text(line)}</p>' for line in details)}</figure>"
    )


def _summary(report: Report, number: int) -> str:
    if not report.summary:
        return ""
    sentences = " ".join(
        f"{_text(sentence.text)} " + "".join(f'<a href="#e{number}-{n}">[{n}]</a>' for n in sentence.citations)
        for sentence in report.summary
    )
    note = summary_note(report)
    return f'<p class="summary">{sentences}</p>' + (f"<p class=detail>{_text(note)}</p>" if note else "")


def _parts(parts: Sequence[PartVerdict], number: int) -> str:
    entries = "".join(
        f"<li>{LABEL_SIGNS[part.label]} {_text(part.text)} "
        + "".join(f'<a href="#e{number}-{n}">[{n}]</a>' for n in part.citations)
        + "</li>"
        for part in parts
    )
    return f"<ul>{entries}</ul>" if entries else ""


def _where(evidence: Sequence[Evidence], number: int) -> str:
    if not evidence:
        return ""
    items = "".join(_source(document, numbers) for document, numbers in by_document(evidence))
    return f'<h3 id="sources-{number}">Where to look</h3><ul class="sources">{items}</ul>'


def _source(document: Document, numbers: Sequence[int]) -> str:
    url = link(document.url)
    title = _text(document.title or document.name)
    named = f'<a href="{_text(url)}" rel="noopener noreferrer">{title}</a>' if url else title
    name = f" <span class=detail>{_text(document.name)}</span>" if document.title else ""
    return f"<li><b>{citation_marks(numbers)}</b> {named}{name}</li>"


def _text(text: str) -> str:
    return escape(plain(text), quote=True)
