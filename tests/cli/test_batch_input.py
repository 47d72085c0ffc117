from pathlib import Path
from typing import Any

import pytest

from factcheck.cli.batch_input import BadLine, Row, read_rows
from factcheck.errors import InputError
from tests.cli.conftest import written


def seen(path: Path) -> list[tuple[Any, ...]]:
    """The rows of a file as (line, claim, extra) and (line, message)."""
    return [
        (row.line, row.claim.text, row.extra) if isinstance(row, Row) else (row.line, row.message)
        for row in read_rows(path)
    ]


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


def test_bad_line_is_its_own_kind(tmp_path: Path) -> None:
    assert read_rows(written(tmp_path, "c.txt", b"\xff")) == [BadLine(1, "not UTF-8")]
