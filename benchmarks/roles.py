"""Who did it to whom, and who said it: sentences written by hand, claimed as they are and with the parts exchanged.

    python -m benchmarks.roles

All but two (borrowed from, called for) use other verbs than the pairs of `training/roles.py`. Printed for the verifier,
the reviewer, and the modes without LLM: how many claims as they are come out SUPPORTED, and how many exchanged ones do
not.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from factcheck.checker import CheckOptions, FactChecker
from factcheck.models.verifier import open_reviewer, open_verifier
from factcheck.protocols import Pair
from factcheck.settings import Mode
from factcheck.types import Claim, Label


class Told(NamedTuple):
    """A passage, and a claim of two places that holds with the parts in this order."""

    passage: str
    claim: str
    first: str
    second: str

    def pair(self, *, exchanged: bool) -> Pair:
        """The claim with the parts as they are, or exchanged."""
        parts = (self.second, self.first) if exchanged else (self.first, self.second)
        claim = self.claim.format(*parts)
        return Pair(claim[0].upper() + claim[1:], self.passage)


_BRIDGE = "The minister said the bridge was safe, while the engineer warned that it could collapse."
_ELECTIONS = "Marta Lind called for new elections. Elena Rossi rejected the idea."
TOLD = (
    Told(
        "Norway's fishery minister reprimanded the Danish envoy on Monday.",
        "{} reprimanded {}.",
        "the Norwegian fishery minister",
        "the Danish envoy",
    ),
    Told("Lara Holm outvoted Per Nilsen in the committee.", "{} outvoted {}.", "Lara Holm", "Per Nilsen"),
    Told("Kenya extradited two bankers to Mauritius.", "{} extradited two bankers to {}.", "Kenya", "Mauritius"),
    Told(
        "The court ordered Velmar Ltd to compensate Sona Foods.",
        "{} has to compensate {}.",
        "Velmar Ltd",
        "Sona Foods",
    ),
    Told(
        "Police officer Ivo Lenz was bitten by the dog of Karl Stein.",
        "{} was bitten by the dog of {}.",
        "Ivo Lenz",
        "Karl Stein",
    ),
    Told("The Tigers eliminated the Hawks in the semi-final.", "{} eliminated {}.", "the Tigers", "the Hawks"),
    Told("Bolivia borrowed 300 million dollars from Peru.", "{} borrowed money from {}.", "Bolivia", "Peru"),
    Told(
        "Maria Costa married her teacher; Ana Reis, her sister, blamed Maria for it.",
        "{} blamed {}.",
        "Ana Reis",
        "Maria Costa",
    ),
    Told("Ukraine handed over 200 captured soldiers to Russia.", "{} handed over captives to {}.", "Ukraine", "Russia"),
    Told("The senator mocked the governor during the debate.", "{} mocked {}.", "the senator", "the governor"),
    Told("Prosecutors say Rudi Falk bribed Olaf Brandt.", "{} bribed {}.", "Rudi Falk", "Olaf Brandt"),
    Told("After the merger, Nordbank absorbed Sudbank.", "{} absorbed {}.", "Nordbank", "Sudbank"),
    Told("Tom Orla's grandson, Finn, inherited the farm from him.", "{} inherited from {}.", "Finn", "Tom Orla"),
    Told("The army shelled the village held by the rebels.", "{} shelled {}.", "the army", "the rebels"),
    Told("Elena Rossi thanked Marta Lind for her support.", "{} thanked {}.", "Elena Rossi", "Marta Lind"),
    Told("Dana Kim, a lawyer, cross-examined Ivo Lenz.", "{} cross-examined {}.", "Dana Kim", "Ivo Lenz"),
    Told(_ELECTIONS, "{0} called for new elections.", "Marta Lind", "Elena Rossi"),
    Told(_BRIDGE, "{0} warned that the bridge could collapse.", "the engineer", "the minister"),
)


def main() -> None:
    """Print a line for each judge and each mode."""
    verifier, reviewer = open_verifier(), open_reviewer()
    straight = [told.pair(exchanged=False) for told in TOLD]
    exchanged = [told.pair(exchanged=True) for told in TOLD]

    def line(name: str, supported: int, unsupported: int) -> None:
        print(f"{name:9} as they are: {supported} of {len(TOLD)} supported; exchanged: {unsupported} not supported")

    for name, judge in (("verifier", verifier), ("reviewer", reviewer)):
        if judge is not None:
            kept, moved = (np.argmax(judge.judge(pairs), axis=1) == 0 for pairs in (straight, exchanged))
            line(name, int(kept.sum()), int((~moved).sum()))
    checker = FactChecker(verifier, reviewer=reviewer)
    for mode in Mode:
        found = [
            checker.judge_texts([(Claim(text=p.claim), [p.premise]) for p in pairs], CheckOptions(mode=mode))
            for pairs in (straight, exchanged)
        ]
        kept, moved = ([report.verdict.label is Label.SUPPORTED for report in reports] for reports in found)
        line(mode.value, sum(kept), len(moved) - sum(moved))


if __name__ == "__main__":
    main()
