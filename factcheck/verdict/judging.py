"""Judging many windows of many claims at once: verifier, number rules, fusion."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from factcheck.protocols import FloatArray, Pair, StanceJudge
from factcheck.types import Claim, Stance
from factcheck.verdict.aggregate import Judged
from factcheck.verdict.asked import stated
from factcheck.verdict.fusion import JudgeParameters, fuse, rule_signals, with_reviewer
from factcheck.verdict.numbers.compare import NumericFinding, compare_numbers
from factcheck.verdict.numbers.dates import limit_start
from factcheck.verdict.numbers.types import Relation
from factcheck.verdict.numbers.withdrawn import TAKEN_BACK, withdrawn_statements
from factcheck.verdict.windows import Window, overlap, stems

LEAST_ALIGNMENT = 0.5  # a rule that is less sure than this gives no reason to the reader
SURE_ALIGNMENT = 0.8  # an agreement this sure lets the claim be asked with the passage's number
NEEDS_CONTEXT = 0.3  # share of the claim's words that only the sentence before holds
BLURRED = 0.3  # what is left of a contradiction by a passage that gives the claim's number vaguely
DOUBTED = 0.1  # what is left of the support by a statement that the passage takes back
_ON_A_DATE = re.compile(r"\b(?:in|on|at)\s+(?:the\s+)?$", re.IGNORECASE)
SILENT = (0.0, 0.0, 1.0)  # the opinion on a window that states nothing
RIVAL = 0.9  # a contradiction stands beside an agreement only if it is nearly as near to the claim


class Question(NamedTuple):
    """One window put to the judges for one claim; `group` tells which claim."""

    group: int
    claim: Claim
    window: Window


def questions_of(claims: Sequence[Claim], windows: Sequence[Sequence[Window]]) -> list[Question]:
    """Every window of every claim as a question; the claims are the groups."""
    return [
        Question(group, claim, window)
        for group, (claim, own) in enumerate(zip(claims, windows, strict=True))
        for window in own
    ]


def judge_windows(questions: Sequence[Question], verifier: StanceJudge, p: JudgeParameters) -> list[list[Judged]]:
    """Judged windows by group, in the order given. One call of the verifier for all. Raises ModelError."""
    groups = max((q.group for q in questions), default=-1) + 1
    result: list[list[Judged]] = [[] for _ in range(groups)]
    if not questions:
        return result
    found_first = [numbers_of(question) for question in questions]
    taken_back = [is_taken_back(question) for question in questions]
    opinions = opinions_on(verifier, questions, found_first, taken_back)
    findings = settled(questions, found_first)
    signals = [rule_signals(found) for found in findings]
    fused: FloatArray = fuse(opinions, signals, p.fast)
    doubts = undermined(questions, findings)
    each = zip(questions, findings, signals, fused, doubts, taken_back, strict=True)
    for question, found, signal, row, doubt, taken in each:
        window = question.window
        result[question.group].append(
            Judged(
                window.passage,
                quote_start(question, found),
                window.end,
                supports=float(row[0]) * (1.0 - doubt),
                refutes=float(row[1]),
                overlap=window.overlap,
                reasons=(*reasons_of(found), *((TAKEN_BACK,) if taken else ())),
                signals=signal,
            )
        )
    return result


def judge_again(
    questions: Sequence[Question], judged: Sequence[Judged], reviewer: StanceJudge, p: JudgeParameters
) -> list[Judged]:
    """The judged windows, in the order of their questions, after the reviewer read them, too. Raises ModelError."""
    findings = [numbers_of(question) for question in questions]
    opinions = opinions_on(reviewer, questions, findings, [is_taken_back(question) for question in questions])
    before = np.array([[item.score(stance) for stance in Stance] for item in judged], dtype=np.float32)
    after = with_reviewer(before, opinions, [item.signals for item in judged], p.reviewer)
    return [
        replace(item, supports=float(row[0]), refutes=float(row[1])) for item, row in zip(judged, after, strict=True)
    ]


def opinions_on(
    judge: StanceJudge,
    questions: Sequence[Question],
    findings: Sequence[tuple[NumericFinding, ...]],
    taken_back: Sequence[bool],
) -> FloatArray:
    """What the judge says of each question, shape (n, 3).

    Support by what the passage takes back speaks against; a window that only asks is silent; and "several months"
    hardly speaks against five, as models think that it does.
    """
    pairs = [pair_of(question, found) for question, found in zip(questions, findings, strict=True)]
    opinions = judge.judge(pairs).copy()
    for question, found, taken, pair, row in zip(questions, findings, taken_back, pairs, opinions, strict=True):
        if not pair.premise:
            row[:] = SILENT
            continue
        if any(finding.blurred and finding.alignment >= LEAST_ALIGNMENT for finding in found):
            row[:] = row[0], BLURRED * row[1], row[2] + (1.0 - BLURRED) * row[1]
        if taken:
            supports, refutes, _ = row
            against = (1.0 - DOUBTED) * supports + (refutes if _says_more(question.window) else 0.0)
            row[:] = DOUBTED * supports, against, 1.0 - DOUBTED * supports - against
    return opinions


def pair_of(question: Question, findings: Sequence[NumericFinding]) -> Pair:
    """What a judge is asked: the claim in the passage's words, and what the passage states, "" if it only asks."""
    premise = question.window.premise
    said = stated(premise)
    return Pair(in_words_of(question, findings), premise if said == premise else " ".join(said.split()))


