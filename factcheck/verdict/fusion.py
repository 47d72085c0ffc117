"""From the judges' opinions to one probability of each stance.

Two steps, each a multinomial logistic model of a handful of parameters, kept in fusion.json with the recipe that
fitted them (training/fit_fusion.py): the verifier with the number rules, and, where the LLM was asked, its letter
probabilities on top. NEUTRAL is the reference: its bias is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from factcheck.errors import ConfigError
from factcheck.probabilities import softmax
from factcheck.protocols import FloatArray
from factcheck.verdict.numbers.compare import NumericFinding
from factcheck.verdict.numbers.relation import Relation

PARAMETERS_FILE = Path(__file__).with_name("fusion.json")
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


class LlmParameters(_Parameters):
    """The second opinion on top of the first; a trained read-out and bare letters have different weights."""

    first: float
    llm: float
    bias_supports: float
    bias_refutes: float


class PoolParameters(_Parameters):
    """Many windows were looked at, so the best of them flatters: what its log-odds lose and gain."""

    scale: float
    overlap: float
    bias_supports: float
    bias_refutes: float
    second_source: float


class FusionParameters(_Parameters):
    """The whole file."""

    version: int
    note: str
    fast: FastParameters
    readout: LlmParameters
    letters: LlmParameters
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


def rule_signals(findings: Sequence[NumericFinding]) -> Signals:
    """What the number findings of one pair come to.

    One contradiction outweighs any agreement: a claim is false if one of its figures is.
    """
    if not findings:
        return Signals(0.0, 0.0, 0.0)
    contradicts = max((f.alignment for f in findings if f.relation is Relation.CONTRADICTS), default=0.0)
    agreeing = sum(f.alignment for f in findings if f.relation is Relation.AGREES)
    absent = sum(1 for f in findings if f.relation is Relation.ABSENT)
    agrees = 0.0 if contradicts else agreeing / len(findings)
    return Signals(agrees, contradicts, absent / len(findings))


def fuse(verifier: FloatArray, signals: Sequence[Signals]) -> FloatArray:
    """First opinion, shape (n, 3): verifier probabilities (n, 3) with the rules."""
    p = parameters().fast
    signal = np.asarray(signals, dtype=np.float32).reshape(len(signals), 3)
    logits = p.verifier * np.log(np.clip(verifier, _TINY, 1.0))
    logits[:, 0] += p.bias_supports + p.agrees * signal[:, 0]
    logits[:, 1] += p.bias_refutes + p.contradicts * signal[:, 1]
    logits[:, 2] += p.absent * signal[:, 2]
    return softmax(logits)


def with_llm(first: FloatArray, llm: FloatArray, *, trained: bool) -> FloatArray:
    """Second opinion, shape (n, 3): the first and the LLM's probabilities, each (n, 3)."""
    p = parameters().readout if trained else parameters().letters
    logits = p.first * np.log(np.clip(first, _TINY, 1.0)) + p.llm * np.log(np.clip(llm, _TINY, 1.0))
    return softmax(logits + np.array([p.bias_supports, p.bias_refutes, 0.0], dtype=np.float32))
