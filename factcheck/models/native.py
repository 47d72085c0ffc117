"""One GGUF file loaded into llama.cpp: its tokeniser, and KV caches of several sequences.

The `Llama` class of llama-cpp-python is not used: while it loads it points the process's stdout and stderr
at /dev/null, which would swallow what other threads print meanwhile, and it knows one sequence only. Here
each use of the model has its own sequence, so that judging a sentence does not throw away the text begun,
and several sequences can be decoded in one pass over the weights.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

from factcheck.errors import ModelError
from factcheck.models.kv_cache import BATCH, NativeCache
from factcheck.models.llamacpp import forget_errors, library, reason

SEQUENCES = 2


class NativeModel:
    """A loaded GGUF file. Not thread-safe: the caller serialises the calls."""

    def __init__(
        self, path: Path, *, context: int, threads: int, gpu_layers: int, flash_attention: bool = True
    ) -> None:
        """Load the file; `main` is a cache of SEQUENCES sequences of `context` tokens each. Raises ModelError."""
        self._llama = library()
        self._path = path
        self._threads, self._flash_attention = threads, flash_attention
        self._caches: list[NativeCache] = []
        forget_errors()
        params = self._llama.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        self._model: Any = self._llama.llama_model_load_from_file(str(path).encode(), params)
        if not self._model:
            raise ModelError(
                f"{path} cannot be loaded by llama.cpp{reason()}; run `factcheck models verify`, "
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
                f"llama.cpp has no room for a context of {longest} tokens for {self._path}{reason()}; free some memory"
            )
        cache = NativeCache(context, self._model, tokens=tokens, sequences=sequences, longest=longest)
        self._caches.append(cache)
        return cache

    def open_adapter(self, path: Path) -> Any:
        """Low-rank corrections to this model from a GGUF file, for `NativeCache.adapted`. Raises ModelError."""
        forget_errors()
        adapter = self._llama.llama_adapter_lora_init(self._model, str(path).encode())
        if not adapter:
            raise ModelError(f"{path} cannot be loaded by llama.cpp{reason()}; reinstall factcheck")
        return adapter  # llama.cpp frees it with the model

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
