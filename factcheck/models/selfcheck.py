"""Tries a real decode in a child process, where a build of llama.cpp that does not suit may die."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from factcheck.errors import ModelError, ModelMissingError
from factcheck.settings import PACKAGE_DIR, threads

if TYPE_CHECKING:
    from factcheck.models.native import NativeModel

TIMEOUT = 120
REBUILD = "run `make llama-portable` in the checkout, which builds llama-cpp-python for any processor"
INSTALL = "run `make` in the checkout, which builds it"
PULL_AGAIN = "run `factcheck models verify`, and delete and pull the model again if it is damaged"

_GGUF_MAGIC = b"GGUF"
# More than one full batch, because prompts and single tokens go through different kernels.
_PROMPT = "The quick brown fox jumps over the lazy dog. " * 16
_NEW_TOKENS = 8
_CONTEXT = 512
_ALL_LAYERS = 999


class Outcome(StrEnum):
    """How the child ended."""

    OK = "ok"
    DIED = "died"
    TIMEOUT = "timeout"
    FAILED = "failed"


class DecodeResult(BaseModel):
    """What a decode in a child process showed."""

    model_config = ConfigDict(frozen=True)

    outcome: Outcome
    tokens_per_second: float = Field(default=0.0, description="pace of generation")
    build: str = Field(default="", description="version of llama-cpp-python, and what its code uses")
    gpus: tuple[str, ...] = Field(default=(), description="GPUs that this build can use")
    problem: str = ""
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether tokens came out."""
        return self.outcome is Outcome.OK

    @property
    def device(self) -> str:
        """What the model ran on."""
        return ", ".join(self.gpus) or "cpu"


def decode_check(gguf: Path, timeout: float = TIMEOUT) -> DecodeResult:
    """Load a GGUF file and decode a few tokens, in a child process that may die; timeout in seconds.

    Raises ModelMissingError if there is no such file, ModelError if it is damaged.
    """
    _look_at(gguf)
    command = [sys.executable, "-m", "factcheck.models.selfcheck", str(gguf.resolve())]
    try:
        # In the folder above the package, so that `-m` finds it, installed or not.
        child = subprocess.run(
            command, cwd=PACKAGE_DIR.parent, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        problem = f"the decode check had not finished after {timeout:g} s"
        advice = "try again when the machine is less busy"
        return DecodeResult(outcome=Outcome.TIMEOUT, problem=problem, advice=advice)
    return _judge(child, gguf)


def _look_at(gguf: Path) -> None:
    try:
        with gguf.open("rb") as file:
            magic = file.read(len(_GGUF_MAGIC))
    except FileNotFoundError as error:
        raise ModelMissingError(f"there is no model {gguf}; run `factcheck models pull`") from error
    except OSError as error:
        raise ModelError(f"the model {gguf} cannot be read: {error.strerror}") from error
    if magic != _GGUF_MAGIC:
        raise ModelError(f"{gguf} is not a GGUF file; {PULL_AGAIN}")


def _judge(child: subprocess.CompletedProcess[str], gguf: Path) -> DecodeResult:
    """Read the child's last words and exit status. Raises ModelError for a damaged file."""
    said = _said(child.stdout)
    known = {"build": said.get("build", ""), "gpus": said.get("gpus", ())}
    if child.returncode < 0:
        name = _signal_name(-child.returncode)
        # llama.cpp aborts on nonsense in a file; code that does not suit the processor faults.
        if name == "SIGABRT" and "gpus" in said and "loaded" not in said:
            raise ModelError(f"llama.cpp gave up loading {gguf} (SIGABRT); {PULL_AGAIN}")
        problem = f"llama.cpp died of {name} in the decode check"
        return DecodeResult(outcome=Outcome.DIED, problem=problem, advice=REBUILD, **known)
    if "model_error" in said:
        raise ModelError(said["model_error"])
    if "import_error" in said:
        problem = f"llama-cpp-python cannot be imported ({said['import_error']})"
        return DecodeResult(outcome=Outcome.FAILED, problem=problem, advice=INSTALL)
    if child.returncode != 0 or "tokens_per_second" not in said:
        reason = (child.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
        problem = f"the decode check failed: {reason}"
        return DecodeResult(outcome=Outcome.FAILED, problem=problem, advice=REBUILD, **known)
    return DecodeResult(outcome=Outcome.OK, tokens_per_second=said["tokens_per_second"], **known)


def _said(stdout: str) -> dict[str, Any]:
    """Join the child's messages; other lines are noise of the library."""
    said: dict[str, Any] = {}
    for line in stdout.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict):
            said.update(message)
    return said


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _child(gguf: Path) -> int:
    """Decode, and print what happened, one JSON object a line: what stands there survives a crash."""
    try:
        from factcheck.models.llamacpp import gpu_names, library_version
        from factcheck.models.native import NativeModel

        gpus = gpu_names()
        _tell(build=library_version(), gpus=gpus)
        layers = _ALL_LAYERS if gpus else 0
        model = NativeModel(gguf, context=_CONTEXT, threads=threads(), gpu_layers=layers)
        _tell(loaded=True)
        _tell(tokens_per_second=_pace(model))
    except ImportError as error:
        _tell(import_error=str(error))
        return 1
    except ModelError as error:
        _tell(model_error=str(error))
        return 1
    return 0


def _pace(model: NativeModel) -> float:
    """Tokens per second of greedy generation after a prompt of more than one batch."""
    tokens = model.tokenize(_PROMPT)
    logits = model.main.evaluate(0, tokens)
    started = time.monotonic()
    for _ in range(_NEW_TOKENS):
        tokens.append(int(logits.argmax()))
        logits = model.main.evaluate(0, tokens)
    return round(_NEW_TOKENS / (time.monotonic() - started), 1)


def _tell(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(_child(Path(sys.argv[1])))