def is_taken_back(question: Question) -> bool:
    """Whether the claim repeats what the window tells as an earlier statement that was wrong, and nothing else of it.

    "An earlier report wrongly said that the mayor had resigned" entails what it takes back, for a model that reads
    sentence by sentence.
    """
    statements = _withdrawn(question.window)
    if not statements:
        return False
    words = stems(question.claim.text)
    rest = question.window.own
    for statement in statements:
        rest = rest.replace(statement, " ")
    inside = words & stems(" ".join(statements))
    return bool(inside) and not (words - inside) & stems(rest)


def _withdrawn(window: Window) -> list[str]:
    text = window.passage.text
    spans = withdrawn_statements(text, window.passage.document.title)
    return [text[start:end] for start, end in spans if text[start:end] in window.own]


def _says_more(window: Window) -> bool:
    """Whether the window has a sentence beside the one quoted, which may itself speak against the claim."""
    return len(window.own) > window.end - window.start


def quote_start(question: Question, findings: Sequence[NumericFinding]) -> int:
    """Where the quotation begins: at the sentence, or at the one before it if that carries part of the answer."""
    window = question.window
    context = window.start - window.context_start
    if context <= 0:
        return window.start
    carried = any(
        f.premise_span is not None and f.premise_span[0] < context and f.relation is not Relation.ABSENT
        for f in findings
    )
    words = stems(question.claim.text)
    alone = overlap(words, window.passage.text[window.start : window.end])
    return window.context_start if carried or overlap(words, window.own) > alone + NEEDS_CONTEXT else window.start


def in_words_of(question: Question, findings: Sequence[NumericFinding]) -> str:
    """The claim as the verifier and the reviewer are asked it: in the passage's words where a rule knows them as equal.

    They do not know the day of publication, so "Friday" stands for the 13 June that it is; nor do they reckon, so
    "6.2 miles" stands for 10 km, and "183" for "more than 100".
    """
    text, own = question.claim.text, question.window.own
    for finding in sorted(findings, key=lambda f: -f.claim_span[0]):
        agrees = finding.relation is Relation.AGREES and finding.alignment >= SURE_ALIGNMENT
        dated = finding.anchored and finding.alignment >= LEAST_ALIGNMENT
        if finding.premise_span is not None and (agrees or dated):
            start, end = finding.claim_span
            first, last = finding.premise_span
            if finding.limit:
                # "before 1990" is "in June 1987", not "before June 1987".
                lead = _ON_A_DATE.search(own, max(0, first - 10), first)
                if lead is None:
                    continue
                start = limit_start(text, start)
                text = text[:start] + lead.group().lower() + own[first:last] + text[end:]
            else:
                text = text[:start] + own[first:last] + text[end:]
    return text


def numbers_of(question: Question) -> tuple[NumericFinding, ...]:
    """The claim's numbers against those that the window states."""
    window = question.window
    return compare_numbers(question.claim.text, stated(window.own), published=window.passage.document.date)


def settled(
    questions: Sequence[Question], findings: Sequence[tuple[NumericFinding, ...]]
) -> list[tuple[NumericFinding, ...]]:
    """The findings without contradictions that are about something else.

    Where one window holds a number of the claim, a window that is farther from the claim and gives another number
    counts something else: 157 handed over by each side do not contradict 314 exchanged.
    """
    agreed: dict[tuple[int, int], float] = {}
    for question, found in zip(questions, findings, strict=True):
        for place, finding in enumerate(found):
            if finding.relation is Relation.AGREES:
                key = (question.group, place)
                agreed[key] = max(agreed.get(key, 0.0), finding.alignment * question.window.overlap)
    return [
        tuple(
            replace(finding, relation=Relation.ABSENT)
            if finding.relation is Relation.CONTRADICTS
            and finding.alignment * question.window.overlap < RIVAL * agreed.get((question.group, place), 0.0)
            else finding
            for place, finding in enumerate(found)
        )
        for question, found in zip(questions, findings, strict=True)
    ]


def undermined(questions: Sequence[Question], findings: Sequence[tuple[NumericFinding, ...]]) -> list[float]:
    """How sure it is, for each window, that another one contradicts a number of the claim that this one lacks, 0..1.

    "The first such agreement in months" is no support for "the first swap in two years" if the sources say elsewhere
    "the first in five months".
    """
    strongest: dict[tuple[int, int, Relation], float] = {}
    for question, found in zip(questions, findings, strict=True):
        for place, finding in enumerate(found):
            key = (question.group, place, finding.relation)
            strongest[key] = max(strongest.get(key, 0.0), finding.alignment)

    def doubt(group: int, place: int, finding: NumericFinding) -> float:
        against = strongest.get((group, place, Relation.CONTRADICTS), 0.0)
        for_it = strongest.get((group, place, Relation.AGREES), 0.0)
        return against if finding.relation is Relation.ABSENT and against > for_it else 0.0

    return [
        max((doubt(question.group, place, finding) for place, finding in enumerate(found)), default=0.0)
        for question, found in zip(questions, findings, strict=True)
    ]


def reasons_of(findings: Sequence[NumericFinding]) -> tuple[str, ...]:
    """What the rules found, in words: contradictions if there are any, else agreements."""
    sure = [f for f in findings if f.alignment >= LEAST_ALIGNMENT]
    against = [f.reason for f in sure if f.relation is Relation.CONTRADICTS]
    return tuple(dict.fromkeys(against or [f.reason for f in sure if f.relation is Relation.AGREES]))
