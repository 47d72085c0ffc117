"""What the judges say of every window of the pairs of a file, as the program asks them."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from factcheck.protocols import StanceJudge
from factcheck.types import Claim
from factcheck.verdict.fusion import FormParameters, loudest, rule_signals
from factcheck.verdict.given import GivenTexts, combined, pieces_of
from factcheck.verdict.judging import Question, is_taken_back, numbers_of, opinions_on
from training.data import LABELS

Array = NDArray[np.float64]
Rows = list[dict[str, Any]]


def given_texts(rows: Rows) -> list[GivenTexts]:
    """The pairs as the program reads them."""
    return [GivenTexts(Claim(text=row["claim"]), row["evidence"]) for row in rows]


def first_opinions(rows: Rows) -> dict[str, Array]:
    """Of every window its pair's number "row", whether it is one text "alone", "verifier" (n, 3), "signals" (n, 3)."""
    from factcheck.models.verifier import open_verifier

    questions, alone = _questions(rows)
    return {
        "row": np.array([question.group for question in questions], dtype=np.float64),
        "alone": np.array(alone, dtype=np.float64),
        "verifier": asked(open_verifier(), questions),
        "signals": np.array([rule_signals(numbers_of(question)) for question in questions]).reshape(-1, 3),
    }


def reviewer_opinions(rows: Rows) -> dict[str, Array]:
    """The reviewer's "opinions" (n, 3), in the order of `first_opinions`."""
    from factcheck.models.verifier import open_reviewer

    reviewer = open_reviewer()
    assert reviewer is not None, "run: factcheck models pull"
    return {"opinions": asked(reviewer, _questions(rows)[0])}


def llm_opinions(rows: Rows, said: dict[str, Array]) -> tuple[NDArray[np.int64], Array]:
    """Which rows the LLM was asked about, and its opinions."""
    pairs = zip(said["claims"].tolist(), said["premises"].tolist(), strict=True)
    answers = dict(zip(pairs, said["answers"], strict=True))
    chosen, opinions = [], []
    for number, case in enumerate(given_texts(rows)):
        asked = [(case.claim.text, premise) for premise in case.premises]
        if all(pair in answers for pair in asked):
            chosen.append(number)
            opinions.append(loudest(np.array([answers[pair] for pair in asked])))
    return np.array(chosen, dtype=np.int64), np.array(opinions, dtype=np.float64).reshape(-1, 3)


def cached(path: Path, make: Callable[[], dict[str, Array]]) -> dict[str, Array]:
    """What `make` returns, kept in a file."""
    if path.exists():
        with np.load(path) as stored:
            return dict(stored)
    made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **made)  # type: ignore[arg-type]
    return made


class PairSet:
    """The pairs of a file and what verifier, rules and reviewer say of their windows."""

    def __init__(self, rows: Rows, cache: Path, name: str) -> None:
        cases = given_texts(rows)
        self.rows = rows
        self.labels = np.array([LABELS.index(row["label"]) for row in rows], dtype=np.float64)
        self.forms = np.array([case.form.value for case in cases])
        self.first = cached(cache / f"{name}.first.npz", lambda: first_opinions(rows))
        self.reviewer = cached(cache / f"{name}.reviewer.npz", lambda: reviewer_opinions(rows))["opinions"]

    def part(self, chosen: NDArray[np.int64]) -> PairSet:
        """The set with only these pairs, in their order."""
        windows = np.isin(self.first["row"], chosen)
        part = copy(self)
        part.rows, part.labels, part.forms = [self.rows[i] for i in chosen], self.labels[chosen], self.forms[chosen]
        part.first = {key: values[windows] for key, values in self.first.items()}
        part.first["row"] = np.searchsorted(chosen, part.first["row"]).astype(np.float64)
        part.reviewer = self.reviewer[windows]
        return part

    def whole(self, windows: dict[str, Array]) -> dict[str, Array]:
        """Of each pair what is known of its first window: all its evidence, or the first piece of it."""
        places = np.unique(self.first["row"], return_index=True)[1]
        return {key: values[places] for key, values in windows.items()} | {"labels": self.labels}

    def combined(self, logits: Array, forms: dict[str, dict[str, float]]) -> Array:
        """Probabilities (pairs, 3) from the logits of all windows, as the program combines them."""
        opinions, alone = softmax(logits, axis=1), self.first["alone"] > 0
        ends = np.searchsorted(self.first["row"], np.arange(len(self.rows) + 1))
        each = []
        for start, end, form in zip(ends[:-1], ends[1:], self.forms, strict=True):
            own, lone = opinions[start:end], alone[start:end]
            each.append(combined(own[~lone], own[lone], FormParameters(**forms.get(form, {}))))
        return np.array(each)


def _questions(rows: Rows) -> tuple[list[Question], list[bool]]:
    """Every window of every pair, and whether it is one text alone."""
    questions, alone = [], []
    for number, case in enumerate(given_texts(rows)):
        pieces = len(pieces_of(case.joined))
        for place, window in enumerate(case.windows()):
            questions.append(Question(number, case.claim, window))
            alone.append(place >= pieces)
    return questions, alone


def asked(judge: StanceJudge, questions: list[Question]) -> Array:
    """The judge's opinions (n, 3), as the program asks it."""
    findings = [numbers_of(question) for question in questions]
    taken_back = [is_taken_back(question) for question in questions]
    return opinions_on(judge, questions, findings, taken_back).astype(np.float64)
