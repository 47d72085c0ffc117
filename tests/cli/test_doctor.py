from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from factcheck.cli import doctor as module
from factcheck.cli.doctor import Finding, Level, examine, format_finding
from factcheck.cli.main import main
from factcheck.errors import ModelMissingError
from factcheck.models import download, selfcheck
from factcheck.models.selfcheck import DecodeResult, Outcome


def well(_index: Path) -> Iterator[Finding]:
    yield Finding(check="well", level=Level.OK, text="all is well")


def noted(_index: Path) -> Iterator[Finding]:
    yield Finding(check="noted", level=Level.NOTE, text="mind this")


def missing(_index: Path) -> Iterator[Finding]:
    yield Finding(check="missing", level=Level.OK, text="half of it is here")
    raise ModelMissingError("the model is not there; run `factcheck models pull`")


def broken(_index: Path) -> Iterator[Finding]:
    raise ZeroDivisionError("boom")
    yield


def use_checks(monkeypatch: pytest.MonkeyPatch, **checks: module.Check) -> None:
    monkeypatch.setattr(module, "CHECKS", checks)


def test_a_sound_installation_exits_with_0(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    use_checks(monkeypatch, well=well, noted=noted)

    status = main(["doctor"])

    assert (status, capsys.readouterr().out) == (
        0,
        "ok       well: all is well\nnote     noted: mind this\nno problems found\n",
    )


def test_checks_that_raise_are_problems_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_checks(monkeypatch, missing=missing, broken=broken, well=well)

    status = main(["doctor"])

    assert (status, capsys.readouterr().out) == (
        2,
        "ok       missing: half of it is here\n"
        "problem  missing: the model is not there; run `factcheck models pull`\n"
        "problem  broken: the check failed: ZeroDivisionError: boom\n"
        "         to mend it: run `make` in the checkout, or reinstall factcheck\n"
        "ok       well: all is well\n"
        "2 problems found\n",
    )


def test_json_is_one_object_on_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    use_checks(monkeypatch, missing=missing)

    status = main(["doctor", "--json"])

    assert status == 2
    assert json.loads(capsys.readouterr().out) == {
        "problems": 1,
        "checks": [
            {"check": "missing", "level": "ok", "text": "half of it is here", "mend": ""},
            {
                "check": "missing",
                "level": "problem",
                "text": "the model is not there; run `factcheck models pull`",
                "mend": "",
            },
        ],
    }


def test_what_a_file_name_holds_cannot_steer_the_terminal() -> None:
    finding = Finding(check="disk", level=Level.NOTE, text="folder \x1b[31mred\x1b[0m", mend="free\nsome")

    assert format_finding(finding) == "note     disk: folder red\n         to mend it: free some"


def test_sqlite_without_fts5_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Connection:
        def execute(self, _statement: str) -> None:
            raise sqlite3.OperationalError("no such module: fts5")

        def close(self) -> None:
            pass

    monkeypatch.setattr(
        module,
        "sqlite3",
        SimpleNamespace(
            connect=lambda _name: Connection(),
            OperationalError=sqlite3.OperationalError,
            sqlite_version="3.40.1",
        ),
    )

    (finding,) = module.check_sqlite(tmp_path)

    assert (finding.level, finding.text) == (Level.PROBLEM, "SQLite 3.40.1 without FTS5")


def test_a_package_that_cannot_be_imported_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "PACKAGES", {"no-such-package": "no_such_package", "numpy": "numpy"})

    first, second = module.check_packages(tmp_path)

    assert first == Finding(
        check="packages",
        level=Level.PROBLEM,
        text="no-such-package cannot be imported: No package metadata was found for no-such-package",
        mend=module.REINSTALL,
    )
    assert second.level is Level.OK


