"""Judging many windows of many claims at once: verifier, number rules, fusion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from factcheck.protocols import FloatArray, Pair, StanceJudge
from factcheck.types import Claim
from factcheck.verdict.aggregate import Judged
from factcheck.verdict.fusion import fuse, number_signal
from factcheck.verdict.numeric import NumericFinding, Relation, compare_numbers
from factcheck.verdict.windows import Window

LEAST_ALIGNMENT = 0.5  # a rule that is less sure than this gives no reason to the reader


class Question(NamedTuple):
    """One window put to the judges for one claim; `group` tells which claim."""

    group: int
    claim: Claim
    window: Window


def judge_windows(questions: Sequence[Question], verifier: StanceJudge) -> list[list[Judged]]:
    """Judged windows by group, in the order given. One call of the verifier for all. Raises ModelError."""
    groups = max((q.group for q in questions), default=-1) + 1
    result: list[list[Judged]] = [[] for _ in range(groups)]
    if not questions:
        return result
    opinions = verifier.judge([Pair(q.claim.text, q.window.premise) for q in questions])
    findings = [
        compare_numbers(q.claim.text, q.window.premise, published=q.window.passage.document.date)
        for q in questions
    ]
    fused: FloatArray = fuse(opinions, [number_signal(found) for found in findings])
    for question, found, row in zip(questions, findings, fused, strict=True):
        window = question.window
        result[question.group].append(
            Judged(
                window.passage,
                window.start,
                window.end,
                supports=float(row[0]),
                refutes=float(row[1]),
                overlap=window.overlap,
                reasons=reasons_of(found),
            )
        )
    return result


def reasons_of(findings: Sequence[NumericFinding]) -> tuple[str, ...]:
    """What the rules found, in words: contradictions if there are any, else agreements."""
    sure = [f for f in findings if f.alignment >= LEAST_ALIGNMENT]
    against = [f.reason for f in sure if f.relation is Relation.CONTRADICTS]
    return tuple(dict.fromkeys(against or [f.reason for f in sure if f.relation is Relation.AGREES]))
