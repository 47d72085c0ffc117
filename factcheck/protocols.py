"""What the chain needs of its models; each has one real and one fake implementation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

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


class StanceJudge(Protocol):
    """Judges pairs: a trained cross-encoder, or two of them together."""

    name: str

    def load(self) -> None:
        """Load now (safe to call from a thread, and twice). Raises ModelError."""
        ...

    def judge(self, pairs: Sequence[Pair]) -> FloatArray:
        """Probabilities, shape (len(pairs), 3), columns SUPPORTS, REFUTES, NEUTRAL; rows sum to 1."""
        ...


class TextWriter(Protocol):
    """Writes texts after prompts."""

    summary_prompt: str  # name of the template under prompts/ that goes with it

    def generate(self, system: str, user: str, *, max_tokens: int) -> Iterator[str]:
        """Greedy text, piece by piece. Closing the iterator stops the model. Raises ModelError."""
        ...


class SeveralTexts(TextWriter, Protocol):
    """A TextWriter of which several texts may be open, to be taken from in turns: they share each pass of the model.

    A text is the one that the model writes alone, up to the rounding of sums, which differs with the number of
    texts and can tip the choice between two words that are about as likely. Pieces may be empty.
    """

    width: int  # how many texts it is good for


@runtime_checkable
class WritesTogether(Protocol):
    """A LanguageModel that can write several texts in less time than one after another."""

    def together(self) -> SeveralTexts | None:
        """The writer of several texts; None where it would gain nothing. Loads at the first text."""
        ...


class LanguageModel(TextWriter, Protocol):
    """A local LLM, or a server that speaks the OpenAI protocol. Loads at the first call."""

    name: str
    fingerprint: str
    device: str
    verdict_prompt: str  # name of a template, like `summary_prompt`

    def load(self) -> None:
        """Load now (safe to call from a thread, and twice). Raises ModelError."""
        ...

    def generate(self, system: str, user: str, *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        """Greedy text, piece by piece. Closing the iterator stops the model. Raises ModelError."""
        ...

    def next_token(self, prefix: str, suffix: str, answers: Sequence[str], adapter: Path | None = None) -> FloatArray:
        """Probabilities of the next token being (the first of) each answer, shape (n,), sum 1. Raises ModelError.

        prefix + suffix is the whole prompt, chat marks included by the caller through `chat_prompt`; what is
        common to many calls stands in prefix, which is evaluated once and kept. adapter: a GGUF file of low-rank
        corrections to the model, which hold for the suffix only; a server takes none.
        """
        ...

    def chat_prompt(self, turns: Sequence[tuple[str, str]]) -> str:
        """Turns (role, text) written in the model's chat format, ending where the assistant begins.

        Text in a turn cannot close the turn: the format's own marks are taken out of it.
        """
        ...
