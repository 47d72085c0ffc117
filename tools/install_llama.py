"""Builds llama-cpp-python for this machine and installs it: the fastest safe build, else a portable one.

There is no wheel of it on the package index, and its default build is not safe: compiled by GCC with
`-march=native` on a processor with AMX it dies at the first decode. Clang's code for AMX works. So, in order:

1. clang, if it is there: native code, AMX included;
2. gcc: native code on a processor without AMX, else every instruction set of the processor but AMX;
3. a portable build: at most AVX2.

A build is tried by a real decode in a child process; one that dies is put aside and the next one is built.
Wheels are kept in the user's cache folder under a key of everything that decides the code (version, flags,
compiler, processor), so that another checkout, or a virtual environment made anew, installs in seconds.
FACTCHECK_GPU=cuda adds the CUDA backend. Run it by `make`; `make llama-portable` goes straight to 3.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from factcheck.errors import ConfigError, ModelError
from factcheck.settings import models_dir, threads, user_cache_dir
from tools.machine import Compiler, Cpu, find_compilers, output_of, this_cpu
from tools.processes import NO_SPACE, CommandError, follow
from tools.progress import Progress, say

VERSION = "0.3.36"
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]

# Left out, because factcheck never calls it: the image models, and the library that llama.cpp's own programs
# share. For the latter there is no option (CMakeLists.txt forces it on), only a variable set after that.
LEAN = ("-DLLAVA_BUILD=OFF",)
LEAN_VARIABLES = "set(LLAMA_BUILD_COMMON OFF)\n"

NATIVE = ("-DGGML_NATIVE=ON",)
# CMake option -> the flags of /proc/cpuinfo that it needs.
X86_PORTABLE = {
    "GGML_SSE42": ("sse4_2",),
    "GGML_AVX": ("avx",),
    "GGML_AVX2": ("avx2",),
    "GGML_FMA": ("fma",),
    "GGML_F16C": ("f16c",),
    "GGML_BMI2": ("bmi2",),
}
X86_ALL_BUT_AMX = X86_PORTABLE | {
    "GGML_AVX_VNNI": ("avx_vnni",),
    "GGML_AVX512": ("avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw"),
    "GGML_AVX512_VBMI": ("avx512vbmi",),
    "GGML_AVX512_VNNI": ("avx512_vnni",),
    "GGML_AVX512_BF16": ("avx512_bf16",),
}
_STEP = re.compile(r"\[\s*(\d+)/(\d+)\]")


@dataclass(frozen=True)
class Build:
    """One way to compile llama-cpp-python."""

    name: str
    compiler: Compiler
    flags: tuple[str, ...]

    def key(self, cpu: Cpu) -> str:
        """Names the wheel in the cache: equal for equal code."""
        decides = [VERSION, self.flags, self.compiler.kind, self.compiler.version]
        return f"{VERSION}-{self.name}-{digest(decides, cpu.identity)}"


def digest(*values: object) -> str:
    """Hash values that JSON can write."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]


def machine_key(gpu: str) -> str:
    """Return a key that changes when an installed build no longer suits: version, processor, GPU wish."""
    return digest(VERSION, this_cpu().identity, gpu)


# --- what to build


def candidates(cpu: Cpu, compilers: list[Compiler], gpu: tuple[str, ...] = ()) -> list[Build]:
    """List the builds to try, best first, the portable one last. `gpu`: flags that all of them get."""
    builds = [Build(each.kind, each, (*_fast_flags(cpu, each), *LEAN, *gpu)) for each in compilers]
    portable = _explicit_flags(cpu, X86_PORTABLE) if cpu.machine == "x86_64" else ("-DGGML_NATIVE=OFF",)
    return [*builds, Build("portable", compilers[-1], (*portable, *LEAN, *gpu))]


def _fast_flags(cpu: Cpu, compiler: Compiler) -> tuple[str, ...]:
    if compiler.kind == "gcc" and cpu.has_amx:
        return _explicit_flags(cpu, X86_ALL_BUT_AMX)
    return NATIVE


