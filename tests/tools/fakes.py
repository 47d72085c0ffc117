"""Processors, compilers and programs of a test's own."""

from __future__ import annotations

from pathlib import Path

from tools.machine import Compiler, Cpu

GCC = Compiler("gcc", "gcc", "g++", "g++ (Debian 12.2.0-14) 12.2.0")
CLANG = Compiler("clang", "clang-16", "clang++-16", "clang version 16.0.6")

OLD_X86 = {"sse4_2"}
AVX2 = {"sse4_2", "avx", "avx2", "fma", "f16c", "bmi2"}
AVX512 = AVX2 | {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw", "avx512vbmi", "avx512_vnni"}
AMX = AVX512 | {"avx512_bf16", "avx_vnni", "amx_tile", "amx_int8", "amx_bf16"}


def x86(features: set[str]) -> Cpu:
    return Cpu("x86_64", frozenset(features))


def write_program(path: Path, body: str) -> None:
    """A shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