def test_models_that_are_not_there_are_problems_with_their_role(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FACTCHECK_MODELS", str(tmp_path))

    def verify(spec: object) -> None:
        raise ModelMissingError("it has not been downloaded yet; run: factcheck models pull")

    monkeypatch.setattr(download, "verify", verify)

    assert [(f.level, f.text) for f in module.check_models(tmp_path)] == [
        (Level.PROBLEM, f"{role}: it has not been downloaded yet; run: factcheck models pull")
        for role in ("encoder", "verifier", "reviewer", "llm")
    ]


def test_a_models_folder_that_cannot_be_written_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FACTCHECK_MODELS", str(tmp_path / "models"))

    def refuse(dir: Path) -> None:  # noqa: A002
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)

    (finding,) = module.check_models_folder(tmp_path)

    assert finding == Finding(
        check="models folder",
        level=Level.PROBLEM,
        text=f"{tmp_path / 'models'} cannot be written to: Permission denied",
        mend="make the folder writable, or set FACTCHECK_MODELS to another one",
    )


def test_no_index_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_checks(monkeypatch, index=module.check_index)

    assert [(f.level, f.text.split(";")[0]) for f in examine(tmp_path / "none")] == [
        (Level.PROBLEM, f"there is no index in {tmp_path / 'none'}")
    ]


@pytest.fixture
def llm_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FACTCHECK_MODELS", str(tmp_path))
    monkeypatch.setenv("FACTCHECK_LLM", "smollm2-135m")
    monkeypatch.setattr(download, "is_present", lambda spec: True)


@pytest.mark.usefixtures("llm_is_there")
def test_a_decode_that_dies_is_a_problem_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    died = DecodeResult(
        outcome=Outcome.DIED,
        problem="llama.cpp died of SIGSEGV in the decode check",
        advice=selfcheck.REBUILD,
    )
    monkeypatch.setattr(selfcheck, "decode_check", lambda path: died)

    assert list(module.check_llama(tmp_path)) == [
        Finding(check="llama.cpp", level=Level.PROBLEM, text=died.problem, mend=selfcheck.REBUILD)
    ]


@pytest.mark.usefixtures("llm_is_there")
def test_a_cpu_build_beside_an_nvidia_device_is_noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    decoded = DecodeResult(outcome=Outcome.OK, tokens_per_second=13.0, build="0.3.36 AVX2 = 1")
    monkeypatch.setattr(selfcheck, "decode_check", lambda path: decoded)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")

    assert list(module.check_llama(tmp_path)) == [
        Finding(
            check="llama.cpp",
            level=Level.OK,
            text="smollm2-135m decodes 13 tokens/s on cpu (llama-cpp-python 0.3.36 AVX2 = 1)",
        ),
        Finding(
            check="gpu",
            level=Level.NOTE,
            text="none is used: llama.cpp was built without a GPU backend, or finds no device",
            mend="to use the NVIDIA device: FACTCHECK_GPU=cuda make (needs the CUDA toolkit)",
        ),
    ]


@pytest.mark.usefixtures("llm_is_there")
def test_a_gpu_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    decoded = DecodeResult(outcome=Outcome.OK, tokens_per_second=99.0, build="0.3.36", gpus=("NVIDIA H100",))
    monkeypatch.setattr(selfcheck, "decode_check", lambda path: decoded)

    _, gpu = module.check_llama(tmp_path)

    assert gpu == Finding(check="gpu", level=Level.OK, text="offload to NVIDIA H100")


def test_the_checks_that_need_no_model_pass_here(tmp_path: Path) -> None:
    checks = (module.check_python, module.check_packages, module.check_sqlite, module.check_prompts)

    assert {finding.level for check in checks for finding in check(tmp_path)} == {Level.OK}


def test_an_unusable_setting_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FACTCHECK_THREADS", "many")
    monkeypatch.setattr(module, "CHECKS", {"threads": module.check_threads})

    assert [(f.check, f.level, f.text) for f in examine(tmp_path)] == [
        ("threads", Level.PROBLEM, "FACTCHECK_THREADS is 'many'; give a whole number from 1 to 1024")
    ]
