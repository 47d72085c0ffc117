from __future__ import annotations

import platform
import shlex
import sys
import tarfile
from pathlib import Path

import pytest

from factcheck.errors import ConfigError, ModelError
from factcheck.models import selfcheck
from factcheck.models.selfcheck import DecodeResult, Outcome
from tools import install_llama
from tools.install_llama import candidates, gpu_flags, install
from tools.machine import Compiler, Cpu, find_compilers, this_cpu
from tools.processes import CommandError

GCC = Compiler("gcc", "gcc", "g++", "g++ (Debian 12.2.0-14) 12.2.0")
CLANG = Compiler("clang", "clang-16", "clang++-16", "clang version 16.0.6")

OLD_X86 = {"sse4_2"}
AVX2 = {"sse4_2", "avx", "avx2", "fma", "f16c", "bmi2"}
AVX512 = AVX2 | {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw", "avx512vbmi", "avx512_vnni"}
AMX = AVX512 | {"avx512_bf16", "avx_vnni", "amx_tile", "amx_int8", "amx_bf16"}

PORTABLE_AVX2 = [
    "GGML_NATIVE=OFF",
    "GGML_SSE42=ON",
    "GGML_AVX=ON",
    "GGML_AVX2=ON",
    "GGML_FMA=ON",
    "GGML_F16C=ON",
    "GGML_BMI2=ON",
]


def x86(features: set[str]) -> Cpu:
    return Cpu("x86_64", frozenset(features))


def options(flags: tuple[str, ...]) -> list[str]:
    """CMake options without what every build leaves out."""
    return [flag.removeprefix("-D") for flag in flags if flag not in install_llama.LEAN]


# --- which builds are tried


def test_gcc_compiles_native_code_on_a_processor_without_amx() -> None:
    fast, portable = candidates(x86(AVX512), [GCC])

    assert (fast.name, fast.compiler, options(fast.flags)) == ("gcc", GCC, ["GGML_NATIVE=ON"])
    assert (portable.name, portable.compiler, options(portable.flags)) == ("portable", GCC, PORTABLE_AVX2)


def test_gcc_leaves_out_amx_and_nothing_else_on_a_processor_with_it() -> None:
    fast, _ = candidates(x86(AMX), [GCC])

    assert options(fast.flags) == [
        *PORTABLE_AVX2,
        "GGML_AVX_VNNI=ON",
        "GGML_AVX512=ON",
        "GGML_AVX512_VBMI=ON",
        "GGML_AVX512_VNNI=ON",
        "GGML_AVX512_BF16=ON",
    ]


def test_clang_comes_first_and_uses_amx() -> None:
    builds = candidates(x86(AMX), [CLANG, GCC])

    assert [build.name for build in builds] == ["clang", "gcc", "portable"]
    assert options(builds[0].flags) == ["GGML_NATIVE=ON"]
    assert "GGML_NATIVE=OFF" in options(builds[1].flags)
    assert builds[2].compiler == GCC


def test_avx512_needs_all_five_of_its_basic_parts() -> None:
    fast, _ = candidates(x86(AMX - {"avx512dq"}), [GCC])

    assert "GGML_AVX512=OFF" in options(fast.flags)


def test_the_portable_build_has_no_instruction_that_the_processor_lacks() -> None:
    *_, portable = candidates(x86(OLD_X86), [GCC])

    assert options(portable.flags) == [
        "GGML_NATIVE=OFF",
        "GGML_SSE42=ON",
        "GGML_AVX=OFF",
        "GGML_AVX2=OFF",
        "GGML_FMA=OFF",
        "GGML_F16C=OFF",
        "GGML_BMI2=OFF",
    ]


def test_arm64_is_compiled_native_then_for_the_baseline() -> None:
    builds = candidates(Cpu("arm64", frozenset({"asimd", "sve"})), [GCC])

    assert [options(build.flags) for build in builds] == [["GGML_NATIVE=ON"], ["GGML_NATIVE=OFF"]]


def test_the_key_of_a_wheel_changes_with_processor_compiler_and_flags() -> None:
    cpu = x86(AVX512)
    fast, portable = candidates(cpu, [GCC])
    newer = Compiler("gcc", "gcc", "g++", "g++ 13")
    with_gpu = candidates(cpu, [GCC], ("-DGGML_CUDA=ON",))[0]

    keys = {
        fast.key(cpu),
        fast.key(x86(AVX2)),
        portable.key(cpu),
        candidates(cpu, [newer])[0].key(cpu),
        with_gpu.key(cpu),
    }

    assert len(keys) == 5
    assert candidates(cpu, [GCC])[0].key(x86(AVX512)) == fast.key(cpu)


# --- what the machine has


def test_the_features_of_an_x86_processor_are_those_that_compilers_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "AMD64")
    cpuinfo = tmp_path / "cpuinfo"
    first = "processor\t: 0\nmodel name\t: A: B\nflags\t\t: fpu sse4_2 avx2 ibpb amx_tile\n\n"
    cpuinfo.write_text(first + first.replace("avx2", "avx512f"))

    assert this_cpu(cpuinfo) == Cpu("x86_64", frozenset({"sse4_2", "avx2", "amx_tile"}))
    assert this_cpu(cpuinfo).has_amx


def test_the_features_of_an_arm_processor_are_all_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nFeatures\t: fp asimd sve i8mm\n\nprocessor\t: 1\n")

    assert this_cpu(cpuinfo) == Cpu("arm64", frozenset({"fp", "asimd", "sve", "i8mm"}))


def write_program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def fake_compiler(folder: Path, cc: str, cxx: str, version: str, *, works: bool = True) -> None:
    body = f'if [ "$1" = --version ]; then echo "{version}"; exit 0; fi\nexit {0 if works else 1}'
    for name in (cc, cxx):
        write_program(folder / name, body)


def test_a_clang_that_finds_no_headers_and_an_old_one_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    fake_compiler(tmp_path, "clang", "clang++", "Debian clang version 13.0.1")
    fake_compiler(tmp_path, "clang-17", "clang++-17", "clang version 17.0.1", works=False)
    fake_compiler(tmp_path, "clang-16", "clang++-16", "clang version 16.0.6")
    fake_compiler(tmp_path, "gcc", "g++", GCC.version)

    assert find_compilers() == [CLANG, GCC]


def test_without_a_working_compiler_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    fake_compiler(tmp_path, "gcc", "g++", GCC.version, works=False)

    with pytest.raises(ConfigError, match=r"no working C\+\+ compiler .* apt install build-essential"):
        find_compilers()


def test_a_gpu_is_compiled_for_only_where_it_is_asked_for_and_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu_flags("") == gpu_flags("none") == ()
    with pytest.raises(ConfigError, match="FACTCHECK_GPU is 'rocm'; set it to cuda or none"):
        gpu_flags("rocm")
    with pytest.raises(ConfigError, match="needs the CUDA toolkit, and nvcc is not on the PATH"):
        gpu_flags("cuda")
    write_program(tmp_path / "nvcc", "exit 0")
    with pytest.raises(ConfigError, match="nvidia-smi finds no NVIDIA device"):
        gpu_flags("cuda")
    write_program(tmp_path / "nvidia-smi", "echo 9.0; echo 8.6; echo 9.0")
    assert gpu_flags("cuda") == ("-DGGML_CUDA=ON", "-DGGML_CUDA_NCCL=OFF", "-DCMAKE_CUDA_ARCHITECTURES=86;90")


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
