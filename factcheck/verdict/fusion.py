"""From the judges' opinions to one probability of each stance.

Steps, each a multinomial logistic model of a handful of parameters, kept in fusion.json with the recipe that fitted
them (training/fit_fusion.py): the verifier with the number rules, then each further judge that was asked, the
reviewer before the LLM, on top of what stood before. NEUTRAL is the reference: its bias is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from factcheck.errors import ConfigError
from factcheck.probabilities import softmax
from factcheck.protocols import FloatArray
from factcheck.verdict.numbers.compare import NumericFinding
from factcheck.verdict.numbers.types import Relation

PARAMETERS_FILE = Path(__file__).with_name("fusion.json")
F = TypeVar("F", np.float32, np.float64)

_TINY = 1e-4  # no judge is surer than this


class _Parameters(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FastParameters(_Parameters):
    """Verifier and number rules; what each weight multiplies stands in `fuse`."""

    verifier: float
    agrees: float
    contradicts: float
    absent: float
    bias_supports: float
    bias_refutes: float


class FurtherParameters(_Parameters):
    """What a further judge says on top of the opinion so far."""

    before: float
    judge: float
    bias_supports: float
    bias_refutes: float


class ReviewerParameters(FurtherParameters):
    """The reviewer, who, too, weighs numbers less surely than the rules: their findings count once more."""

    agrees: float
    contradicts: float


class PoolParameters(_Parameters):
    """Many windows were looked at, so the best of them flatters: what its log-odds lose and gain."""

    scale: float
    overlap: float
    bias_supports: float
    bias_refutes: float
    second_source: float


class JudgeParameters(_Parameters):
    """How the judges of one kind of evidence are weighed.

    llm: one that is tuned as a judge; untuned: any other. Either without the reviewer, or after it.
    """

    fast: FastParameters
    reviewer: ReviewerParameters
    llm: FurtherParameters
    llm_after_reviewer: FurtherParameters
    untuned: FurtherParameters
    untuned_after_reviewer: FurtherParameters

    def further(self, *, tuned: bool, reviewed: bool) -> FurtherParameters:
        """The weights of an LLM."""
        name = ("llm" if tuned else "untuned") + ("_after_reviewer" if reviewed else "")
        weights: FurtherParameters = getattr(self, name)
        return weights

    def with_llm(self, tuned: float, untuned: float) -> JudgeParameters:
        """The same with the LLM's opinion weighing so many times as much, whichever it is; nothing for 0."""
        update = {}
        for name, multiple in (("llm", tuned), ("untuned", untuned)):
            for step in (name, f"{name}_after_reviewer"):
                weights: FurtherParameters = getattr(self, step)
                update[step] = weights.model_copy(update={"judge": multiple * weights.judge})
        return self.model_copy(update=update)


class Form(StrEnum):
    """What given evidence looks like, which tells how it was chosen (`given.GivenTexts.form`)."""

    PICKED = "picked"  # sentences, for this claim
    PASSAGE = "passage"  # a whole one, for its subject
    SEVERAL = "several"  # sentences from several places
    ANSWERS = "answers"  # to questions about the claim, or notes on it


class FormParameters(_Parameters):
    """What a form of given evidence tells before anybody has read it, and how its texts are read.

    supports, refutes: how much commoner they are, beside silence, than in picked sentences, as log-odds.
    alone: the share of the mean opinion on the texts, each read alone, beside that on all of them as one.
    llm, untuned: what the opinion of a tuned LLM, or of any other, weighs, as a multiple of its weight on picked
    sentences; if 0 it is not asked.
    """

    supports: float = 0.0
    refutes: float = 0.0
    alone: float = 0.0
    llm: float = 1.0
    untuned: float = 1.0


class GivenParameters(JudgeParameters):
    """As for any evidence, those for picked sentences, and for what other forms differ."""

    forms: dict[Form, FormParameters]

    def form(self, form: Form) -> FormParameters:
        """Picked sentences are what the others are compared with."""
        return self.forms.get(form, FormParameters())


class FusionParameters(_Parameters):
    """The whole file.

    retrieved: for passages that a search brought up, most of which say nothing of the claim.
    given: for evidence that somebody chose for the claim, which is seldom silent.
    """

    version: int
    note: str
    retrieved: JudgeParameters
    given: GivenParameters
    pool: PoolParameters


