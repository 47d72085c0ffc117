"""Prompt templates: one TOML file each under prompts/, loaded by name.

A file holds `version`, `system`, `user` (with $placeholders) and, optionally, `shots`: finished examples, each a
table with the placeholders' values and the assistant's `answer`; and, where only a few words are allowed as the answer,
these `answers`.
"""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from string import Template

from pydantic import BaseModel, ConfigDict, ValidationError

from factcheck.errors import ConfigError
from factcheck.settings import resource


class Prompt(BaseModel):
    """A prompt template. `turns` fills it in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    system: str
    user: str
    shots: tuple[dict[str, str], ...] = ()
    answers: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """sha256 of all that the model is shown of the template."""
        return hashlib.sha256(self.model_dump_json().encode("utf-8")).hexdigest()

    def shot_turns(self) -> list[tuple[str, str]]:
        """The system turn and the examples, as (role, text): what every call has in common."""
        turns = [("system", self.system.strip())]
        for shot in self.shots:
            turns.append(("user", self.fill(**{k: v for k, v in shot.items() if k != "answer"})))
            turns.append(("assistant", shot["answer"].strip()))
        return turns

    def fill(self, **fields: str) -> str:
        """The user turn for these fields. Raises KeyError if one is missing."""
        return Template(self.user.strip()).substitute(fields)


@cache
def load_prompt(name: str) -> Prompt:
    """The template prompts/NAME.toml. Raises ConfigError if it is missing or malformed."""
    path = resource("prompts") / f"{name}.toml"
    try:
        return Prompt.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"prompt {name!r} cannot be read ({path}): {error.strerror}") from error
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"prompt file {path} is malformed: {str(error).splitlines()[0]}") from error
