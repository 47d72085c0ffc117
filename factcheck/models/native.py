"""llama.cpp through its C functions: one GGUF file, its tokeniser, and KV caches of several sequences.

The `Llama` class of llama-cpp-python is not used: while it loads it points the process's stdout and stderr
at /dev/null, which would swallow what other threads print meanwhile, and it knows one sequence only. Here
each use of the model has its own sequence, so that judging a sentence does not throw away the text begun,
and several sequences can be decoded in one pass over the weights.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from factcheck.errors import ModelError
from factcheck.protocols import FloatArray

SEQUENCES = 2
# Prompts are evaluated in pieces, so that Ctrl-C, which Python sees between native calls, takes effect soon.
# Measured on a CPU, 1.5B model: pieces of 128 cost 2 % more time than 512, of 64 5 %, of 32 16 %.
BATCH = 128
_GGML_GPU_TYPES = frozenset({1, 2})  # ggml_backend_dev_type: discrete GPU, integrated GPU
_GGML_LOG_ERROR = 4

_log: list[str] = []
_log_callback: Any = None  # kept here, as llama.cpp holds only the bare pointer
_start_lock = threading.Lock()


def gpu_names() -> tuple[str, ...]:
    """Names of the GPUs that this build of llama.cpp can use; empty for a CPU build or without a GPU."""
    llama = _library()
    if not llama.llama_supports_gpu_offload():
        return ()
    from llama_cpp._ggml import libggml

    pointer = ctypes.c_void_p
    libggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    libggml.ggml_backend_dev_get.restype = pointer
    libggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    libggml.ggml_backend_dev_type.argtypes = [pointer]
    libggml.ggml_backend_dev_description.restype = ctypes.c_char_p
    libggml.ggml_backend_dev_description.argtypes = [pointer]
    devices = [libggml.ggml_backend_dev_get(i) for i in range(libggml.ggml_backend_dev_count())]
    return tuple(
        libggml.ggml_backend_dev_description(device).decode("utf-8", "replace")
        for device in devices
        if libggml.ggml_backend_dev_type(device) in _GGML_GPU_TYPES
    )


class NativeModel:
    """A loaded GGUF file. Not thread-safe: the caller serialises the calls."""

    def __init__(
        self, path: Path, *, context: int, threads: int, gpu_layers: int, flash_attention: bool = True
    ) -> None:
        """Load the file; `main` is a cache of SEQUENCES sequences of `context` tokens each. Raises ModelError."""
        self._llama = _library()
        self._path = path
        self._threads, self._flash_attention = threads, flash_attention
        self._caches: list[NativeCache] = []
        _log.clear()
        params = self._llama.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        self._model: Any = self._llama.llama_model_load_from_file(str(path).encode(), params)
        if not self._model:
            raise ModelError(
                f"{path} cannot be loaded by llama.cpp{_reason()}; run `factcheck models verify`, "
                "and pull the model again if it is damaged"
            )
        self._vocab = self._llama.llama_model_get_vocab(self._model)
        try:
            self.main = self.open_cache(context * SEQUENCES, sequences=SEQUENCES, longest=context)
        except ModelError:
            self.close()
            raise

    def open_cache(self, tokens: int, *, sequences: int, longest: int, shared: bool = False) -> NativeCache:
        """A KV cache with room for so many tokens in all, in sequences of at most `longest`. Raises ModelError.

        shared: whether the sequences take room from one pool, in which `NativeCache.share` costs nothing;
        otherwise each has an equal part.
        """
        params = self._llama.llama_context_default_params()
        params.n_ctx = tokens
        params.n_seq_max = sequences
        params.kv_unified = shared
        params.n_batch = params.n_ubatch = BATCH
        params.n_threads = params.n_threads_batch = self._threads
        params.flash_attn_type = int(self._flash_attention)
        params.no_perf = True
        context = self._llama.llama_init_from_model(self._model, params)
        if not context:
            raise ModelError(
                f"llama.cpp has no room for a context of {longest} tokens for {self._path}{_reason()}; free some memory"
            )
        cache = NativeCache(context, self._model, tokens=tokens, sequences=sequences, longest=longest)
        self._caches.append(cache)
        return cache

    def close(self) -> None:
        """Free the native memory, that of the caches, too."""
        for cache in self._caches:
            cache.close()
        self._caches.clear()
        if self._model:
            self._llama.llama_model_free(self._model)
        self._model = None

    def tokenize(self, text: str) -> list[int]:
        """Tokens of a prompt; the marks of the chat format in it become control tokens."""
        data = text.encode("utf-8")
        room = len(data) + 8
        tokens = (ctypes.c_int32 * room)()
        count = self._llama.llama_tokenize(self._vocab, data, len(data), tokens, room, False, True)
        if count < 0:
            raise ModelError("llama.cpp could not turn a prompt into tokens")
        return list(tokens[:count])

    def piece(self, token: int) -> bytes:
        """Return the bytes that a token stands for; none for a control token."""
        room = 256
        buffer = (ctypes.c_char * room)()
        count = self._llama.llama_token_to_piece(self._vocab, token, buffer, room, 0, False)
        return buffer.raw[: max(count, 0)]

    def ends(self, token: int) -> bool:
        """Whether the token ends the model's turn."""
        return bool(self._llama.llama_vocab_is_eog(self._vocab, token))

    def chat_template(self) -> tuple[str, str, str]:
        """Return the file's own chat template (Jinja; empty if it has none), its BOS and its EOS text."""
        template = self._llama.llama_model_chat_template(self._model, None)
        special = (
            self._llama.llama_vocab_bos(self._vocab),
            self._llama.llama_vocab_eos(self._vocab),
        )
        bos, eos = (
            self._llama.llama_vocab_get_text(self._vocab, token).decode("utf-8") if token >= 0 else ""
            for token in special
        )
        return (template or b"").decode("utf-8", "replace"), bos, eos


