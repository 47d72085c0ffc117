from __future__ import annotations

import shlex
import sys
import tarfile
from pathlib import Path

import pytest

from factcheck.errors import ConfigError, ModelError
from factcheck.models import selfcheck
from factcheck.models.selfcheck import DecodeResult, Outcome
from tests.tools.fakes import AMX, CLANG, GCC, x86
from tools import install_llama
from tools.install_llama import install
from tools.processes import CommandError

# --- building and installing, with a pip that only notes what it is told


PIP = """\
import os, pathlib, sys
args = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(" ".join(a for a in args if not a.startswith("--")) + "|" + os.environ.get("CC", "") + "\\n")
if args[0] == "download":
    import shutil
    shutil.copy({sdist!r}, args[args.index("--dest") + 1])
if args[0] == "wheel":
    pathlib.Path({log!r}).with_name("cmake_args").write_text(os.environ["CMAKE_ARGS"])
    pathlib.Path({log!r}).with_name("make").write_text(os.environ.get("MAKEFLAGS", "none"))
    print("[1/2] cc a.c")
    if pathlib.Path({log!r}).with_name("fail").exists():
        print(pathlib.Path({log!r}).with_name("fail").read_text())
        sys.exit(1)
    folder = pathlib.Path(args[args.index("--wheel-dir") + 1])
    folder.mkdir()
    (folder / "llama_cpp_python-0.3.36-py3-none-any.whl").write_text("wheel")
"""


class Bench:
    """A cache of its own, and a pip whose calls can be read."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache" / "llama"
        self.log = folder / "calls"
        self.fail = folder / "fail"
        self.folder = folder

    @property
    def calls(self) -> list[str]:
        """What was run: pip's command and the compiler."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [f"{line.split()[0]} {line.rpartition('|')[2]}".strip() for line in lines]

    def kept(self) -> list[str]:
        """Builds whose wheel is in the cache, best first."""
        return [path.parent.name.split("-")[1] for path in sorted(self.cache.glob("*/*.whl"))]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    source = tmp_path / "llama_cpp_python-0.3.36"
    source.mkdir()
    (source / "pyproject.toml").write_text("")
    sdist = tmp_path / "llama_cpp_python-0.3.36.tar.gz"
    with tarfile.open(sdist, "w:gz") as tar:
        tar.add(source, source.name)
    bench = Bench(tmp_path)
    pip = tmp_path / "pip.py"
    pip.write_text(PIP.format(log=str(bench.log), sdist=str(sdist)))
    (tmp_path / "cache" / "llama").mkdir(parents=True)
    monkeypatch.setattr(install_llama, "PIP", [sys.executable, str(pip)])
    monkeypatch.setattr(install_llama, "user_cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(install_llama, "this_cpu", lambda: x86(AMX))
    monkeypatch.setattr(install_llama, "find_compilers", lambda: [CLANG, GCC])
    monkeypatch.setenv("FACTCHECK_MODELS", str(tmp_path / "models"))
    (tmp_path / "models" / "tiny").mkdir(parents=True)
    (tmp_path / "models" / "tiny" / "model.gguf").write_text("GGUF")
    decodes(monkeypatch, Outcome.OK)
    return bench


def decodes(monkeypatch: pytest.MonkeyPatch, *outcomes: Outcome) -> None:
    """Let the decode checks that follow end so; the last one for good."""
    queue = list(outcomes)

    def check(gguf: Path) -> DecodeResult:
        outcome = queue.pop(0) if len(queue) > 1 else queue[0]
        problem = "" if outcome is Outcome.OK else f"llama.cpp ended as {outcome}"
        return DecodeResult(outcome=outcome, tokens_per_second=9.0, problem=problem)

    monkeypatch.setattr(selfcheck, "decode_check", check)


def test_the_best_build_is_compiled_once_and_installed_from_the_cache_afterwards(bench: Bench) -> None:
    install()
    install()

    assert bench.calls == ["download", "wheel clang-16", "install", "install"]
    assert bench.kept() == ["clang"]
    assert not list(bench.cache.glob("*/work"))


def test_flags_reach_cmake_as_they_are_and_makes_variables_do_not(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAKEFLAGS", "-- CLAIM=$(boom)")

    install()

    flags = shlex.split((bench.folder / "cmake_args").read_text())
    assert flags[:2] == ["-DGGML_NATIVE=ON", "-DLLAVA_BUILD=OFF"]
    assert flags[2].startswith("-DCMAKE_PROJECT_llama.cpp_INCLUDE=")
    assert (bench.folder / "make").read_text() == "none"


def test_a_build_that_dies_is_put_aside_for_good(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    decodes(monkeypatch, Outcome.DIED, Outcome.OK)

    install()
    install()

    assert bench.calls == ["download", "wheel clang-16", "install", "wheel gcc", "install", "install"]
    assert bench.kept() == ["gcc"]


def test_a_check_that_takes_too_long_says_nothing_against_the_build(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    decodes(monkeypatch, Outcome.TIMEOUT)

    install()

    assert bench.kept() == ["clang"]


def test_without_a_model_the_build_is_installed_untried(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FACTCHECK_MODELS", str(tmp_path / "none"))

    install()

    assert bench.kept() == ["clang"]
    assert "no model is at hand for the decode check" in capsys.readouterr().err


def test_if_every_build_dies_the_error_says_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    decodes(monkeypatch, Outcome.DIED)

    with pytest.raises(ModelError, match="no build of llama-cpp-python works on this machine"):
        install()

    assert bench.kept() == []


def test_portable_goes_straight_to_the_last_build(bench: Bench) -> None:
    install(portable=True)

    assert (bench.calls, bench.kept()) == (["download", "wheel gcc", "install"], ["portable"])


def test_a_compiler_that_fails_gives_way_to_the_next_build(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.fail.write_text("a.c:1: error: unknown instruction")

    with pytest.raises(ModelError, match="no build of llama-cpp-python works"):
        install()

    assert [call for call in bench.calls if call.startswith("wheel")] == [
        "wheel clang-16",
        "wheel gcc",
        "wheel gcc",
    ]
    assert "the build clang failed: a.c:1: error: unknown instruction" in capsys.readouterr().err


def test_a_full_disk_stops_at_once_and_keeps_what_was_compiled(bench: Bench) -> None:
    bench.fail.write_text("fatal error: error writing to /tmp/x.s: No space left on device")

    with pytest.raises(CommandError, match="the disk is full"):
        install()

    assert bench.calls == ["download", "wheel clang-16"]
    assert list(bench.cache.glob("*/work/source/pyproject.toml"))

    bench.fail.unlink()
    install()

    assert bench.calls == ["download", "wheel clang-16", "wheel clang-16", "install"]


def test_a_source_that_cannot_be_downloaded_is_not_tried_three_times(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install_llama, "PIP", [sys.executable, "-c", "raise SystemExit('ERROR: no network')"])

    with pytest.raises(ConfigError, match="the source of llama-cpp-python cannot be downloaded: ERROR: no network"):
        install()
