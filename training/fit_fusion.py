r"""Fits the handful of parameters of factcheck/verdict/fusion.json on the dev pairs.

    python -m training.fit_fusion --dev DEV_FOLDER --extra NUMBERS.jsonl --cache CACHE_FOLDER \
        [--opinions OPINIONS.npz] [--kinds given] [--write]

Every set weighs the same; `training.fusion_fits` says how. Cross-validated by set: each set is judged with parameters
fitted on the others, which is what a user's own texts will meet. The verifier's and the reviewer's opinions are kept in
the cache folder; the LLM's come from `training.llm_opinions`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from factcheck.verdict import fusion
from factcheck.verdict.fusion import (
    FastParameters,
    Form,
    FormParameters,
    FurtherParameters,
    ReviewerParameters,
    first_logits,
    further_logits,
    reviewed_logits,
)
from factcheck.verdict.given import combined
from training.data import LABELS
from training.fusion_fits import FITS, KINDS, Step, fit_moves, fit_multiple, report
from training.judges import Rows, cached, first_opinions, given_texts, llm_opinions, reviewer_opinions
from training.scoring import accuracy, read_pairs

Array = NDArray[np.float64]
ALONE = (0.0, 0.25, 0.5, 0.75)  # never 1: what two texts say together no single one does


def fast_logits(theta: Array, data: dict[str, Array]) -> Array:
    """Logits (n, 3) of the first opinion; theta in the order of FastParameters."""
    p = FastParameters(**dict(zip(FastParameters.model_fields, theta.tolist(), strict=True)))
    return first_logits(p, data["verifier"], data["signals"])


def later_logits(theta: Array, data: dict[str, Array]) -> Array:
    """Logits (n, 3) after a further judge; theta in the order of FurtherParameters."""
    p = FurtherParameters(**dict(zip(FurtherParameters.model_fields, theta.tolist(), strict=True)))
    return further_logits(p, data["before"], data["judge"])


def reviewer_logits(theta: Array, data: dict[str, Array]) -> Array:
    """Logits (n, 3) after the reviewer; theta in the order of ReviewerParameters."""
    p = ReviewerParameters(**dict(zip(ReviewerParameters.model_fields, theta.tolist(), strict=True)))
    return reviewed_logits(p, data["before"], data["judge"], data["signals"])


FIRST = Step(fast_logits, tuple(FastParameters.model_fields), np.array([1.0, 0.5, 3.0, 0.3, 0.0, 0.0]))
REVIEWED = Step(reviewer_logits, tuple(ReviewerParameters.model_fields), np.array([1.0, 0.5, 0.0, 0.0, 0.0, 0.0]))
LATER = Step(later_logits, tuple(FurtherParameters.model_fields), np.array([1.0, 0.5, 0.0, 0.0]))


class PairSet:
    """The pairs of a file and what verifier, rules and reviewer say of their windows."""

    def __init__(self, rows: Rows, cache: Path, name: str) -> None:
        cases = given_texts(rows)
        self.rows = rows
        self.labels = np.array([LABELS.index(row["label"]) for row in rows], dtype=np.float64)
        self.forms = np.array([case.form.value for case in cases])
        self.first = cached(cache / f"{name}.first.npz", lambda: first_opinions(rows))
        self.reviewer = cached(cache / f"{name}.reviewer.npz", lambda: reviewer_opinions(rows))["opinions"]

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


def only(data: dict[str, Array], chosen: NDArray[np.bool_]) -> dict[str, Array]:
    """The chosen pairs of a set, which weighs as much less beside other sets as they are fewer."""
    kept = {key: values[chosen] for key, values in data.items()}
    return kept | {"share": np.array(chosen.mean())}


class KindFit:
    """The fit of all parameters of one kind of evidence: `retrieved` or `given`."""

    def __init__(self, name: str, sets: dict[str, PairSet]) -> None:
        self.name = name
        self.sets = sets
        self.fitted: dict[str, dict[str, float]] = {}
        self.forms: dict[str, dict[str, float]] = {}

    def fit_step(self, name: str, step: Step, before: str, windows: dict[str, dict[str, Array]]) -> dict[str, Array]:
        """Fits a step, keeps its parameters under `name`, and returns its logits (n, 3) of all windows of each set.

        Of given evidence it is fitted on the picked sentences, with which the other forms are compared.
        """
        pairs = {key: self.sets[key].whole(data) for key, data in windows.items()}
        if self.name == "given":
            picked = _masks({key: self.sets[key].forms for key in windows}, Form.PICKED)
            pairs = {key: only(pairs[key], mask) for key, mask in picked.items()}
        theta = report(name, step, pairs, before, FITS[self.name])
        self.fitted[name] = step.named(theta)
        return {key: step.logits(theta, data) for key, data in windows.items()}

    def fit_forms(self, logits: dict[str, Array]) -> None:
        """How the forms of given evidence differ, from the opinions after the reviewer."""
        for form in (Form.PASSAGE, Form.SEVERAL, Form.ANSWERS):
            own = _masks({key: kept.forms for key, kept in self.sets.items()}, form)
            best = -np.inf
            for alone in ALONE:
                opinions = []
                for key, mask in own.items():
                    scores = self.sets[key].combined(logits[key], {form.value: {"alone": alone}})
                    opinions.append(
                        (np.log(scores[mask]), {"labels": self.sets[key].labels[mask], "share": np.array(mask.mean())})
                    )
                supports, refutes, reached = fit_moves(opinions)
                print(f"{form.value}: alone {alone}, supports {supports:+.1f}, refutes {refutes:+.1f}: {reached:.1f}")
                if reached > best:
                    best = reached
                    self.forms[form.value] = {"supports": supports, "refutes": refutes, "alone": alone}
            print({key: int(mask.sum()) for key, mask in own.items()}, self.forms[form.value])

    def final(self, logits: dict[str, Array]) -> dict[str, Array]:
        """Probabilities (pairs, 3)."""
        return {key: kept.combined(logits[key], self.forms) for key, kept in self.sets.items()}

    def fit_letters(self, said: dict[str, Array], first: dict[str, Array], reviewed: dict[str, Array]) -> None:
        """The LLM's parameters, on top of the first opinion and of that after the reviewer.

        Of given evidence, as the other steps, on picked sentences; then how much more it counts for other forms.
        """
        for name, before in (("letters", first), ("letters_after_reviewer", reviewed)):
            asked, forms = {}, {}
            for key, kept in self.sets.items():
                chosen, opinions = llm_opinions(kept.rows, said)
                if len(chosen):
                    asked[key] = {"before": before[key][chosen], "judge": opinions, "labels": kept.labels[chosen]}
                    forms[key] = kept.forms[chosen]
            pairs = asked
            if self.name == "given":
                pairs = {key: only(asked[key], mask) for key, mask in _masks(forms, Form.PICKED).items()}
            theta = report(name, LATER, pairs, "before", FITS[self.name])
            self.fitted[name] = LATER.named(theta)
        for form in self.forms:  # those of the last step, which is the commoner one
            others = [only(asked[key], mask) for key, mask in _masks(forms, form).items()]
            self.forms[form]["letters"] = fit_multiple(LATER, theta, "judge", others)
            print(f"{form}: letters count {self.forms[form]['letters']:.2f} times")


def _masks(forms: dict[str, NDArray[np.str_]], form: str) -> dict[str, NDArray[np.bool_]]:
    """Which pairs of each set have a form, of those sets that have any."""
    return {key: own == form for key, own in forms.items() if (own == form).any()}


def main() -> None:
    """Fit as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--extra", type=Path, nargs="*", default=[])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--opinions", type=Path, help="what the LLM said (training.llm_opinions)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="of evidence; all unless told")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    read = {path.stem: read_pairs(path) for path in [*sorted(args.dev.glob("*.jsonl")), *args.extra]}
    sets = {name: PairSet(items, args.cache, name) for name, items in read.items() if items}
    stored = json.loads(fusion.PARAMETERS_FILE.read_text(encoding="utf-8"))
    for name in args.kinds:
        print(f"evidence {name}")
        kind = KindFit(name, sets)
        first = kind.fit_step("fast", FIRST, "verifier", {key: kept.first for key, kept in sets.items()})
        asked = {
            key: {"before": softmax(first[key], axis=1), "judge": kept.reviewer, "signals": kept.first["signals"]}
            for key, kept in sets.items()
        }
        reviewed = kind.fit_step("reviewer", REVIEWED, "before", asked)
        if name == "given":
            kind.fit_forms(reviewed)
        for key, scores in kind.final(reviewed).items():
            print(f"{key:20} {accuracy(scores, sets[key].labels):5} fitted on all")
        if args.opinions is not None:
            with np.load(args.opinions) as file:
                kind.fit_letters(dict(file), kind.final(first), kind.final(reviewed))
        stored[name] |= kind.fitted | ({"forms": kind.forms} if kind.forms else {})
    if args.write:
        stored["note"] = "fitted by training/fit_fusion.py on the dev pairs, every set weighing the same"
        if args.opinions is not None:
            with np.load(args.opinions) as said:
                stored["llm"] = str(said["model"])
        fusion.PARAMETERS_FILE.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
