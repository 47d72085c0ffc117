"""What the chain needs of its models; each has one real and one fake implementation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


class Pair(NamedTuple):
    """One question to a judge: what `premise`, a source's text, says about `claim`."""

    claim: str
    premise: str


class Encoder(Protocol):
    """Turns text into vectors."""

    name: str
    fingerprint: str  # sha256 over the files that decide the vectors
    dimension: int

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors, shape (len(texts), dimension); (0, dimension) for none."""
        ...


class NextToken(NamedTuple):
    """What an LLM says after a prompt, without a word being written."""

    letters: FloatArray  # probabilities of the letters asked for, shape (n,), sum 1
    hidden: FloatArray | None  # its last hidden state, shape (width,), where it can be had


class StanceJudge(Protocol):
    """Judges pairs: the trained cross-encoder, or the LLM read as letter probabilities."""

    name: str

    def judge(self, pairs: Sequence[Pair]) -> FloatArray:
        """Probabilities, shape (len(pairs), 3), columns SUPPORTS, REFUTES, NEUTRAL; rows sum to 1."""
        ...


class LanguageModel(Protocol):
    """A local LLM, or a server that speaks the OpenAI protocol. Loads at the first call."""

    name: str
    fingerprint: str
    device: str
    verdict_prompt: str  # names of the templates under prompts/ that go with it
    summary_prompt: str

    def load(self) -> None:
        """Load now (safe to call from a thread, and twice). Raises ModelError."""
        ...

    def generate(self, system: str, user: str, *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        """Greedy text, piece by piece. Closing the iterator stops the model. Raises ModelError."""
        ...

    def next_token(self, prefix: str, suffix: str, letters: Sequence[str]) -> NextToken:
        """Probabilities of the next token being each letter, and the hidden state that they come from.

        prefix + suffix is the whole prompt, chat marks included by the caller through `chat_prompt`; what is
        common to many calls stands in prefix, which is evaluated once and kept.
        """
        ...

    def chat_prompt(self, turns: Sequence[tuple[str, str]]) -> str:
        """Turns (role, text) written in the model's chat format, ending where the assistant begins.

        Text in a turn cannot close the turn: the format's own marks are taken out of it.
        """
        ...
