"""models.toml: which models there are, and which one each role uses."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from factcheck.errors import ConfigError
from factcheck.models.spec import SOURCES, ModelSpec, Prompts, Role, Table
from factcheck.settings import models_dir, models_file

__all__ = ["ModelSpec", "Registry", "Role", "Use", "load_registry", "use_model"]

USE_FILE = "use.toml"


class Use(Table):
    """The name of the model that each role uses."""

    encoder: str
    verifier: str
    llm: str
    reviewer: str = ""  # may be left out: then the verifier and the LLM decide alone


class Registry(Table):
    """The models that there are, by name, and those in use."""

    path: Path
    use: Use
    models: dict[str, ModelSpec]

    def get(self, name: str) -> ModelSpec:
        """Look a model up by its name. Raises ConfigError if there is none."""
        if name not in self.models:
            raise ConfigError(f"{self.path}: there is no model {name!r}{_did_you_mean(name, [*self.models])}")
        return self.models[name]

    def selected(self, role: Role | str) -> ModelSpec:
        """Look up the model that a role uses."""
        return self.get(getattr(self.use, Role(role).value))

    def in_use(self, spec: ModelSpec) -> bool:
        """Whether the model's role uses it."""
        return str(getattr(self.use, spec.role.value)) == spec.name

    def roles(self) -> list[Role]:
        """The roles that have a model."""
        return [role for role in Role if getattr(self.use, role.value)]


def load_registry(path: Path | None = None) -> Registry:
    """Read models.toml (the project's, unless a path is given).

    What a role uses is, in falling order: $FACTCHECK_LLM (and so on, a variable a role), the choice that
    `factcheck models use` kept, the table [use]. Raises ConfigError, one line naming file, table and key.
    """
    path = path or models_file()
    data = _read_toml(path)
    models = data.get("models")
    if isinstance(models, dict):
        named = {k: {"name": k, **v} if isinstance(v, dict) else v for k, v in models.items()}
        data = {**data, "models": named}
    try:
        registry = Registry.model_validate({"path": path, **data}, context={"folder": path.absolute().parent})
    except ValidationError as error:
        raise ConfigError(f"{path}: {_explain(error)}") from error
    for role in registry.roles():
        _check_choice(registry, role, getattr(registry.use, role), f"{path}: [use] {role}")
    return registry.model_copy(update={"use": _overlaid(registry)})


def use_model(registry: Registry, name: str) -> Role:
    """Make the model's role use it from now on, on this machine; returns the role.

    The choice is kept beside the downloaded models, so that models.toml stays as it was written.
    Raises ConfigError if there is no such model or the choice cannot be kept.
    """
    spec = registry.get(name)
    path = models_dir() / USE_FILE
    kept = {**_kept_choices(path), spec.role.value: name}
    lines = "".join(f'{role} = "{model}"\n' for role, model in sorted(kept.items()))
    text = f"# Written by `factcheck models use`; goes before [use] of models.toml.\n[use]\n{lines}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".toml.partial")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    return spec.role


def _overlaid(registry: Registry) -> Use:
    choices = registry.use.model_dump()
    path = models_dir() / USE_FILE
    for role, name in _kept_choices(path).items():
        _check_choice(registry, Role(role), name, f"{path}: [use] {role}")
        choices[role] = name
    for role in Role:
        variable = f"FACTCHECK_{role.name}"
        if override := os.environ.get(variable):
            _check_choice(registry, role, override, variable)
            choices[role] = override
    return Use(**choices)


def _kept_choices(path: Path) -> dict[str, str]:
    """Read the table [use] of the file that `use_model` writes; empty where there is none."""
    if not path.exists():
        return {}
    table = _read_toml(path).get("use", {})
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: [use] is not a table; delete the file to go back to models.toml")
    for role, name in table.items():
        if role not in Use.model_fields or not isinstance(name, str):
            hint = _did_you_mean(role, [*Use.model_fields])
            raise ConfigError(f"{path}: [use] {role}: not a role with a model's name{hint}")
    return table


def _check_choice(registry: Registry, role: Role, name: str, where: str) -> None:
    if name not in registry.models:
        hint = _did_you_mean(name, [n for n, spec in registry.models.items() if spec.role is role])
        raise ConfigError(f"{where}: there is no model {name!r} in {registry.path}{hint}")
    if (found := registry.models[name].role) is not role:
        raise ConfigError(f"{where}: {name!r} is a model for the role {found}, not {role}")


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error


def _explain(error: ValidationError) -> str:
    """Say the first thing that is wrong, as `[table] key: what`."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    # A misspelt key is also a missing one; the misspelling says more.
    first = next((item for item in found if item["type"] == "extra_forbidden"), found[0])
    table, keys, known = _place([str(part) for part in first["loc"]])
    where = f"[{table}] {'.'.join(keys)}".strip() if table else ".".join(keys)
    match first["type"]:
        case "extra_forbidden":
            return f"{where}: unknown key{_did_you_mean(keys[-1], known)}"
        case "missing":
            return f"{where}: missing"
        case "union_tag_invalid" | "union_tag_not_found":
            return f"{where}.kind: must be one of {', '.join(SOURCES)}"
        case _ if keys == ["gpu_layers"]:
            return f'{where}: must be "auto" or a whole number of at least 0'
        case _:
            return f"{where}: {first['msg'].removeprefix('Value error, ')}"


def _place(location: list[str]) -> tuple[str, list[str], list[str]]:
    """Of pydantic's location: the table, the keys in it, and the keys that the innermost table knows."""
    if location[0] == "use":
        return "use", location[1:], [*Use.model_fields]
    if location[0] != "models" or len(location) < 2:
        return "", location, ["use", "models"]
    name, keys = location[1], location[2:]
    known = [field for field in ModelSpec.model_fields if field != "name"]
    if keys[:1] == ["source"] and len(keys) > 1 and keys[1] in SOURCES:
        known = [*SOURCES[keys[1]].model_fields]
        keys = ["source", *keys[2:]]
    elif keys[:1] == ["prompts"]:
        known = [*Prompts.model_fields]
    elif keys[:1] == ["gpu_layers"]:
        keys = ["gpu_layers"]  # without the branch of the union
    quoted = f'"{name}"' if "." in name else name
    return f"models.{quoted}", keys, known


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known: {', '.join(known)}" if known else ""
