import csv
import io
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from factcheck.cli.batch_pool import check_claims
from factcheck.errors import ModelError
from factcheck.types import Claim, Report
from tests.cli.conftest import Run, written
from tests.cli.fake_checker import CheckOptions, open_fake


def results(text: str) -> list[tuple[int, str, str]]:
    objects = [json.loads(line) for line in text.splitlines()]
    return [(item["line"], item["claim"], item["verdict"]) for item in objects]


@pytest.mark.parametrize("content", [b"notes without a line break", b"\xff\xfe\x00", b'{"claim": "x"'])
def test_resume_never_cuts_a_file_that_no_batch_has_written(run: Run, tmp_path: Path, content: bytes) -> None:
    claims = written(tmp_path, "c.txt", "one claim\n")
    out = written(tmp_path, "out.jsonl", content)
    assert run("batch", claims, "-o", out, "--resume") == (
        2,
        "",
        f"factcheck: {out} ends in what no batch has written; give another file with -o\n",
    )
    assert out.read_bytes() == content


def test_missing_file_and_folder_are_refused(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "none.txt"
    assert run("batch", missing) == (2, "", f"factcheck: {missing} cannot be read: No such file or directory\n")
    assert run("batch", tmp_path) == (2, "", f"factcheck: {tmp_path} cannot be read: Is a directory\n")


def test_batch_writes_a_result_a_line_and_a_tally(run: Run, tmp_path: Path, calls: list[str]) -> None:
    path = written(tmp_path, "c.txt", "one claim\ntwo refuted\n\x1b[1m\nthree unknown\n")
    status, out, err = run("batch", path)
    assert status == 2
    assert results(out) == [
        (1, "one claim", "SUPPORTED"),
        (2, "two refuted", "REFUTED"),
        (4, "three unknown", "NOT_ENOUGH_INFO"),
    ]
    assert err == (
        f"factcheck: {path}, line 3: the claim holds control characters; give it as plain text\n"
        "3 claims: 1 supported, 1 refuted, 0 conflicting, 1 not enough information; "
        "1 line could not be read (line 3)\n"
    )
    assert [call.partition(" ")[0] for call in calls] == ["open", "decide", "close"]


@pytest.mark.parametrize(
    ("content", "options", "status"),
    [("a b", [], 0), ("a b\nc refuted", [], 1), ("a b\nc refuted", ["--exit-zero"], 0)],
)
def test_exit_status(run: Run, tmp_path: Path, content: str, options: list[str], status: int) -> None:
    assert run("batch", written(tmp_path, "c.txt", content), *options)[0] == status


def test_summaries_are_written_on_request(run: Run, tmp_path: Path, calls: list[str]) -> None:
    _, out, _ = run("batch", written(tmp_path, "c.txt", "a b"), "--summary")
    assert [sentence["text"] for sentence in json.loads(out)["summary"]] == [
        "Russia launched 183 drones.",
        "Of them 156 were shot down.",
    ]
    assert [call.partition(" ")[0] for call in calls] == ["open", "preload", "decide", "summarise", "close"]


def test_standard_input_is_text_or_objects(run: Run) -> None:
    assert results(run("batch", "-", stdin=b"a b\nc d\n")[1]) == [(1, "a b", "SUPPORTED"), (2, "c d", "SUPPORTED")]
    _, out, _ = run("batch", "-", stdin=b'{"claim": "a b", "id": "x1"}\n')
    assert json.loads(out)["input"] == {"id": "x1"}


@pytest.mark.parametrize(("suffix", "start"), [("csv", "line,claim"), ("md", "# Fact"), ("html", "<!DOCTYPE html>")])
def test_format_follows_the_suffix_of_the_output(run: Run, tmp_path: Path, suffix: str, start: str) -> None:
    out = tmp_path / f"out.{suffix}"
    assert run("batch", written(tmp_path, "c.txt", "a b\nc refuted"), "-o", out)[:2] == (1, "")
    text = out.read_text(encoding="utf-8")
    assert text.startswith(start)
    assert "c refuted" in text


def test_csv_on_standard_output_is_a_table(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("batch", written(tmp_path, "c.txt", "a b\n=c refuted"), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["line"], row["claim"], row["verdict"]) for row in rows] == [
        ("1", "a b", "SUPPORTED"),
        ("2", "'=c refuted", "REFUTED"),
    ]


def test_output_that_holds_something_is_not_overwritten(run: Run, tmp_path: Path, calls: list[str]) -> None:
    claims = written(tmp_path, "c.txt", "a b")
    out = written(tmp_path, "out.jsonl", "mine\n")
    assert run("batch", claims, "-o", out) == (
        2,
        "",
        f"factcheck: {out} exists; go on with it by --resume, or give another file with -o\n",
    )
    assert out.read_text(encoding="utf-8") == "mine\n"
    assert run("batch", claims, "-o", claims)[0] == 2
    assert calls == []


def test_output_that_cannot_be_written_fails_before_anything_is_checked(
    run: Run, tmp_path: Path, calls: list[str]
) -> None:
    out = tmp_path / "none" / "out.jsonl"
    assert run("batch", written(tmp_path, "c.txt", "a b"), "-o", out) == (
        2,
        "",
        f"factcheck: {out} cannot be written: No such file or directory\n",
    )
    assert calls == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_is_one_line(run: Run, tmp_path: Path) -> None:
    status, _, err = run("batch", written(tmp_path, "c.txt", "a b"), "-o", "/dev/full")
    assert status == 2
    assert err == "factcheck: /dev/full cannot be written: No space left on device\n"


def test_resume_goes_on_after_a_half_written_line(run: Run, tmp_path: Path, calls: list[str]) -> None:
    claims = written(tmp_path, "c.txt", "a b\nc refuted\ne f\n")
    out = tmp_path / "out.jsonl"
    run("batch", claims, "-o", out)
    whole = out.read_text(encoding="utf-8")
    first, second, _ = whole.splitlines(keepends=True)
    out.write_text(first + second[:-20], encoding="utf-8")
    calls.clear()
    status, _, err = run("batch", claims, "-o", out, "--resume")
    assert status == 1
    assert out.read_text(encoding="utf-8") == whole
    assert [call.partition(" CheckOptions")[0] for call in calls] == ["open None", "decide 2", "close"]
    assert err == (
        "3 claims: 2 supported, 1 refuted, 0 conflicting, 0 not enough information; 1 of them from an earlier run\n"
    )


def test_resume_of_a_finished_or_a_missing_output(run: Run, tmp_path: Path, calls: list[str]) -> None:
    claims = written(tmp_path, "c.txt", "a b\n")
    out = tmp_path / "out.jsonl"
    assert run("batch", claims, "-o", out, "--resume")[0] == 0
    calls.clear()
    assert run("batch", claims, "-o", out, "--resume")[0] == 0
    assert calls == []
    assert results(out.read_text(encoding="utf-8")) == [(1, "a b", "SUPPORTED")]


def test_resume_checks_a_claim_that_was_changed(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    run("batch", written(tmp_path, "c.txt", "a b\n"), "-o", out)
    run("batch", written(tmp_path, "c.txt", "a c\n"), "-o", out, "--resume")
    assert results(out.read_text(encoding="utf-8")) == [(1, "a b", "SUPPORTED"), (1, "a c", "SUPPORTED")]


@pytest.mark.parametrize(
    "content", ["not json\n", "[]\n", '{"line": 1}\n', '{"line": [], "claim": "", "verdict": 1}\n']
)
def test_resume_refuses_a_file_that_is_no_result(run: Run, tmp_path: Path, content: str) -> None:
    out = written(tmp_path, "out.jsonl", content)
    assert run("batch", written(tmp_path, "c.txt", "a b"), "-o", out, "--resume") == (
        2,
        "",
        f"factcheck: {out}, line 1 is no result of a batch; give another file with -o\n",
    )
    assert out.read_text(encoding="utf-8") == content


@pytest.mark.parametrize("options", [[], ["-o", "out.csv"], ["-o", "out.x", "--format", "html"]])
def test_resume_needs_a_jsonl_file(run: Run, tmp_path: Path, options: list[str]) -> None:
    status, _, err = run("batch", written(tmp_path, "c.txt", "a b"), "--resume", *options)
    assert (status, err) == (
        2,
        "factcheck: --resume goes on with a file of jsonl results; name it with -o OUT.jsonl\n",
    )


def test_interrupted_run_keeps_what_is_done_and_says_how_far_it_came(run: Run, tmp_path: Path) -> None:
    lines = [f"claim {number}" for number in range(1, 9)]
    claims = written(tmp_path, "c.txt", "\n".join([*lines, "interrupt here", "last claim"]))
    out = tmp_path / "out.md"
    status, _, err = run("batch", claims, "-o", out)
    assert status == 130
    assert err == "8 claims: 8 supported, 0 refuted, 0 conflicting, 0 not enough information; 2 not reached\n"
    assert "## claim 8\n" in out.read_text(encoding="utf-8")


def test_failed_start_leaves_an_output_that_can_be_tried_again(run: Run, tmp_path: Path) -> None:
    claims = written(tmp_path, "c.txt", "a b")
    for suffix in ("jsonl", "csv", "md", "html"):
        out = tmp_path / f"out.{suffix}"
        assert run("batch", claims, "-o", out, "--index", "missing") == (
            2,
            "",
            "factcheck: the encoder is not here; get it with: factcheck models pull\n",
        )
        assert run("batch", claims, "-o", out)[0] == 0


def check_with_fake(claims: list[Claim], opener: Any, *, jobs: int, summary: bool) -> Iterator[Report]:
    options: Any = CheckOptions()
    return check_claims(claims, opener, options, jobs=jobs, summary=summary)


def test_several_processes_keep_the_order() -> None:
    claims = [Claim(text=f"claim {number}") for number in range(20)]
    found = check_with_fake(claims, open_fake, jobs=2, summary=True)
    assert [(report.claim, len(report.summary)) for report in found] == [(claim, 2) for claim in claims]


def test_crashed_worker_is_an_error_and_not_a_hang() -> None:
    claims = [Claim(text="crash")] * 9
    with pytest.raises(ModelError, match="a worker process crashed; what is finished is kept"):
        list(check_with_fake(claims, open_fake, jobs=2, summary=False))


def test_failing_worker_gives_its_own_error() -> None:
    claims = [Claim(text="unjudged")] * 9
    with pytest.raises(ModelError, match="the verifier died"):
        list(check_with_fake(claims, partial(open_fake), jobs=2, summary=True))
