"""What verifier and reviewer think together, for questions on which both are heard."""

from __future__ import annotations

from collections.abc import Sequence

from factcheck.errors import ModelError
from factcheck.protocols import FloatArray, Pair, StanceJudge
from factcheck.verdict.fusion import FurtherParameters, with_judge

_EQUALLY = FurtherParameters(before=0.5, judge=0.5, bias_supports=0.0, bias_refutes=0.0)


class Consensus:
    """StanceJudge whose opinion is the logarithmic pool of two judges' (Genest and Zidek 1986), equally weighted.

    If the reviewer is none or fails, the verifier's opinion stands alone; `trouble` then says why it failed.
    """

    def __init__(self, verifier: StanceJudge, reviewer: StanceJudge | None) -> None:
        self.name = f"{verifier.name} and {reviewer.name}" if reviewer else verifier.name
        self.trouble = ""
        self._verifier = verifier
        self._reviewer = reviewer

    @property
    def reviewed(self) -> bool:
        """Whether the reviewer has its say."""
        return self._reviewer is not None and not self.trouble

    def load(self) -> None:
        """Load both. Raises ModelError."""
        self._verifier.load()
        if self._reviewer is not None:
            self._reviewer.load()

    def judge(self, pairs: Sequence[Pair]) -> FloatArray:
        """Probabilities, shape (n, 3), columns SUPPORTS, REFUTES, NEUTRAL. Raises ModelError if the verifier does."""
        opinion = self._verifier.judge(pairs)
        if self._reviewer is None or self.trouble or not pairs:
            return opinion
        try:
            second = self._reviewer.judge(pairs)
        except ModelError as error:
            self.trouble = reviewer_trouble(error)
            return opinion
        return with_judge(opinion, second, _EQUALLY)


def reviewer_trouble(error: ModelError) -> str:
    """The sentence that a report says of a reviewer that failed."""
    return f"the reviewer failed: {error}"
