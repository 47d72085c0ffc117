r"""Fits the handful of parameters of factcheck/verdict/fusion.json on the dev pairs.

    python -m training.fit_fusion --dev DEV_FOLDER --extra NUMBERS.jsonl --cache CACHE_FOLDER \
        [--opinions OPINIONS.npz] [--kinds given] [--llm-only] [--write]

Every set weighs the same; `training.fusion_fits` says how. Cross-validated by set: each set is judged with parameters
fitted on the others, which is what a user's own texts will meet; and, since some forms of evidence stand in one set
only, by halves of all sets. The verifier's and the reviewer's opinions are kept in the cache folder; the LLM's come
from `training.llm_opinions`.
"""

from __future__ import annotations

import argparse
import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from factcheck.verdict import fusion
from factcheck.verdict.fusion import (
    FastParameters,
    Form,
    FurtherParameters,
    ReviewerParameters,
    first_logits,
    further_logits,
    reviewed_logits,
)
from training.fusion_fits import FITS, KINDS, Step, fit_moves, fit_multiple, report
from training.judges import PairSet, llm_opinions
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


def only(data: dict[str, Array], chosen: NDArray[np.bool_]) -> dict[str, Array]:
    """The chosen pairs of a set, which weighs as much less beside other sets as they are fewer."""
    kept = {key: values[chosen] for key, values in data.items()}
    return kept | {"share": np.array(chosen.mean())}


class KindFit:
    """The fit of all parameters of one kind of evidence: `retrieved` or `given`."""

    def __init__(
        self,
        name: str,
        sets: dict[str, PairSet],
        said: dict[str, Array] | None,
        known: dict[str, Any] | None = None,
    ) -> None:
        """Fit; known: the kind as it stands in fusion.json, of which all but the LLM's parameters are to stay."""
        self.name = name
        self._sets = sets
        self._said = said
        self._thetas: dict[str, Array] = {}
        self.forms: dict[str, dict[str, float]] = {}
        if known is not None:
            for step_name, step in (("fast", FIRST), ("reviewer", REVIEWED)):
                self._thetas[step_name] = np.array([known[step_name][field] for field in step.fields])
            self.forms = {form: dict(own) for form, own in known.get("forms", {}).items()}
        else:
            self._fit_step("fast", FIRST, "verifier", {key: kept.first for key, kept in sets.items()})
            self._fit_step("reviewer", REVIEWED, "before", {key: self._asked(kept) for key, kept in sets.items()})
            if name == "given":
                self._fit_forms()
        if said is not None:
            self._fit_llm()

    @property
    def stored(self) -> dict[str, dict[str, Any]]:
        """All of it as it stands in fusion.json."""
        steps = {"fast": FIRST, "reviewer": REVIEWED, "llm": LATER, "llm_after_reviewer": LATER}
        fitted: dict[str, dict[str, Any]] = {name: steps[name].named(theta) for name, theta in self._thetas.items()}
        return fitted | ({"forms": self.forms} if self.forms else {})

    def opinions(self, kept: PairSet, *, reviewed: bool = True) -> Array:
        """Probabilities (pairs, 3) of the first opinion, or of that after the reviewer."""
        return kept.combined(self._reviewed(kept) if reviewed else self._first(kept), self.forms)

    def after_llm(self, kept: PairSet) -> tuple[NDArray[np.int64], Array]:
        """Which pairs the LLM was asked about, and their probabilities after it."""
        chosen, data = self._heard(kept, self.opinions(kept))
        multiples = np.array([self.forms.get(form, {}).get("llm", 1.0) for form in kept.forms[chosen]])[:, None]
        after = LATER.logits(self._thetas["llm_after_reviewer"], data | {"judge": data["judge"] ** multiples})
        return chosen, np.where(multiples > 0, softmax(after, axis=1), data["before"])

    def _first(self, kept: PairSet) -> Array:
        return FIRST.logits(self._thetas["fast"], kept.first)

    def _asked(self, kept: PairSet) -> dict[str, Array]:
        before = softmax(self._first(kept), axis=1)
        return {"before": before, "judge": kept.reviewer, "signals": kept.first["signals"]}

    def _reviewed(self, kept: PairSet) -> Array:
        return REVIEWED.logits(self._thetas["reviewer"], self._asked(kept))

    def _heard(self, kept: PairSet, before: Array) -> tuple[NDArray[np.int64], dict[str, Array]]:
        """Of the pairs that the LLM was asked about, what its step needs; it counts less where a rule contradicts."""
        assert self._said is not None, "the LLM was not asked"
        chosen, answers = llm_opinions(kept.rows, self._said)
        doubtful = 1.0 - kept.whole(kept.first)["signals"][chosen, 1:2]
        return chosen, {"before": before[chosen], "judge": answers**doubtful, "labels": kept.labels[chosen]}

    def _fit_step(self, name: str, step: Step, before: str, windows: dict[str, dict[str, Array]]) -> None:
        """Fits a step; of given evidence on the picked sentences, with which the other forms are compared."""
        pairs = {key: self._sets[key].whole(data) for key, data in windows.items()}
        if self.name == "given":
            picked = _masks({key: self._sets[key].forms for key in windows}, Form.PICKED)
            pairs = {key: only(pairs[key], mask) for key, mask in picked.items()}
        self._thetas[name] = report(name, step, pairs, before, FITS[self.name])

    def _fit_forms(self) -> None:
        """How the other forms of given evidence differ, from the opinions after the reviewer."""
        for form in (Form.PASSAGE, Form.SEVERAL, Form.ANSWERS):
            own = _masks({key: kept.forms for key, kept in self._sets.items()}, form)
            logits = {key: self._reviewed(self._sets[key]) for key in own}
            best = -np.inf
            for alone in ALONE:
                opinions = []
                for key, mask in own.items():
                    scores = self._sets[key].combined(logits[key], {form.value: {"alone": alone}})
                    opinions.append((np.log(scores[mask]), only({"labels": self._sets[key].labels}, mask)))
                supports, refutes, reached = fit_moves(opinions)
                print(f"{form.value}: alone {alone}, supports {supports:+.1f}, refutes {refutes:+.1f}: {reached:.1f}")
                if reached > best:
                    best = reached
                    self.forms[form.value] = {"supports": supports, "refutes": refutes, "alone": alone}
            print({key: int(mask.sum()) for key, mask in own.items()}, self.forms[form.value])

    def _fit_llm(self) -> None:
        """The LLM's parameters, on top of the first opinion and of that after the reviewer.

        Of given evidence, as the other steps, on picked sentences; then how much more it counts for other forms.
        """
        for name, reviewed in (("llm", False), ("llm_after_reviewer", True)):
            asked, forms = {}, {}
            for key, kept in self._sets.items():
                chosen, data = self._heard(kept, self.opinions(kept, reviewed=reviewed))
                if len(chosen):
                    asked[key], forms[key] = data, kept.forms[chosen]
            pairs = asked
            if self.name == "given":
                pairs = {key: only(asked[key], mask) for key, mask in _masks(forms, Form.PICKED).items()}
            self._thetas[name] = report(name, LATER, pairs, "before", FITS[self.name])
        theta = self._thetas["llm_after_reviewer"]  # the last step, whose pairs these are, and the commoner one
        for form in self.forms:
            others = [only(asked[key], mask) for key, mask in _masks(forms, form).items()]
            self.forms[form]["llm"] = fit_multiple(LATER, theta, "judge", others)
            print(f"{form}: the LLM counts {self.forms[form]['llm']:.2f} times")