@cache
def parameters() -> FusionParameters:
    """The fitted parameters. Raises ConfigError if the file is damaged."""
    try:
        return FusionParameters.model_validate_json(PARAMETERS_FILE.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise ConfigError(f"{PARAMETERS_FILE} is damaged; reinstall factcheck") from error


class Signals(NamedTuple):
    """What the rules say of one pair, each 0..1."""

    agrees: float
    contradicts: float
    absent: float


NO_SIGNALS = Signals(0.0, 0.0, 0.0)


def rule_signals(findings: Sequence[NumericFinding]) -> Signals:
    """What the number findings of one pair come to.

    One contradiction outweighs any agreement: a claim is false if one of its figures is.
    """
    if not findings:
        return NO_SIGNALS
    contradicts = max((f.alignment for f in findings if f.relation is Relation.CONTRADICTS), default=0.0)
    agreeing = sum(f.alignment for f in findings if f.relation is Relation.AGREES)
    absent = sum(1 for f in findings if f.relation is Relation.ABSENT)
    agrees = 0.0 if contradicts else agreeing / len(findings)
    return Signals(agrees, contradicts, absent / len(findings))


def fuse(verifier: FloatArray, signals: Sequence[Signals], p: FastParameters) -> FloatArray:
    """First opinion, shape (n, 3): verifier probabilities (n, 3) with the rules."""
    return softmax(first_logits(p, verifier, _columns(signals)))


def with_reviewer(
    before: FloatArray, opinion: FloatArray, signals: Sequence[Signals], p: ReviewerParameters
) -> FloatArray:
    """The opinion after the reviewer, shape (n, 3): the one before, the reviewer's, each (n, 3), and the rules."""
    return softmax(reviewed_logits(p, before, opinion, _columns(signals)))


def _columns(signals: Sequence[Signals]) -> NDArray[np.float32]:
    return np.asarray(signals, dtype=np.float32).reshape(len(signals), 3)


def with_judge(before: FloatArray, opinion: FloatArray, p: FurtherParameters) -> FloatArray:
    """The opinion after a further judge, shape (n, 3): the one before and the judge's own, each (n, 3)."""
    return softmax(further_logits(p, before, opinion))


def loudest(opinions: NDArray[F]) -> NDArray[F]:
    """One opinion, shape (3,), of a judge's on several texts, shape (n, 3): what one text says, others do not unsay."""
    best = opinions.max(axis=0)
    best[2] = opinions[:, 2].min()
    return np.asarray(best / best.sum(), dtype=opinions.dtype)


def first_logits(p: FastParameters, verifier: NDArray[F], signals: NDArray[F]) -> NDArray[F]:
    """Logits (n, 3) of the first opinion; signals in columns as `Signals`. In the precision of the arguments."""
    logits = p.verifier * _log(verifier)
    logits[:, 0] += p.bias_supports + p.agrees * signals[:, 0]
    logits[:, 1] += p.bias_refutes + p.contradicts * signals[:, 1]
    logits[:, 2] += p.absent * signals[:, 2]
    return logits


def further_logits(p: FurtherParameters, before: NDArray[F], opinion: NDArray[F]) -> NDArray[F]:
    """Logits (n, 3) of the opinion after a further judge. In the precision of the arguments."""
    logits = p.before * _log(before) + p.judge * _log(opinion)
    logits[:, 0] += p.bias_supports
    logits[:, 1] += p.bias_refutes
    return logits


def reviewed_logits(p: ReviewerParameters, before: NDArray[F], opinion: NDArray[F], signals: NDArray[F]) -> NDArray[F]:
    """Logits (n, 3) of the opinion after the reviewer; signals in columns as `Signals`."""
    logits = further_logits(p, before, opinion)
    logits[:, 0] += p.agrees * signals[:, 0]
    logits[:, 1] += p.contradicts * signals[:, 1]
    return logits


def _log(probabilities: NDArray[F]) -> NDArray[F]:
    return np.asarray(np.log(np.clip(probabilities, _TINY, 1.0)), dtype=probabilities.dtype)
