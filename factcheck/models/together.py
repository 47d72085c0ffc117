"""Several texts written at once: every pass over the model's weights takes all of them one token further."""

from __future__ import annotations

import codecs
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from factcheck.errors import ModelError
from factcheck.models.kv_cache import BATCH, NativeCache, Part, common_prefix
from factcheck.models.native import NativeModel
from factcheck.models.prefix_states import PrefixStates

_PREFIX = 0  # the sequence that holds what the prompts begin with; each text has one of the others


@dataclass(eq=False)
class _Text:
    tokens: list[int]  # the prompt
    left: int  # tokens that may still be written
    room: int = 0  # tokens of the cache that are set aside for it
    sequence: int = _PREFIX  # one of its own once there is room
    pending: list[int] = field(default_factory=list)  # what the model has not seen of it
    pieces: deque[str] = field(default_factory=deque)  # written, and not taken yet: one for each step
    over: bool = False
    error: ModelError | None = None
    decoder: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))


class TextsTogether:
    """Greedy texts in one cache. Those beyond its sequences, or its room, wait for others to end.

    Whoever takes a piece of a text that has none ready makes the model go one step with all texts. They are to
    be taken from in turns: what breaks a text off is then seen before the model writes on.
    """

    def __init__(self, native: NativeModel, cache: NativeCache, states: PrefixStates, lock: threading.RLock) -> None:
        """Write in a cache whose sequences share their room; the lock is held in each step."""
        self._native = native
        self._cache = cache
        self._states = states
        self._lock = lock
        self._free = deque(range(_PREFIX + 1, cache.sequences))
        self._texts: list[_Text] = []

    def write(self, tokens: list[int], opening: list[int], max_tokens: int) -> Iterator[str]:
        """The text after the prompt, a piece a step, empty where the step brought none. Raises ModelError.

        It joins the others with the first `next`, which gives an empty piece: all can join before the first step.
        opening: a prompt of the same kind; what they have in common is evaluated once, and shared.
        """
        self._cache.check_fits(tokens)
        with self._lock:
            self._states.restore(self._cache, _PREFIX, tokens, opening)
        text = _Text(tokens, min(max_tokens, self._cache.longest - len(tokens)))
        self._texts.append(text)
        try:
            yield ""
            while text.pieces or not text.over:
                if text.pieces:
                    yield text.pieces.popleft()
                else:
                    self._step()
            if text.error is not None:
                raise text.error
        finally:
            self._end(text)

    def _step(self) -> None:
        """Give each text one piece more; if the model fails all of them end with its error."""
        pieces = dict.fromkeys(self._texts, "")
        with self._lock:
            try:
                self._admit()
                parts = self._parts()
                rows = self._cache.decode(list(parts.values()))
            except ModelError as error:
                self._fail(error)
                return
        for (text, part), logits in zip(parts.items(), rows, strict=True):
            del text.pending[: len(part.tokens)]
            if not text.pending:
                pieces[text] = self._grow(text, int(np.argmax(logits)))
        for text, piece in pieces.items():
            text.pieces.append(piece)

    def _admit(self) -> None:
        """Give a sequence to each text that has none, in order, as long as there is room."""
        held = self._cache.held(_PREFIX)
        for text in self._texts:
            if text.sequence != _PREFIX:
                continue
            shared = common_prefix(held, text.tokens[:-1])  # the last token is evaluated, for its logits
            room = len(text.tokens) + text.left - shared
            taken = sum(other.room for other in self._texts)
            if not self._free or (taken and len(held) + taken + room > self._cache.tokens):
                return
            text.room = room
            text.sequence = self._free.popleft()
            text.pending = text.tokens[self._cache.share(_PREFIX, text.sequence, shared) :]

    def _parts(self) -> dict[_Text, Part]:
        """What to evaluate next: first a token of each text that is being written, then prompts."""
        parts: dict[_Text, Part] = {}
        left = BATCH
        for text in sorted(self._texts, key=lambda text: len(text.pending)):
            if tokens := text.pending[:left]:
                parts[text] = Part(text.sequence, tokens)
                left -= len(tokens)
        return parts

    def _grow(self, text: _Text, token: int) -> str:
        """Add a token to a text; return what can be read of it."""
        if self._native.ends(token):
            self._end(text)
            return text.decoder.decode(b"", final=True)
        text.left -= 1
        text.pending = [token]
        if text.left == 0:
            self._end(text)
        return text.decoder.decode(self._native.piece(token), final=text.over)

    def _fail(self, error: ModelError) -> None:
        for text in self._texts.copy():
            text.error = error
            self._end(text)
        self._cache.drop(_PREFIX)  # who knows what the failure left there

    def _end(self, text: _Text) -> None:
        """Take a text from those in work, and free its sequence."""
        if text.over:
            return
        text.over = True
        self._texts.remove(text)
        if text.sequence != _PREFIX:
            with self._lock:
                self._cache.drop(text.sequence)
            self._free.append(text.sequence)
