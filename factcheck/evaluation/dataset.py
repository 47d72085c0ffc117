"""Evaluation files: claims with gold labels, one JSON object a line, plain or gzipped.

Two forms. Pairs carry their `evidence`, which is judged as it is; claims carry `gold` passages and are
checked end to end against the index. A file holds one form only.
"""

from __future__ import annotations

import gzip
import json
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, ValidationError

from factcheck.errors import InputError
from factcheck.report.escape import plain
from factcheck.types import Label

ItemId = StrictInt | str


def _usable(text: str) -> str:
    """Return the text if it says something and can be encoded. Raises ValueError."""
    if not text.strip():
        raise ValueError("is blank")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("holds half of a surrogate pair") from error
    return text


def _one_line(text: str) -> str:
    """Normalise a claim as `read_claim` does, whatever its length. Raises ValueError if nothing is left."""
    return _usable(" ".join(plain(unicodedata.normalize("NFC", text)).split()))


Text = Annotated[str, AfterValidator(_usable)]
ClaimText = Annotated[str, AfterValidator(_one_line)]


class Form(StrEnum):
    """Whether the evidence is given, or has to be found."""

    PAIRS = "pairs"
    CLAIMS = "claims"


class Gold(BaseModel):
    """A passage that decides a claim: in `document`, and holding the words `contains` if they are given."""

    model_config = ConfigDict(frozen=True)

    document: Text
    contains: str | None = None


class Item(BaseModel):
    """One line: a claim, its label, and either `evidence` (pairs form) or `gold` (claims form)."""

    model_config = ConfigDict(frozen=True)

    id: ItemId
    claim: ClaimText
    label: Label
    evidence: tuple[Text, ...] | None = Field(default=None, description="passages to judge, in order")
    gold: tuple[Gold, ...] | None = Field(default=None, description="empty where no passage decides")

    @property
    def form(self) -> Form:
        """Which of the two forms this is."""
        return Form.CLAIMS if self.evidence is None else Form.PAIRS


@dataclass(frozen=True)
class Dataset:
    """The items of one file, all of one form, in the file's order."""

    name: str
    form: Form
    items: tuple[Item, ...]

    def first(self, limit: int | None) -> Dataset:
        """Keep the first `limit` items; all of them for None."""
        return replace(self, items=self.items[:limit])


def read_dataset(path: Path) -> Dataset:
    """Read FILE.jsonl or FILE.jsonl.gz.

    Raises InputError, with file and line, for a file that cannot be read, a malformed line, an unknown label,
    an id that occurs twice, a file that mixes the two forms, and one without any item.
    """
    items: list[Item] = []
    line_of_id: dict[ItemId, int] = {}
    for number, row in json_lines(path):
        item = _item(path, number, row)
        if item.id in line_of_id:
            raise InputError(
                f"{path}, line {number}: id {item.id!r} is already in line {line_of_id[item.id]}; "
                "give each item its own"
            )
        if items and item.form is not items[0].form:
            raise InputError(
                f"{path}, line {number} is of the {item.form} form and the lines before are {items[0].form}; "
                "split the file in two"
            )
        line_of_id[item.id] = number
        items.append(item)
    if not items:
        raise InputError(f"{path} holds no items; give a file with one JSON object a line")
    return Dataset(path.name, items[0].form, tuple(items))


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number (from 1) and object of each line that is not blank. Raises InputError."""
    number = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if text := raw.decode("utf-8-sig" if number == 1 else "utf-8").strip():
                    yield number, _object(path, number, text)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}, line {number} is not UTF-8; save the file as UTF-8") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path} is damaged after line {number} ({error}); get it again") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error


def first_problem(error: ValidationError) -> str:
    """Field and fault of the first problem, as part of a sentence."""
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _object(path: Path, number: int, text: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}, line {number} is not valid JSON ({error}); mend or remove it") from error
    if not isinstance(row, dict):
        raise InputError(f"{path}, line {number} is not a JSON object; mend or remove it")
    return row


def _item(path: Path, number: int, row: dict[str, Any]) -> Item:
    try:
        item = Item.model_validate(row)
    except ValidationError as error:
        raise InputError(f"{path}, line {number} is malformed: {first_problem(error)}") from error
    if (item.evidence is None) == (item.gold is None):
        raise InputError(f"{path}, line {number} needs either evidence (pairs) or gold (claims)")
    return item
