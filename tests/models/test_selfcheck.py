from __future__ import annotations

import sys
from pathlib import Path

import pytest

from factcheck.errors import ModelError, ModelMissingError
from factcheck.models.selfcheck import INSTALL, REBUILD, DecodeResult, Outcome, decode_check

STARTED = '{"build": "0.3.36 AVX2 = 1", "gpus": []}'
LOADED = '{"loaded": true}'


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF....")
    return path


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A real process in the place of the Python that would decode; a test writes what it does."""
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return program


def does(child: Path, *lines: str) -> None:
    child.write_text("\n".join(["#!/bin/sh", *lines, ""]))


def says(*messages: str) -> str:
    return "printf '%s\\n' " + " ".join(f"'{message}'" for message in messages)


def test_a_decode_that_works_reports_its_pace_and_device(gguf: Path, child: Path) -> None:
    does(child, says("noise of the library", "3", STARTED, LOADED, '{"tokens_per_second": 12.5}'))

    result = decode_check(gguf)

    assert result == DecodeResult(outcome=Outcome.OK, tokens_per_second=12.5, build="0.3.36 AVX2 = 1")
    assert (result.ok, result.device) == (True, "cpu")


def test_the_gpus_that_the_build_can_use_are_the_device(gguf: Path, child: Path) -> None:
    does(child, says('{"build": "b", "gpus": ["NVIDIA H100"]}', LOADED, '{"tokens_per_second": 100.0}'))

    assert decode_check(gguf).device == "NVIDIA H100"


@pytest.mark.parametrize("name", ["SEGV", "ILL", "BUS", "FPE"])
def test_a_death_by_signal_is_named_with_the_remedy(gguf: Path, child: Path, name: str) -> None:
    does(child, says(STARTED, LOADED), f"kill -{name} $$")

    assert decode_check(gguf) == DecodeResult(
        outcome=Outcome.DIED,
        build="0.3.36 AVX2 = 1",
        problem=f"llama.cpp died of SIG{name} in the decode check",
        advice=REBUILD,
    )


def test_an_illegal_instruction_at_import_is_the_builds_fault(gguf: Path, child: Path) -> None:
    does(child, "kill -ILL $$")

    assert decode_check(gguf).problem == "llama.cpp died of SIGILL in the decode check"


def test_an_abort_while_it_loads_is_the_files_fault(gguf: Path, child: Path) -> None:
    does(child, says(STARTED), "kill -ABRT $$")

    with pytest.raises(ModelError, match=r"gave up loading .*model\.gguf \(SIGABRT\); run `factcheck models verify`"):
        decode_check(gguf)


def test_a_file_that_llama_cpp_refuses_is_a_model_error(gguf: Path, child: Path) -> None:
    does(child, says(STARTED, '{"model_error": "m.gguf cannot be loaded"}'), "exit 1")

    with pytest.raises(ModelError, match=r"^m\.gguf cannot be loaded$"):
        decode_check(gguf)


def test_a_missing_library_says_how_to_get_it(gguf: Path, child: Path) -> None:
    does(child, says('{"import_error": "No module named llama_cpp"}'), "exit 1")

    assert decode_check(gguf) == DecodeResult(
        outcome=Outcome.FAILED,
        problem="llama-cpp-python cannot be imported (No module named llama_cpp)",
        advice=INSTALL,
    )


def test_another_failure_is_told_by_its_last_line(gguf: Path, child: Path) -> None:
    does(child, "echo first >&2; echo 'RuntimeError: boom' >&2; exit 1")

    assert decode_check(gguf) == DecodeResult(
        outcome=Outcome.FAILED, problem="the decode check failed: RuntimeError: boom", advice=REBUILD
    )


def test_silence_is_a_failure(gguf: Path, child: Path) -> None:
    does(child, "exit 0")

    assert decode_check(gguf).problem == "the decode check failed: it said nothing"


def test_a_child_that_hangs_is_stopped(gguf: Path, child: Path) -> None:
    does(child, "exec sleep 60")

    result = decode_check(gguf, timeout=0.2)

    assert (result.outcome, result.problem) == (
        Outcome.TIMEOUT,
        "the decode check had not finished after 0.2 s",
    )


def test_a_file_that_is_no_gguf_is_refused_before_anything_runs(tmp_path: Path, child: Path) -> None:
    does(child, "kill -SEGV $$")
    (tmp_path / "page.gguf").write_text("<html>")

    with pytest.raises(ModelError, match=r"page\.gguf is not a GGUF file; run `factcheck models verify`"):
        decode_check(tmp_path / "page.gguf")


def test_a_missing_file_says_to_pull_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"there is no model .*none\.gguf; run `factcheck models pull`"):
        decode_check(tmp_path / "none.gguf")


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read: Is a directory"):
        decode_check(tmp_path)


def test_the_real_library_refuses_a_damaged_file(gguf: Path) -> None:
    pytest.importorskip("llama_cpp")

    with pytest.raises(ModelError, match=r"cannot be loaded by llama\.cpp"):
        decode_check(gguf)