def _explicit_flags(cpu: Cpu, options: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    chosen = (f"-D{name}={'ON' if cpu.features.issuperset(needs) else 'OFF'}" for name, needs in options.items())
    return ("-DGGML_NATIVE=OFF", *chosen)


def gpu_flags(wish: str) -> tuple[str, ...]:
    """CMake flags for a value of FACTCHECK_GPU. Raises ConfigError where the wish cannot be met."""
    if wish in ("", "none"):
        return ()
    if wish != "cuda":
        raise ConfigError(f"FACTCHECK_GPU is {wish!r}; set it to cuda or none")
    if not shutil.which("nvcc"):
        raise ConfigError(
            "FACTCHECK_GPU=cuda needs the CUDA toolkit, and nvcc is not on the PATH; set it to none or add nvcc"
        )
    query = output_of(["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"])
    architectures = sorted({line.strip().replace(".", "") for line in query.splitlines() if line.strip()})
    if not architectures:
        raise ConfigError("FACTCHECK_GPU=cuda, but nvidia-smi finds no NVIDIA device; set it to none")
    return ("-DGGML_CUDA=ON", "-DGGML_CUDA_NCCL=OFF", f"-DCMAKE_CUDA_ARCHITECTURES={';'.join(architectures)}")


# --- building, keeping, installing


def install(gpu: str = "", *, portable: bool = False) -> None:
    """Install the first candidate that compiles and decodes; gpu as for gpu_flags. Raises FactcheckError."""
    cpu = this_cpu()
    builds = candidates(cpu, find_compilers(), gpu_flags(gpu))
    cache = user_cache_dir() / "llama"
    for build in builds[-1:] if portable else builds:
        home = cache / build.key(cpu)
        rejected = home / "rejected"
        if rejected.exists() and not portable:
            say(f"  the build {build.name} is passed over: {rejected.read_text(encoding='utf-8')}")
            continue
        try:
            wheel = kept_wheel(home) or make_wheel(build, home)
        except CommandError as error:
            say(f"  the build {build.name} failed: {error}")
            if NO_SPACE in str(error):
                raise
            continue
        options = ["--no-deps", "--no-index", "--force-reinstall"]
        follow([*PIP, "install", *options, str(wheel)], home / "install.log")
        if not (problem := why_unusable()):
            return
        say(f"  {problem}: the build {build.name} is put aside")
        rejected.write_text(problem, encoding="utf-8")
        wheel.unlink()
    raise ModelError(
        "no build of llama-cpp-python works on this machine; the lines above say what happened to each "
        f"(logs: {cache}); factcheck can use a server instead (docs/models.md)"
    )


def kept_wheel(home: Path) -> Path | None:
    """Find the wheel that an earlier run left in this folder of the cache."""
    return next(iter(sorted(home.glob("*.whl"))), None)


def make_wheel(build: Build, home: Path) -> Path:
    """Compile a wheel and keep it in `home`, going on from a broken-off run. Raises CommandError."""
    from filelock import FileLock

    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / "lock"):
        if wheel := kept_wheel(home):  # another process was faster
            return wheel
        work = home / "work"
        work.mkdir(exist_ok=True)
        source = _unpacked_source(work, _source_archive(home.parent))
        lean = work / "lean.cmake"
        lean.write_text(LEAN_VARIABLES, encoding="utf-8")
        flags = (*build.flags, f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={lean}")
        _compile(build, flags, source, work, home / "build.log")
        (made,) = (work / "wheel").glob("*.whl")
        wheel = home / made.name
        made.replace(wheel)
        shutil.rmtree(work)
    return wheel


def _unpacked_source(work: Path, archive: Path) -> Path:
    """Unpack the source, once: a build that was broken off goes on only in the same place."""
    source = work / "source"
    if source.is_dir():
        return source
    with tempfile.TemporaryDirectory(dir=work) as folder, tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):  # Python 3.11.4
            tar.extraction_filter = tarfile.data_filter
        tar.extractall(folder)
        (Path(folder) / archive.name.removesuffix(".tar.gz")).rename(source)
    return source


def _source_archive(cache: Path) -> Path:
    """Download the package's source, unless it is there. Raises ConfigError."""
    archive = cache / f"llama_cpp_python-{VERSION}.tar.gz"
    if archive.exists():
        return archive
    options = ["--no-deps", "--no-cache-dir", "--no-binary", "llama-cpp-python"]
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        command = [*PIP, "download", *options, "--dest", folder, f"llama-cpp-python=={VERSION}"]
        try:
            with Progress(f"downloading the source of llama-cpp-python {VERSION}"):
                follow(command, cache / "download.log")
        except CommandError as error:
            raise ConfigError(f"the source of llama-cpp-python cannot be downloaded: {error}") from error
        (Path(folder) / archive.name).replace(archive)
    return archive


def _compile(build: Build, flags: Iterable[str], source: Path, work: Path, log: Path) -> None:
    # Nothing of the `make` that calls this may reach one that CMake runs: the claim stands in MAKEFLAGS.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    env |= {
        "CC": build.compiler.cc,
        "CXX": build.compiler.cxx,
        "CMAKE_ARGS": shlex.join(flags),
        "CMAKE_BUILD_PARALLEL_LEVEL": str(_jobs()),
    }
    options = ["--no-deps", "--no-cache-dir", f"--config-settings=build-dir={work / 'build'}"]
    command = [*PIP, "wheel", "-v", *options, "--wheel-dir", str(work / "wheel"), str(source)]
    say(f"  {build.compiler.version}; {' '.join(build.flags)}")
    with Progress(f"compiling llama.cpp ({build.name}; once for this machine, some minutes)") as progress:

        def show(line: str) -> None:
            if step := _STEP.search(line):
                progress.update(int(step[1]), int(step[2]))

        try:
            follow(command, log, show, env)
        except CommandError:
            if NO_SPACE not in log.read_text(encoding="utf-8"):
                shutil.rmtree(work)  # what is left there may be the reason
            raise


def _jobs() -> int:
    """Compilers at a time: a core each, and 2 GiB of memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(threads(), memory // 2**31))


def why_unusable() -> str:
    """Why the installed build cannot be used; empty if it decodes, or if there is nothing to decode with."""
    from factcheck.models.selfcheck import DecodeResult, Outcome, decode_check

    gguf = _smallest_gguf()
    if gguf is None:
        say("  no model is at hand for the decode check; `factcheck doctor` makes it later")
        return ""
    with Progress("decode check in a child process"):
        try:
            result = decode_check(gguf)
        except ModelError as error:  # says nothing about the build
            result = DecodeResult(outcome=Outcome.TIMEOUT, problem=str(error))
    if result.ok:
        say(f"  it decodes {result.tokens_per_second:g} tokens/s on {result.device} ({gguf.parent.name})")
        return ""
    if result.outcome is Outcome.TIMEOUT:
        say(f"  {result.problem}; `factcheck doctor` makes the check again")
        return ""
    return result.problem


def _smallest_gguf() -> Path | None:
    found = [path for path in models_dir().rglob("*.gguf") if path.is_file()]
    return min(found, key=lambda path: path.stat().st_size, default=None)
