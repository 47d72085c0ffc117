"""A local LLM: a GGUF file run by llama.cpp, on the CPU or a GPU."""

from __future__ import annotations

import codecs
import threading
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from factcheck.errors import ModelError
from factcheck.models.chat import write_turns
from factcheck.models.prefix_states import PrefixStates
from factcheck.probabilities import softmax
from factcheck.protocols import FloatArray, SeveralTexts
from factcheck.settings import threads, user_cache_dir

if TYPE_CHECKING:
    from factcheck.models.kv_cache import NativeCache
    from factcheck.models.native import NativeModel
    from factcheck.models.spec import ModelSpec
    from factcheck.models.together import TextsTogether

DEFAULT_CONTEXT = 4096
# Measured on two busy cores, 1.5B model: 16 summaries at once take 0.71 of the time that they take one after
# another, 8 0.79, 4 0.93. On one thread it does not pay: 8 take 1.18 of it, as the products of few rows are slow.
TEXTS_AT_ONCE = 16
TOKENS_A_TEXT = 512  # room for each of them: its prompt, less what all begin with, and what is written
_TEXT, _ANSWER = 0, 1  # the sequence of the KV cache that each use has to itself


class LlamaModel:
    """The LanguageModel protocol on a GGUF file."""

    def __init__(self, spec: ModelSpec) -> None:
        """Describe the model; nothing is read before `load`."""
        self.name = spec.name
        self.fingerprint = spec.sha256 or spec.name
        self.device = "cpu"
        self.verdict_prompt, self.summary_prompt = spec.prompts.verdict, spec.prompts.summary
        self._spec = spec
        self._native: NativeModel | None = None
        self._setting = ""  # all that decides the bytes of a state, but for the cache
        self._together: TextsTogether | None = None
        self._adapters: dict[Path, Any] = {}
        # One call into llama.cpp at a time; reentrant, as a caller may judge between two pieces of a text.
        self._lock = threading.RLock()

    def load(self) -> None:
        """Load the file, once. Raises ModelMissingError, or ModelError if llama.cpp cannot."""
        self._loaded()

    def _loaded(self) -> NativeModel:
        with self._lock:
            if self._native is None:
                self._native = self._open()
            return self._native

    def _open(self) -> NativeModel:
        from factcheck.models.download import model_path
        from factcheck.models.llamacpp import gpu_names, library_version
        from factcheck.models.native import SEQUENCES, NativeModel

        path = model_path(self._spec)
        gpus = gpu_names()
        wanted = self._spec.gpu_layers
        layers = (-1 if gpus else 0) if wanted == "auto" else wanted
        self.device = gpus[0] if gpus and layers != 0 else "cpu"
        context = (self._spec.context or DEFAULT_CONTEXT) // SEQUENCES
        native = NativeModel(path, context=context, threads=threads(), gpu_layers=layers)
        stat = path.stat()
        self._setting = f"{self.fingerprint} {stat.st_size} {stat.st_mtime_ns} {self.device} {library_version()}"
        return native

    def _states(self, cache: NativeCache) -> PrefixStates:
        return PrefixStates(user_cache_dir() / "prefixes", f"{self._setting} {cache.tokens} {cache.sequences}")

    def chat_prompt(self, turns: Sequence[tuple[str, str]]) -> str:
        """Write the turns in the model's chat format. Raises ModelError, ConfigError."""
        return write_turns(self._spec.chat_format, turns, lambda: self._loaded().chat_template())

    def generate(self, system: str, user: str, *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        """Greedy text, piece by piece, up to the first stop string. Raises ModelError."""
        native = self._loaded()
        with self._lock:
            tokens, opening = self._prompt_tokens(native, system, user)
            self._states(native.main).restore(native.main, _TEXT, tokens, opening)
        yield from _until_stop(self._pieces(native, tokens, max_tokens), stop)

    def _prompt_tokens(self, native: NativeModel, system: str, user: str) -> tuple[list[int], list[int]]:
        """The prompt, and one with nothing in the user's turn."""
        tokens, opening = (native.tokenize(self.chat_prompt([("system", system), ("user", u)])) for u in (user, ""))
        return tokens, opening

    def together(self) -> SeveralTexts | None:
        """The model as a writer of several texts at once; None on a single thread, where it takes longer."""
        return _SeveralTexts(self) if threads() > 1 else None

    def _begin_text(self, system: str, user: str, max_tokens: int) -> Iterator[str]:
        """Greedy text, of which several may be open; TextsTogether has how to take from them. Raises ModelError."""
        native = self._loaded()
        with self._lock:
            if self._together is None:
                self._together = self._open_together(native)
            tokens, opening = self._prompt_tokens(native, system, user)
        yield from self._together.write(tokens, opening, max_tokens)

    def _open_together(self, native: NativeModel) -> TextsTogether:
        from factcheck.models.together import TextsTogether

        longest = native.main.longest
        room = max(longest, TEXTS_AT_ONCE * TOKENS_A_TEXT)
        cache = native.open_cache(room, sequences=1 + TEXTS_AT_ONCE, longest=longest, shared=True)
        return TextsTogether(native, cache, self._states(cache), self._lock)

    def _pieces(self, native: NativeModel, tokens: list[int], max_tokens: int) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for _ in range(max_tokens):
            with self._lock:
                token = int(np.argmax(native.main.evaluate(_TEXT, tokens)))
            if native.ends(token):
                break
            tokens.append(token)
            if text := decoder.decode(native.piece(token)):
                yield text
            if len(tokens) >= native.main.longest:
                break
        if rest := decoder.decode(b"", final=True):
            yield rest

    def next_token(self, prefix: str, suffix: str, answers: Sequence[str], adapter: Path | None = None) -> FloatArray:
        """Probabilities of each answer's first token as the next one, shape (n,). Raises ModelError."""
        from factcheck.models.kv_cache import common_prefix

        native = self._loaded()
        with self._lock:
            cache = native.main
            tokens, opening = native.tokenize(prefix + suffix), native.tokenize(prefix)
            self._states(cache).restore(cache, _ANSWER, tokens, opening)
            # What follows the opening may have been evaluated with other corrections.
            cache.cut(_ANSWER, common_prefix(tokens, opening))
            choices = self._first_tokens(native, answers)
            with cache.adapted(self._adapter(native, adapter)) if adapter else nullcontext():
                logits = cache.evaluate(_ANSWER, tokens)
        return np.asarray(softmax(logits[None, choices])[0])

    def _adapter(self, native: NativeModel, path: Path) -> Any:
        if path not in self._adapters:
            self._adapters[path] = native.open_adapter(path)
        return self._adapters[path]

    def _first_tokens(self, native: NativeModel, answers: Sequence[str]) -> list[int]:
        tokens = [native.tokenize(answer)[0] for answer in answers]
        if len(set(tokens)) < len(tokens):
            raise ModelError(f"{self.name} cannot tell {', '.join(answers)} apart: two begin with the same token")
        return tokens


class _SeveralTexts:
    """What `LlamaModel.together` gives."""

    width = TEXTS_AT_ONCE

    def __init__(self, model: LlamaModel) -> None:
        self.summary_prompt = model.summary_prompt
        self._model = model

    def generate(self, system: str, user: str, *, max_tokens: int) -> Iterator[str]:
        return self._model._begin_text(system, user, max_tokens)


def _until_stop(pieces: Iterator[str], stop: Sequence[str]) -> Iterator[str]:
    """Pass text on up to the first stop string; text that may be the start of one is held back."""
    pending = ""
    for piece in pieces:
        pending += piece
        if ends := [at for mark in stop if (at := pending.find(mark)) >= 0]:
            pending = pending[: min(ends)]
            break
        keep = max((_overlap(pending, mark) for mark in stop), default=0)
        if ready := pending[: len(pending) - keep]:
            pending = pending[len(pending) - keep :]
            yield ready
    if pending:
        yield pending


def _overlap(text: str, mark: str) -> int:
    """Return the length of the longest end of `text` that begins `mark`."""
    return next((n for n in range(min(len(text), len(mark) - 1), 0, -1) if text.endswith(mark[:n])), 0)
