"""KV caches of a loaded model, each of several sequences that can be decoded in one pass over the weights."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from factcheck.errors import ModelError
from factcheck.models.llamacpp import library, reason
from factcheck.protocols import FloatArray

# Prompts are evaluated in pieces, so that Ctrl-C, which Python sees between native calls, takes effect soon.
# Measured on a CPU, 1.5B model: pieces of 128 cost 2 % more time than 512, of 64 5 %, of 32 16 %.
BATCH = 128


class Part(NamedTuple):
    """Tokens that go on where a sequence stands."""

    sequence: int
    tokens: Sequence[int]


class NativeCache:
    """The KV cache of several sequences of a loaded model. Not thread-safe: the caller serialises the calls."""

    def __init__(self, context: Any, model: Any, *, tokens: int, sequences: int, longest: int) -> None:
        """Take over llama.cpp's context; `NativeModel.open_cache` has the meaning of the numbers."""
        self._llama = library()
        self._context = context
        self._vocab_size = int(self._llama.llama_vocab_n_tokens(self._llama.llama_model_get_vocab(model)))
        self._memory = self._llama.llama_get_memory(context)
        self._batch = self._llama.llama_batch_init(BATCH, 0, 1)
        self._held: list[list[int]] = [[] for _ in range(sequences)]
        self.tokens, self.sequences, self.longest = tokens, sequences, longest

    def close(self) -> None:
        """Free the native memory."""
        self._llama.llama_batch_free(self._batch)
        self._llama.llama_free(self._context)

    def held(self, sequence: int) -> Sequence[int]:
        """Return the tokens that the KV cache holds of a sequence."""
        return self._held[sequence]

    def evaluate(self, sequence: int, tokens: Sequence[int]) -> FloatArray:
        """Logits of the token after `tokens`, shape (vocabulary size,); what is cached is not evaluated."""
        self.check_fits(tokens)
        # The last token is always evaluated: logits of an earlier call are gone.
        start = self._keep(sequence, min(common_prefix(self._held[sequence], tokens), len(tokens) - 1))
        for first in range(start, len(tokens), BATCH):
            (logits,) = self.decode([Part(sequence, tokens[first : first + BATCH])])
        return logits

    def check_fits(self, tokens: Sequence[int]) -> None:
        """Raise ModelError for a prompt that is empty or fills a whole sequence."""
        if not tokens or len(tokens) >= self.longest:
            raise ModelError(
                f"a prompt of {len(tokens)} tokens does not fit the LLM's context of {self.longest}; "
                "raise `context` in models.toml"
            )

    @contextmanager
    def adapted(self, adapter: Any) -> Iterator[None]:
        """Evaluate with the corrections of `NativeModel.open_adapter` meanwhile; what is cached stays as it is."""
        adapters = (self._llama.llama_adapter_lora_p_ctypes * 1)(adapter)
        self._llama.llama_set_adapters_lora(self._context, adapters, 1, (ctypes.c_float * 1)(1.0))
        try:
            yield
        finally:
            self._llama.llama_set_adapters_lora(self._context, None, 0, None)

    def cut(self, sequence: int, count: int) -> None:
        """Forget all but the first `count` tokens of a sequence."""
        self._keep(sequence, min(count, len(self._held[sequence])))

    def _keep(self, sequence: int, count: int) -> int:
        """Cut the cached sequence to `count` tokens; return what is left (0 where a model cannot cut)."""
        if not self._llama.llama_memory_seq_rm(self._memory, sequence, count, -1):
            self._llama.llama_memory_seq_rm(self._memory, sequence, -1, -1)
            count = 0
        del self._held[sequence][count:]
        return count

    def decode(self, parts: Sequence[Part]) -> list[FloatArray]:
        """Logits after each part, shape (vocabulary size,) each, from one pass over the weights.

        A sequence stands in one part at most; the parts have BATCH tokens at most. Raises ModelError.
        """
        batch = self._batch
        last_rows = [end - 1 for end in accumulate(len(part.tokens) for part in parts)]
        batch.n_tokens = last_rows[-1] + 1
        rows = ((sequence, i, token) for sequence, tokens in parts for i, token in enumerate(tokens))
        for row, (sequence, i, token) in enumerate(rows):
            batch.token[row] = token
            batch.pos[row] = len(self._held[sequence]) + i
            batch.n_seq_id[row] = 1
            batch.seq_id[row][0] = sequence
            batch.logits[row] = row in last_rows
        status = self._llama.llama_decode(self._context, batch)
        if status != 0:
            raise ModelError(f"llama.cpp failed while it evaluated a prompt (status {status}){reason()}")
        for sequence, tokens in parts:
            self._held[sequence].extend(tokens)
        return [self._logits(row) for row in last_rows]

    def _logits(self, row: int) -> FloatArray:
        logits = self._llama.llama_get_logits_ith(self._context, row)
        return np.ctypeslib.as_array(logits, shape=(self._vocab_size,)).astype(np.float32, copy=True)

    def share(self, source: int, target: int, count: int) -> int:
        """Let `target` begin with the first `count` tokens of `source`; return how many it has of them."""
        self.drop(target)
        self._llama.llama_memory_seq_cp(self._memory, source, target, -1, -1)
        self._held[target][:] = self._held[source]
        return self._keep(target, count)

    def drop(self, sequence: int) -> None:
        """Forget a sequence."""
        self._keep(sequence, 0)

    def save_state(self, sequence: int) -> bytes:
        """Return the KV cache of a sequence as bytes, for `load_state` with the same model and settings."""
        size = self._llama.llama_state_seq_get_size(self._context, sequence)
        buffer = (ctypes.c_uint8 * size)()
        written = self._llama.llama_state_seq_get_data(self._context, buffer, size, sequence)
        return bytes(memoryview(buffer)[:written])

    def load_state(self, sequence: int, data: bytes, tokens: Sequence[int]) -> bool:
        """Fill a sequence with saved bytes, the state after `tokens`; False if they do not fit."""
        self.drop(sequence)
        buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
        if self._llama.llama_state_seq_set_data(self._context, buffer, len(data), sequence) == 0:
            self.drop(sequence)
            return False
        self._held[sequence][:] = tokens
        return True


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """How many leading tokens two sequences share."""
    for i, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return i
    return min(len(left), len(right))
