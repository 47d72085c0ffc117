from __future__ import annotations

import platform
from pathlib import Path

import pytest

from factcheck.errors import ConfigError
from tests.tools.fakes import AMX, AVX2, AVX512, CLANG, GCC, OLD_X86, write_program, x86
from tools import install_llama
from tools.install_llama import candidates, gpu_flags
from tools.machine import Compiler, Cpu, find_compilers, this_cpu

PORTABLE_AVX2 = [
    "GGML_NATIVE=OFF",
    "GGML_SSE42=ON",
    "GGML_AVX=ON",
    "GGML_AVX2=ON",
    "GGML_FMA=ON",
    "GGML_F16C=ON",
    "GGML_BMI2=ON",
]


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