def _masks(forms: dict[str, NDArray[np.str_]], form: str) -> dict[str, NDArray[np.bool_]]:
    """Which pairs of each set have a form, of those sets that have any."""
    return {key: own == form for key, own in forms.items() if (own == form).any()}


def report_halves(
    name: str, sets: dict[str, PairSet], said: dict[str, Array] | None, known: dict[str, Any] | None
) -> None:
    """Prints what one half of every set reaches with what is fitted fitted on the other halves, mean of both."""
    rng = np.random.default_rng(5)
    halves: tuple[dict[str, PairSet], dict[str, PairSet]] = ({}, {})
    for key, kept in sets.items():
        order = rng.permutation(len(kept.rows))
        for half, part in zip(halves, (order[::2], order[1::2]), strict=True):
            half[key] = kept.part(np.sort(part))
    reached: dict[str, list[tuple[float, ...]]] = {key: [] for key in sets}
    for fitted, unseen in (halves, halves[::-1]):
        with redirect_stdout(io.StringIO()):
            kind = KindFit(name, fitted, said, known)
        for key, kept in unseen.items():
            before = kind.opinions(kept)
            own: tuple[float, ...] = (accuracy(before, kept.labels),)
            if said is not None:
                chosen, after = kind.after_llm(kept)
                own += tuple(accuracy(scores, kept.labels[chosen]) for scores in (before[chosen], after))
            reached[key].append(own)
    print("fitted on the other halves: all pairs; those that the LLM was asked about, before and after it")
    for key, accuracies in reached.items():
        print(f"{key:20}", *(f"{mean:.1f}" for mean in np.mean(accuracies, axis=0)))


def main() -> None:
    """Fit as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, required=True)
    parser.add_argument("--extra", type=Path, nargs="*", default=[])
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--opinions", type=Path, help="what the LLM said (training.llm_opinions)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="of evidence; all unless told")
    parser.add_argument("--llm-only", action="store_true", help="leave all but the LLM's parameters as they stand")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    read = {path.stem: read_pairs(path) for path in [*sorted(args.dev.glob("*.jsonl")), *args.extra]}
    sets = {name: PairSet(items, args.cache, name) for name, items in read.items() if items}
    said = None
    if args.opinions is not None:
        with np.load(args.opinions) as file:
            said = dict(file)
    stored = json.loads(fusion.PARAMETERS_FILE.read_text(encoding="utf-8"))
    for name in args.kinds:
        print(f"evidence {name}")
        known = stored[name] if args.llm_only else None
        kind = KindFit(name, sets, said, known)
        for form, own in kind.forms.items():  # those of an LLM that is not tuned are not fitted here
            own["untuned"] = stored[name]["forms"].get(form, {}).get("untuned", 1.0)
        stored[name] |= kind.stored
        for key, kept in sets.items():
            print(f"fitted on all {key:20} {accuracy(kind.opinions(kept), kept.labels)}")
        report_halves(name, sets, said, known)
    if args.write:
        stored["note"] = "fitted by training/fit_fusion.py on the dev pairs, every set weighing the same"
        fusion.PARAMETERS_FILE.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
