"""Where things live, and the defaults."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path

from factcheck.errors import ConfigError

PACKAGE_DIR = Path(__file__).resolve().parent
APP_NAME = "factcheck"

MAX_CLAIM_CHARS = 2_000
MAX_FILE_BYTES = 50 * 1024 * 1024
DEFAULT_TOP_K = 8
MAX_THREADS = 1024


class Mode(StrEnum):
    """When the reviewer and the LLM are asked for the verdict: never, where those before are unsure, always."""

    FAST = "fast"
    AUTO = "auto"
    THOROUGH = "thorough"


def checkout_dir() -> Path | None:
    """The checkout that the package runs from, or None for an installed package."""
    parent = PACKAGE_DIR.parent
    return parent if (parent / "pyproject.toml").is_file() and (parent / "prompts").is_dir() else None


def resource(name: str) -> Path:
    """Path of `prompts`, `seeds` or `models.toml`, in a checkout or in the installed package."""
    base = checkout_dir() or PACKAGE_DIR / "data"
    path = base / name
    if not path.exists():
        raise ConfigError(f"{name} is missing from the installation ({path}); reinstall factcheck")
    return path


def index_dir(option: Path | None = None) -> Path:
    """Home of the index: the option, else $FACTCHECK_INDEX, else the checkout, else the user's data."""
    if option is not None:
        return option
    if env := os.environ.get("FACTCHECK_INDEX"):
        return Path(env)
    if checkout := checkout_dir():
        return checkout / "index"
    from platformdirs import user_data_path

    return user_data_path(APP_NAME) / "index"


def models_dir() -> Path:
    """Home of downloaded models: $FACTCHECK_MODELS, else the user's cache."""
    if env := os.environ.get("FACTCHECK_MODELS"):
        return Path(env)
    return user_cache_dir() / "models"


def user_cache_dir() -> Path:
    """The platform's cache folder of this program."""
    from platformdirs import user_cache_path

    return user_cache_path(APP_NAME)


def models_file() -> Path:
    """models.toml: $FACTCHECK_MODELS_TOML, else the one of the project."""
    if env := os.environ.get("FACTCHECK_MODELS_TOML"):
        return Path(env)
    return resource("models.toml")


def threads() -> int:
    """How many threads the models may use: $FACTCHECK_THREADS, else the cores this process may run on."""
    if env := os.environ.get("FACTCHECK_THREADS"):
        if not (env.isascii() and env.isdigit() and 1 <= int(env[:9]) <= MAX_THREADS):
            raise ConfigError(f"FACTCHECK_THREADS is {env!r}; give a whole number from 1 to {MAX_THREADS}")
        return int(env)
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
