"""An LLM behind a server that speaks the OpenAI protocol: llama-server, Ollama, vLLM."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from factcheck.errors import ModelError
from factcheck.models.chat import neutral
from factcheck.probabilities import softmax
from factcheck.protocols import FloatArray

if TYPE_CHECKING:
    import httpx

    from factcheck.models.spec import ModelSpec, ServerSource

CONNECT_SECONDS = 5.0
READ_SECONDS = 120.0  # between two pieces; the first has to wait for the model to load and to read the prompt
TOP_LOGPROBS = 20  # as many as the protocol allows
# An answer that is not among the likeliest tokens is at most as probable as the last of these; it gets this much
# less, in nats.
_UNLISTED_NATS = 1.0
# The server writes the turns itself: a prompt is their list with marks that cannot occur in text.
_TURN, _ROLE = "\x1e", "\x1f"


class ServerModel:
    """The LanguageModel protocol on a server."""

    def __init__(self, spec: ModelSpec, source: ServerSource, transport: httpx.BaseTransport | None = None) -> None:
        """Describe the server; nothing is sent before the first call. Tests give a `transport`."""
        self.name = spec.name
        self.verdict_prompt, self.summary_prompt = spec.prompts.verdict, spec.prompts.summary
        self.fingerprint = f"{source.url} {source.model}"
        self.device = f"server {source.url}"
        self._source = source
        self._transport = transport
        self._opened: httpx.Client | None = None

    def load(self) -> None:
        """Ask the server for its models, to see that it is there. Raises ModelError."""
        with self._errors():
            self._check(self._client().get("models"))

    def chat_prompt(self, turns: Sequence[tuple[str, str]]) -> str:
        """Write the turns so that `next_token` can send them; the server has the format."""
        written = "".join(f"{_TURN}{role}{_ROLE}{_clean(text)}" for role, text in turns)
        return f"{written}{_TURN}assistant{_ROLE}"

    def generate(self, system: str, user: str, *, max_tokens: int, stop: Sequence[str] = ()) -> Iterator[str]:
        """Greedy text, piece by piece. Closing the iterator closes the connection. Raises ModelError."""
        messages = [
            {"role": "system", "content": _clean(system)},
            {"role": "user", "content": _clean(user)},
        ]
        request = self._request(messages, max_tokens) | {"stream": True}
        if stop:
            request["stop"] = list(stop)
        with self._errors(), self._client().stream("POST", "chat/completions", json=request) as response:
            if response.is_error:
                response.read()
            self._check(response)
            for line in response.iter_lines():
                if piece := _streamed_piece(line):
                    yield piece

    def next_token(self, prefix: str, suffix: str, answers: Sequence[str], adapter: Path | None = None) -> FloatArray:
        """Probabilities of each answer's first token as the next one, shape (n,); it takes no adapter.

        Raises ModelError.
        """
        messages = [{"role": role, "content": text} for role, text in _read_turns(prefix + suffix)]
        request = self._request(messages, 1) | {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
        with self._errors():
            response = self._client().post("chat/completions", json=request)
            self._check(response)
            listed = response.json()["choices"][0].get("logprobs") or {}
            likeliest = (listed.get("content") or [{}])[0].get("top_logprobs")
            if not likeliest:
                raise ModelError(
                    f"the server {self._source.url} gives no token probabilities (logprobs) for "
                    f"{self._source.model}, so it cannot judge claims; use --mode fast or another LLM"
                )
            found = {entry["token"].strip(): float(entry["logprob"]) for entry in reversed(likeliest)}
        floor = min(found.values()) - _UNLISTED_NATS
        logits = np.array([[_logprob(answer, answers, found, floor) for answer in answers]], dtype=np.float64)
        return np.asarray(softmax(logits)[0], dtype=np.float32)

    def _request(self, messages: list[dict[str, str]], max_tokens: int) -> dict[str, Any]:
        return {
            "model": self._source.model,
            "messages": messages,
            "max_tokens": max_tokens,
            "temperature": 0,
        }

    def _client(self) -> httpx.Client:
        if self._opened is None:
            import httpx

            headers = {}
            if variable := self._source.api_key_env:
                key = os.environ.get(variable, "")
                if not key:
                    raise ModelError(f"the key of the server {self._source.url} is missing: set ${variable}")
                headers["Authorization"] = f"Bearer {key}"
            self._opened = httpx.Client(
                base_url=self._source.url,
                headers=headers,
                timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
                transport=self._transport,
            )
        return self._opened

    def _check(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        raise ModelError(
            f"the server {self._source.url} answered {response.status_code} for {self._source.model}"
            f"{_complaint(response.text)}; check url, model and api_key_env in models.toml"
        )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what goes wrong on the way to the server and back into a ModelError."""
        import httpx

        url = self._source.url
        try:
            yield
        except httpx.TimeoutException as error:
            raise ModelError(f"the server {url} did not answer in time; is it overloaded?") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ModelError(f"the server {url} cannot be reached ({reason}); is it running?") from error
        except (json.JSONDecodeError, UnicodeError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise ModelError(f"the server {url} sent an answer that is not of the OpenAI protocol") from error


def _logprob(answer: str, answers: Sequence[str], found: dict[str, float], floor: float) -> float:
    """That of the likeliest token that begins this answer and no other one."""
    others = [other for other in answers if other != answer]
    own = [token for token in found if token and answer.startswith(token)]
    return max((found[t] for t in own if not any(other.startswith(t) for other in others)), default=floor)


def _clean(text: str) -> str:
    return neutral(text.replace(_TURN, " ").replace(_ROLE, " ")).strip()


def _read_turns(prompt: str) -> list[tuple[str, str]]:
    """Read what `chat_prompt` wrote, without the assistant's empty turn at its end."""
    turns = [turn.partition(_ROLE) for turn in prompt.split(_TURN)[1:]]
    return [(role, text) for role, _, text in turns if text or role != "assistant"]


def _streamed_piece(line: str) -> str:
    """Return the text in one line of a stream of server-sent events; empty if it carries none."""
    data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
    if not data or data == "[DONE]":
        return ""
    event = json.loads(data)
    if "error" in event:
        raise KeyError("error")
    choices = event["choices"]
    return str(choices[0]["delta"].get("content") or "") if choices else ""


def _complaint(body: str) -> str:
    """Return the message in an error's body as ` (text)`, or nothing."""
    try:
        message = str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return ""
    printable = "".join(char if char.isprintable() else " " for char in message)
    return f" ({' '.join(printable.split())[:200]})"
