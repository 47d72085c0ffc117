"""An exported model: onnxruntime session, tokenizer and batching by length, for encoder and verifier."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from factcheck import settings
from factcheck.errors import ModelError, ModelMissingError
from factcheck.protocols import FloatArray

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

Truncation = Literal["longest_first", "only_first", "only_second"]

BATCH_TOKENS = 1024  # what stays in the cache of two cores; 4096 are a tenth slower
PAD_MULTIPLE = 8
CHUNK_TEXTS = 4096  # texts tokenized at a time: bounds the memory that encodings take


def sorted_batches(lengths: Sequence[int], max_tokens: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Positions in batches of similar length: each batch, padded, holds at most `max_tokens` tokens.

    Every position comes exactly once, longest first (so that memory peaks at the start); an item longer than
    `max_tokens` is a batch of its own.
    """
    batch: list[int] = []
    width = 0
    for position in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if batch and (len(batch) + 1) * width > max_tokens:
            yield batch
            batch = []
        if not batch:
            width = _padded(lengths[position])
        batch.append(position)
    if batch:
        yield batch


def padded_arrays(encodings: Sequence[Encoding], pad_id: int = 0) -> dict[str, NDArray[np.int64]]:
    """What a transformer takes for these texts: three arrays of shape (len(encodings), longest, rounded up)."""
    shape = (len(encodings), _padded(max(len(encoding.ids) for encoding in encodings)))
    arrays = {
        "input_ids": np.full(shape, pad_id, dtype=np.int64),
        "attention_mask": np.zeros(shape, dtype=np.int64),
        "token_type_ids": np.zeros(shape, dtype=np.int64),
    }
    for row, encoding in enumerate(encodings):
        end = len(encoding.ids)
        arrays["input_ids"][row, :end] = encoding.ids
        arrays["attention_mask"][row, :end] = 1
        arrays["token_type_ids"][row, :end] = encoding.type_ids
    return arrays


class OnnxModel:
    """A transformer exported to ONNX, with its tokenizer.json; both are loaded at the first call.

    The graph takes input_ids and attention_mask (token_type_ids too where it names them), each int64 of shape
    (batch, length), and its first output is one row per text: shape (batch, width).
    """

    def __init__(
        self,
        model: Path,
        tokenizer: Path,
        *,
        max_length: int,
        pad_id: int = 0,
        truncation: Truncation = "longest_first",
        max_tokens: int = BATCH_TOKENS,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.pad_id = pad_id
        self.truncation: Truncation = truncation
        self.max_tokens = max_tokens
        self._loaded: tuple[InferenceSession, Tokenizer] | None = None
        self._loading = threading.Lock()

    def load(self) -> None:
        """Load now (safe to call from a thread, and twice). Raises ModelError."""
        self._parts()

    def encode(self, inputs: Sequence[str] | Sequence[tuple[str, str]]) -> list[Encoding]:
        """Tokens of texts, or of pairs of texts, cut at `max_length`; no padding. Raises ModelError."""
        _, tokenizer = self._parts()
        return tokenizer.encode_batch(list(inputs))

    def run(self, inputs: Sequence[str] | Sequence[tuple[str, str]]) -> FloatArray:
        """Output rows of texts or pairs in the order given, shape (len(inputs), width). Raises ModelError.

        At least one input is needed, since the width is the graph's.
        """
        chunks = [inputs[i : i + CHUNK_TEXTS] for i in range(0, len(inputs), CHUNK_TEXTS)]
        return np.concatenate([self.run_batches(self.encode(chunk)) for chunk in chunks])

    def run_batches(self, encodings: Sequence[Encoding]) -> FloatArray:
        """Output rows of encodings in the order given, shape (len(encodings), width). Raises ModelError."""
        lengths = [len(encoding.ids) for encoding in encodings]
        rows: list[FloatArray | None] = [None] * len(encodings)
        for batch in sorted_batches(lengths, self.max_tokens):
            output = self._run_one([encodings[i] for i in batch])
            for position, row in zip(batch, output, strict=True):
                rows[position] = row
        return np.stack([row for row in rows if row is not None])

    def _run_one(self, encodings: Sequence[Encoding]) -> FloatArray:
        session, _ = self._parts()
        arrays = padded_arrays(encodings, self.pad_id)
        feeds = {item.name: arrays[item.name] for item in session.get_inputs()}
        try:
            output = session.run(None, feeds)[0]
        except Exception as error:  # onnxruntime raises its own unrelated classes
            raise ModelError(f"{self.model.name} failed while it ran: {_first_line(error)}") from error
        return np.asarray(output, dtype=np.float32)

    def _parts(self) -> tuple[InferenceSession, Tokenizer]:
        with self._loading:
            if self._loaded is None:
                self._loaded = (open_session(self.model), self._open_tokenizer())
            return self._loaded

    def _open_tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        _require(self.tokenizer)
        try:
            tokenizer = Tokenizer.from_file(str(self.tokenizer))
        except Exception as error:  # tokenizers raises bare Exception
            raise ModelError(f"{self.tokenizer} cannot be loaded ({_first_line(error)}); {_REPAIR}") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.max_length, strategy=self.truncation)
        return tokenizer


_REPAIR = "run: factcheck models pull"


def open_session(model: Path) -> InferenceSession:
    """Open an onnxruntime session on the CPU with `settings.threads()` threads. Raises ModelError."""
    import onnxruntime

    _require(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings.threads()
    options.inter_op_num_threads = 1
    # Threads that spin between operations take the cores that the LLM runs on, and gain a query nothing.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors only: warnings would land on the user's terminal
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises its own unrelated classes
        raise ModelError(f"{model} cannot be loaded ({_first_line(error)}); {_REPAIR}") from error


def _require(path: Path) -> None:
    if not path.is_file():
        raise ModelMissingError(f"{path} is missing; {_REPAIR}")


def _padded(length: int) -> int:
    return max(1, -(-length // PAD_MULTIPLE)) * PAD_MULTIPLE


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
