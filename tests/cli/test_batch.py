import csv
import io
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from factcheck.cli.batch_input import BadLine, Row, read_rows
from factcheck.cli.batch_pool import check_claims
from factcheck.errors import InputError, ModelError
from factcheck.types import Claim, Report
from tests.cli.conftest import Run
from tests.cli.fake_checker import CheckOptions, open_fake


def seen(path: Path) -> list[tuple[Any, ...]]:
    """The rows of a file as (line, claim, extra) and (line, message)."""
    return [
        (row.line, row.claim.text, row.extra) if isinstance(row, Row) else (row.line, row.message)
        for row in read_rows(path)
    ]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def results(text: str) -> list[tuple[int, str, str]]:
    objects = [json.loads(line) for line in text.splitlines()]
    return [(item["line"], item["claim"], item["verdict"]) for item in objects]


def test_text_skips_blank_lines_and_comments(tmp_path: Path) -> None:
    path = written(tmp_path, "c.txt", "\ufeffone claim\r\n\n# a comment\n  two claim  ")
    assert seen(path) == [(1, "one claim", {}), (4, "two claim", {})]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_system_ends_them(tmp_path: Path, end: str) -> None:
    path = written(tmp_path, "c.txt", f"one claim{end}{end}two claim{end}")
    assert seen(path) == [(1, "one claim", {}), (3, "two claim", {})]


def test_lines_that_are_no_usable_json_say_why(tmp_path: Path) -> None:
    lines = ['{"claim": "one claim"}', '{"claim" 2}', '{"claim": NaN}', "[" * 100_000, "1" * 5000]
    assert seen(written(tmp_path, "c.jsonl", "\n".join(lines))) == [
        (1, "one claim", {}),
        (2, "not JSON: Expecting ':' delimiter, at character 10"),
        (3, "not usable JSON: NaN is not a JSON number"),
        (4, "not usable JSON: it is nested too deeply"),
        (5, "not usable JSON: Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits"),
    ]


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


def test_bad_lines_cost_only_themselves(tmp_path: Path) -> None:
    path = written(tmp_path, "c.txt", b"one claim\n\xff\xfe\n\x1b[31mred\n" + b"x" * 3000 + b"\ntwo claim\n")
    assert seen(path) == [
        (1, "one claim", {}),
        (2, "not UTF-8"),
        (3, "the claim holds control characters; give it as plain text"),
        (4, "the claim has 3,000 characters; at most 2,000 can be checked: shorten it"),
        (5, "two claim", {}),
    ]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("id,claim\n1,one claim\n2,two claim\n", [(2, "one claim", {"id": "1"}), (3, "two claim", {"id": "2"})]),
        ("Claim ;Id\none, claim;1\n", [(2, "one, claim", {"Id": "1"})]),
        ("claim\tid\none claim\t1\n", [(2, "one claim", {"id": "1"})]),
        ("claim\none, claim\ntwo claim\n", [(2, "one, claim", {}), (3, "two claim", {})]),
        ("statement\none claim\n", [(2, "one claim", {})]),
        ("one claim\ntwo, or three, claims\n", [(1, "one claim", {}), (2, "two, or three, claims", {})]),
        ("one claim;7\ntwo claim;8\n", [(1, "one claim", {}), (2, "two claim", {})]),
        ('claim,id\n"one, ""quoted""\nclaim",1\n', [(2, 'one, "quoted" claim', {"id": "1"})]),
        ('he said "no\nshe said "yes\n', [(1, 'he said "no', {}), (2, 'she said "yes', {})]),
    ],
)
def test_tables_with_and_without_header(tmp_path: Path, content: str, rows: list[Any]) -> None:
    assert seen(written(tmp_path, "c.csv", content)) == rows


def test_malformed_table_rows_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "c.csv", 'id,claim\n1,"never closed\n2,two claim\n3\n"4"x,four claim\n5,five claim\n')
    assert seen(path) == [
        (2, "a quotation mark is not closed"),
        (3, "two claim", {"id": "2"}),
        (4, "no column 2, where the claims stand"),
        (5, "not a row of a table: ',' expected after '\"'"),
        (6, "five claim", {"id": "5"}),
    ]


def test_objects_carry_their_other_fields(tmp_path: Path) -> None:
    lines = [
        '{"claim": "one claim", "id": 7, "tags": ["a"]}',
        "{broken",
        '{"text": "no claim"}',
        '{"claim": 5}',
        "[1]",
        '{"claim": "x y", "n": NaN}',
        "[" * 100_000,
        '{"claim": "two claim"}',
    ]
    rows = seen(written(tmp_path, "c.jsonl", "\n".join(lines)))
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert rows[0] == (1, "one claim", {"id": 7, "tags": ["a"]})
    assert [row[1].partition(":")[0] for row in rows[1:7]] == [
        "not JSON",
        "no object with a text 'claim'",
        "no object with a text 'claim'",
        "no object with a text 'claim'",
        "not usable JSON",
        "not usable JSON",
    ]
    assert rows[7] == (8, "two claim", {})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.txt", b"", "holds no claim"),
        ("c.txt", b"# only a comment\n", "holds no claim"),
        ("c.txt", b"a\0b", "is not a text file in UTF-8"),
        ("c.pdf", b"a claim", "is of no known kind"),
        ("c.txt", b"x" * (50 * 2**20 + 1), "is larger than 50 MB"),
    ],
)
def test_unusable_file_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_rows(written(tmp_path, name, content))


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


def test_bad_line_is_its_own_kind(tmp_path: Path) -> None:
    assert read_rows(written(tmp_path, "c.txt", b"\xff")) == [BadLine(1, "not UTF-8")]