class Part(NamedTuple):
    """Tokens that go on where a sequence stands."""

    sequence: int
    tokens: Sequence[int]


class NativeCache:
    """The KV cache of several sequences of a loaded model. Not thread-safe: the caller serialises the calls."""

    def __init__(self, context: Any, model: Any, *, tokens: int, sequences: int, longest: int) -> None:
        """Take over llama.cpp's context; `NativeModel.open_cache` has the meaning of the numbers."""
        self._llama = _library()
        self._context = context
        self._width = int(self._llama.llama_model_n_embd(model))
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

    def evaluate_hidden(self, sequence: int, tokens: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """Logits as of `evaluate`, and the hidden state that they come from, shape (width of the model,)."""
        self._llama.llama_set_embeddings(self._context, True)
        try:
            logits = self.evaluate(sequence, tokens)
            hidden = self._llama.llama_get_embeddings_ith(self._context, -1)
            return logits, np.ctypeslib.as_array(hidden, shape=(self._width,)).astype(np.float32, copy=True)
        finally:
            self._llama.llama_set_embeddings(self._context, False)

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
            raise ModelError(f"llama.cpp failed while it evaluated a prompt (status {status}){_reason()}")
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


def library_version() -> str:
    """Name the build of llama.cpp: the version of its Python package, and what its processor code uses."""
    import llama_cpp

    features = _library().llama_print_system_info().decode("utf-8", "replace").strip()
    return f"{llama_cpp.__version__} {features}"


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """How many leading tokens two sequences share."""
    for i, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return i
    return min(len(left), len(right))


def _library() -> Any:
    """llama_cpp's C bindings, started, with its log kept off the terminal."""
    global _log_callback
    with _start_lock:
        import llama_cpp.llama_cpp as llama

        if _log_callback is None:
            _log_callback = llama.llama_log_callback(_remember)
            llama.llama_log_set(_log_callback, ctypes.c_void_p(0))
            llama.llama_backend_init()
    return llama


def _remember(level: int, text: bytes, _data: Any) -> None:
    if level == _GGML_LOG_ERROR:
        _log.append(text.decode("utf-8", "replace").strip())
        del _log[:-8]


def _reason() -> str:
    """Return the first error in llama.cpp's log since loading began, as ` (text)`, or nothing."""
    return f" ({_log[0][:200]})" if _log and _log[0] else ""
