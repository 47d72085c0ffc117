"""Chat formats: how turns are written for a model, so that no text inside a turn can end it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from factcheck.errors import ConfigError, ModelError

Turns = Sequence[tuple[str, str]]

# Control tokens of the families that can be loaded: <|im_end|> and its like, the same with full-width bars,
# <s>, </s>, <start_of_turn>, <tool_call>, <<SYS>>, [INST], [/INST], [SYSTEM_PROMPT].
_MARK = re.compile(
    r"<\s*[|｜][^<>]{0,64}>|<[^<>]{0,64}[|｜]\s*>|<{1,2}/?[A-Za-z_]{1,40}[0-9]{0,4}>{1,2}|\[/?[A-Z_]{3,40}\]"
)


def neutral(text: str) -> str:
    """Take everything that a model could read as a mark of its chat format out of a text."""
    while True:
        # A space stays behind, so that the two sides of a mark cannot join to form another.
        cleaned = _MARK.sub(" ", text)
        if cleaned == text:
            return text
        text = cleaned


def write_turns(chat_format: str, turns: Turns, template: Callable[[], tuple[str, str, str]]) -> str:
    """Write the turns (role, text) in a chat format, ending where the assistant begins.

    A format that is not known here is written by the model's own `template()` (Jinja, BOS, EOS).
    Raises ModelError if it has none or it does not work, ConfigError if `chat_format` is no format's name.
    """
    safe = [(role, neutral(text).strip()) for role, text in turns]
    if writer := _WRITERS.get(chat_format):
        return writer(safe)
    if chat_format not in ("", "auto"):
        raise ConfigError(
            f"models.toml: chat_format {chat_format!r} is not known; leave it out to use the model's own, "
            f"or write one of: {', '.join(sorted(_WRITERS))}"
        )
    return _by_template(safe, *template())


def _chatml(turns: Turns) -> str:
    written = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in turns)
    return f"{written}<|im_start|>assistant\n"


def _llama3(turns: Turns) -> str:
    def header(role: str) -> str:
        return f"<|start_header_id|>{role}<|end_header_id|>\n\n"

    written = "".join(f"{header(role)}{text}<|eot_id|>" for role, text in turns)
    return f"<|begin_of_text|>{written}{header('assistant')}"


def _mistral_instruct(turns: Turns) -> str:
    written, system = "<s>", ""
    for role, text in turns:
        if role == "system":  # the format has no system turn: it opens the first user turn
            system = f"{text}\n\n"
        elif role == "user":
            written += f"[INST] {system}{text} [/INST]"
            system = ""
        else:
            written += f" {text}</s>"
    return written


def _by_template(turns: Turns, template: str, bos: str, eos: str) -> str:
    if not template:
        raise ModelError("the GGUF file has no chat template; name its chat_format in models.toml")
    from jinja2 import TemplateError
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter

    messages: Any = [{"role": role, "content": text} for role, text in turns]
    try:
        write = Jinja2ChatFormatter(template=template, bos_token=bos, eos_token=eos)
        return str(write(messages=messages).prompt)
    except (TemplateError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"the GGUF file's chat template does not work ({reason}); name its chat_format in models.toml"
        ) from error


_WRITERS: dict[str, Callable[[Turns], str]] = {
    "chatml": _chatml,
    "llama-3": _llama3,
    "mistral-instruct": _mistral_instruct,
}
