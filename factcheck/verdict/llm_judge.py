"""The local LLM as a judge of pairs: the probabilities of one of three words.

Free text is not asked for: small models say "not supported" of true claims and "supported" of everything, while
the probabilities of one of three words, calibrated, are a fair judge (docs/models.md has the figures). The default LLM
is tuned for it: the package has low-rank corrections to that very file (training/train_llm.py), which hold while it
judges and not while it writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from factcheck.errors import ConfigError
from factcheck.prompting import load_prompt
from factcheck.protocols import FloatArray, LanguageModel, Pair
from factcheck.types import Stance

WEIGHTS = Path(__file__).with_name("weights")
MAX_PREMISE_CHARS = 1_600
_HASH_CHARS = 16


def adapter_name(model: str, prompt: str) -> str:
    """What the GGUF file of corrections for this model file and this prompt is called, by their sha256."""
    return f"llm-{model[:_HASH_CHARS]}-{prompt[:_HASH_CHARS]}.gguf"


def find_adapter(model: str, prompt: str, folder: Path = WEIGHTS) -> Path | None:
    """The GGUF file of corrections made for this model file and this prompt; None if there is none."""
    path = folder / adapter_name(model, prompt)
    return path if path.exists() else None


class LlmJudge:
    """The opinion of a LanguageModel."""

    def __init__(self, llm: LanguageModel) -> None:
        """Read the prompt; the model is not loaded before it is asked. Raises ConfigError."""
        self._llm = llm
        self.name = llm.name
        self._prompt = load_prompt(llm.verdict_prompt)
        self._prefix: str | None = None
        self._adapter = find_adapter(llm.fingerprint, self._prompt.fingerprint)
        self.tuned = self._adapter is not None
        self.answers = self._prompt.answers
        if len(self._prompt.answers) != len(Stance) or "" in self._prompt.answers:
            raise ConfigError(f"prompt {llm.verdict_prompt!r} must name three answers: supported, refuted, neither")

    def judge(self, pairs: Sequence[Pair]) -> FloatArray:
        """Stance probabilities, shape (n, 3), columns SUPPORTS, REFUTES, NEUTRAL. Raises ModelError."""
        rows = [self.ask(pair) for pair in pairs]
        return np.stack(rows) if rows else np.zeros((0, 3), dtype=np.float32)

    def ask(self, pair: Pair) -> FloatArray:
        """Stance probabilities of one pair, shape (3,). Raises ModelError."""
        prefix, suffix = self.prompt(pair)
        return self._llm.next_token(prefix, suffix, self.answers, self._adapter)

    def prompt(self, pair: Pair) -> tuple[str, str]:
        """The prompt for a pair: the opening that all pairs share, and the rest."""
        user = self._prompt.fill(claim=pair.claim, evidence=pair.premise[:MAX_PREMISE_CHARS])
        whole = self._llm.chat_prompt([*self._prompt.shot_turns(), ("user", user)])
        prefix = self._shared_prefix()
        if not whole.startswith(prefix):
            prefix = ""
        return prefix, whole[len(prefix) :]

    def _shared_prefix(self) -> str:
        """What two prompts with different pairs have in common, cut at the last line break."""
        if self._prefix is None:
            turns = self._prompt.shot_turns()
            one, two = (
                self._llm.chat_prompt([*turns, ("user", self._prompt.fill(claim=mark, evidence=mark))])
                for mark in ("\u0001", "\u0002")
            )
            length = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), len(one))
            self._prefix = one[: one.rfind("\n", 0, length) + 1]
        return self._prefix
