"""What the machine has that decides how to compile for it: the processor and the compilers."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from factcheck.errors import ConfigError

OLDEST_CLANG = 14

# Flags of an x86 processor that decide which instructions a compiler may use; the kernel lists many others.
_X86_INSTRUCTIONS = re.compile(r"sse|ssse3|pni|avx|amx|fma|f16c|bmi|abm|popcnt|movbe|adx|gfni|vaes|vpclmul")


@dataclass(frozen=True)
class Cpu:
    """The processor, as far as it decides which code it can run."""

    machine: str  # x86_64, arm64
    features: frozenset[str]

    @property
    def has_amx(self) -> bool:
        """Whether it has Intel's matrix instructions."""
        return any(name.startswith("amx") for name in self.features)

    @property
    def identity(self) -> list[object]:
        """What of platform and processor a build depends on, as JSON can write it."""
        return [sys.platform, platform.libc_ver()[0], self.machine, sorted(self.features)]


@dataclass(frozen=True)
class Compiler:
    """A C and C++ compiler that was seen to work."""

    kind: str  # clang, gcc
    cc: str
    cxx: str
    version: str


def this_cpu(cpuinfo: Path = Path("/proc/cpuinfo")) -> Cpu:
    """Describe the processor that this process runs on."""
    machine = {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    if not cpuinfo.exists():  # macOS: the model's name decides
        brand = output_of(["sysctl", "-n", "machdep.cpu.brand_string"]).strip()
        return Cpu(machine, frozenset([brand] if brand else []))
    with cpuinfo.open(encoding="utf-8", errors="replace") as lines:
        first = dict(line.split(":", 1) for line in iter(lines.readline, "\n") if ":" in line)
    fields = {name.strip(): value for name, value in first.items()}
    flags = fields.get("flags", fields.get("Features", "")).split()
    if machine == "x86_64":
        flags = [flag for flag in flags if _X86_INSTRUCTIONS.match(flag)]
    return Cpu(machine, frozenset(flags))


def find_compilers() -> list[Compiler]:
    """Find the compilers that can make a C++ program here, clang first. Raises ConfigError if none."""
    newest_first = [f"clang-{number}" for number in range(30, OLDEST_CLANG - 1, -1)]
    pairs = [(cc, cc.replace("clang", "clang++")) for cc in ["clang", *newest_first]] + [
        ("gcc", "g++"),
        ("cc", "c++"),
    ]
    found: dict[str, Compiler] = {}
    for cc, cxx in pairs:
        if not (shutil.which(cc) and shutil.which(cxx)):
            continue
        version = (output_of([cxx, "--version"]).splitlines() or [""])[0]
        kind = "clang" if "clang" in version else "gcc"
        number = re.search(r"version (\d+)", version)
        too_old = kind == "clang" and (number is None or int(number[1]) < OLDEST_CLANG)
        if kind not in found and not too_old and _compiles(cxx):
            found[kind] = Compiler(kind, cc, cxx, version)
    if not found:
        raise ConfigError(
            "no working C++ compiler is on the PATH, and llama.cpp has to be compiled; install one (Debian, "
            "Ubuntu: apt install build-essential; Fedora: dnf install gcc-c++; macOS: xcode-select --install)"
        )
    return [found[kind] for kind in ("clang", "gcc") if kind in found]


def _compiles(cxx: str) -> bool:
    """Whether the compiler finds its headers and its linker: a bare clang often does not."""
    program = "#include <thread>\n#include <vector>\nint main() { return std::vector<int>(1)[0]; }\n"
    with tempfile.TemporaryDirectory() as folder:
        command = [cxx, "-x", "c++", "-std=c++17", "-", "-o", str(Path(folder) / "program")]
        return subprocess.run(command, input=program, text=True, capture_output=True, check=False).returncode == 0


def output_of(command: list[str]) -> str:
    """Return what a command prints; nothing where it cannot be run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
