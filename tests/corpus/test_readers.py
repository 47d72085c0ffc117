"""From files and folders to documents."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from datetime import date
from pathlib import Path

import pytest

from factcheck.corpus import readers
from factcheck.corpus.readers import ParsedDocument, SourceFile, find_sources, read_source
from factcheck.errors import InputError
from factcheck.types import Document

TEXT = "The harbour reopened on Monday after a week of repairs, the authority said.\n\nTwo ferries sailed.\n"
PARAGRAPHS = ("The harbour reopened on Monday after a week of repairs, the authority said.", "Two ferries sailed.")


def write(path: Path, content: str | bytes = TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path) -> list[ParsedDocument]:
    return read_source(SourceFile(path, path.name))


def corpus(path: Path, *rows: object) -> Path:
    return write(path, "".join(json.dumps(row) + "\n" for row in rows))


def test_files_and_folders_are_found_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    for name in ("b.md", "a.TXT", "deep/er/c.jsonl.gz", "deep/d.jsonl", "x.pdf", ".hidden.txt", ".git/e.txt"):
        write(folder / name)
    single = write(tmp_path / "single.txt")
    assert find_sources([single, folder, single]) == [
        SourceFile(single, "single.txt"),
        SourceFile(folder / "a.TXT", "a.TXT"),
        SourceFile(folder / "b.md", "b.md"),
        SourceFile(folder / "deep/d.jsonl", "deep/d.jsonl"),
        SourceFile(folder / "deep/er/c.jsonl.gz", "deep/er/c.jsonl.gz"),
    ]


def test_links_that_go_in_circles_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    (tmp_path / "lost.txt").symlink_to(tmp_path / "nowhere.txt")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.txt")
    found = {source.name: source for source in find_sources([tmp_path])}
    assert [*found] == ["a.txt", "lost.txt", "self.txt"]
    for name in ("lost.txt", "self.txt"):  # told of, rather than passed over
        with pytest.raises(InputError, match=rf"^{name} cannot be read \("):
            read_source(found[name])
    with pytest.raises(InputError, match=r"self\.txt (does not exist|cannot be read)"):
        find_sources([tmp_path / "self.txt"])


def test_names_are_fit_to_be_shown(tmp_path: Path) -> None:
    write(tmp_path / "re\x1b[31md\n.txt")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text(TEXT)
    assert sorted(source.name for source in find_sources([tmp_path])) == ["caf?.txt", "re?[31md?.txt"]


def test_paths_that_hold_no_source(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "page.pdf")
    os.mkfifo(tmp_path / "pipe.txt")
    for name, message in {
        "nowhere": r"nowhere does not exist; check the path",
        "empty": r"empty holds no source files; add files that end in \.txt, \.md, \.jsonl, \.jsonl\.gz",
        "page.pdf": r"page\.pdf is not a source file",
        "pipe.txt": r"pipe\.txt is not a source file",
        "bad\0name": r"bad\?name (cannot be read|does not exist)",
        "x" * 300: r"cannot be read \(File name too long\)",
    }.items():
        with pytest.raises(InputError, match=message) as caught:
            find_sources([tmp_path / name])
        assert "\n" not in str(caught.value)


def test_a_long_path_is_shortened_in_messages(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        find_sources([tmp_path / f"{'x' * 5000}.txt"])
    assert len(str(caught.value)) < 400
    assert "x…x" in str(caught.value)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one/a.txt"), write(tmp_path / "two/a.txt")
    with pytest.raises(InputError, match=r"would both be called 'a\.txt'"):
        find_sources([one, two])


def test_a_report_with_front_matter(tmp_path: Path) -> None:
    head = "---\ntitle: Harbour reopens | Reuters\nsource: https://c.example/1\ndate: 2026-02-05\n---\n"
    path = write(tmp_path / "a.txt", head + TEXT)
    assert read(path) == [
        ParsedDocument(
            Document(
                name="a.txt",
                sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
                title="Harbour reopens",
                publisher="Reuters",
                url="https://c.example/1",
                date=date(2026, 2, 5),
            ),
            PARAGRAPHS,
        )
    ]


def test_a_report_without_front_matter(tmp_path: Path) -> None:
    (parsed,) = read(write(tmp_path / "a.txt"))
    assert (parsed.document.title, parsed.document.url, parsed.document.date) == ("", "", None)
    assert parsed.paragraphs == PARAGRAPHS


def test_the_first_heading_is_the_title(tmp_path: Path) -> None:
    (parsed,) = read(write(tmp_path / "a.md", f"# Harbour *reopens* after storm\n\n## Repairs\n\n{TEXT}"))
    assert (parsed.document.title, parsed.paragraphs) == ("Harbour reopens after storm", PARAGRAPHS)
    titled = "---\ntitle: Harbour reopens\n---\n# Harbour reopens\n" + TEXT
    (parsed,) = read(write(tmp_path / "b.md", titled))
    assert (parsed.document.title, parsed.paragraphs) == ("Harbour reopens", PARAGRAPHS)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("OSLO, Feb. 5, 2026 (AP) - ", date(2026, 2, 5)),
        ("Published 5 February 2026\n\n", date(2026, 2, 5)),
        ("OSLO, Feb 5 (Reuters) - ", None),
        ("On Feb. 5, 2026, it rained. ", None),
    ],
)
def test_only_a_dateline_dates_a_report(tmp_path: Path, head: str, expected: date | None) -> None:
    (parsed,) = read(write(tmp_path / "a.txt", head + TEXT))
    assert parsed.document.date == expected


def test_control_characters_do_not_reach_passages(tmp_path: Path) -> None:
    text = "\ufeffThe\u00a0harbour \x1b[31mreopened\x1b[0m\x07 on\u200b Monday.\r\n\r\nTwo ferries sailed.\r\n"
    (parsed,) = read(write(tmp_path / "a.txt", text))
    assert parsed.paragraphs == ("The harbour reopened on Monday.", "Two ferries sailed.")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.txt is empty; remove it or give it text"),
        (b" \n\t\n", "a.txt holds no text that could be evidence; check the file"),
        (b"Menu\n\nSubscribe\n", "a.txt holds no text that could be evidence; check the file"),
        (b"%PDF\0\1", "a.txt is not a text file, or in an unknown character set; save it as UTF-8 text"),
    ],
)
def test_files_without_text(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(write(tmp_path / "a.txt", content))
    assert str(caught.value) == message


def test_an_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.txt cannot be read \(Is a directory\); check the file"):
        (tmp_path / "a.txt").mkdir()
        read(tmp_path / "a.txt")
    with pytest.raises(InputError, match=r"b\.txt cannot be read \(No such file or directory\)"):
        read(tmp_path / "b.txt")


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(InputError, match=r"a\.txt is larger than 50 MB; split it into smaller files"):
        read(path)


def test_a_corpus_gives_a_document_a_row(tmp_path: Path) -> None:
    rows = [
        {"document": "fm-1", "title": "Ports", "text": "Two ports signed. HLA-A*02 p*q*r."},
        {
            "document": "fm-2",
            "title": None,
            "text": "It rained.\n\nMenu",
            "url": "https://c.example",
            "date": "2026-02-05",
            "publisher": "Coast \x1b[1mPress",
            "more": [1],
        },
    ]
    path = corpus(tmp_path / "c.jsonl", *rows)
    packed = write(tmp_path / "c.jsonl.gz", gzip.compress(path.read_bytes() + b"\n"))
    hashes = [hashlib.sha256(json.dumps(row).encode()).hexdigest() for row in rows]
    expected = [
        ParsedDocument(Document(name="fm-1", sha256=hashes[0], title="Ports"), ("Two ports signed. HLA-A*02 p*q*r.",)),
        ParsedDocument(
            Document(
                name="fm-2",
                sha256=hashes[1],
                publisher="Coast Press",
                url="https://c.example",
                date=date(2026, 2, 5),
            ),
            ("It rained.", "Menu"),
        ),
    ]
    assert read(path) == expected
    assert read(packed) == expected


GOOD = '{"document": "d1", "text": "It rained."}\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "c.jsonl is empty; remove it or give it rows"),
        (GOOD + "{oops\n", "c.jsonl line 2 is not valid JSON; mend or remove the line"),
        (GOOD + "[" * 100_000 + "\n", "c.jsonl line 2 is not valid JSON; mend or remove the line"),
        (GOOD + "[1]\n", "c.jsonl line 2 is not a JSON object; a row is {document, title, text}"),
        (GOOD + '\n{"text": "x"}\n', "c.jsonl line 3 has no 'document'; a row is {document, title, text}"),
        ('{"document": "d", "text": " "}', "c.jsonl line 1 has no 'text'; a row is {document, title, text}"),
        (
            '{"document": "d", "text": "x", "title": 3}',
            "c.jsonl line 1 has a 'title' that is no text; put it in quotation marks or leave it out",
        ),
        (GOOD + GOOD, "c.jsonl line 2 repeats document 'd1'; give each row a name of its own"),
        (b'{"document": "d", "text": "\xff"}', "c.jsonl line 1 is not valid JSON; mend or remove the line"),
    ],
)
def test_malformed_rows_are_named_by_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(write(tmp_path / "c.jsonl", content))
    assert str(caught.value) == message


def test_a_damaged_archive(tmp_path: Path) -> None:
    rows = "".join(json.dumps({"document": str(i), "text": "It rained."}) + "\n" for i in range(50))
    whole = gzip.compress(rows.encode())
    for content in (whole[:-12], b"no archive", whole[:20] + b"\xff" * 20):
        with pytest.raises(InputError, match=r"c\.jsonl\.gz cannot be read after line \d+ \(.+\); check the file"):
            read(write(tmp_path / "c.jsonl.gz", content))


def test_a_row_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_FILE_BYTES", 1000)
    path = corpus(tmp_path / "c.jsonl", *({"document": str(i), "text": "It rained."} for i in range(100)))
    assert len(read(path)) == 100
    with pytest.raises(InputError, match=r"c\.jsonl line 1 is too long; a row holds one document"):
        read(corpus(tmp_path / "c.jsonl", {"document": "d", "text": "x" * 1000}))


def test_rows_that_cannot_be_used_are_told_and_the_others_read(tmp_path: Path) -> None:
    told: list[str] = []
    path = write(tmp_path / "c.jsonl", "{oops\n" + GOOD + GOOD)
    parsed = read_source(SourceFile(path, path.name), told.append)
    assert [one.document.name for one in parsed] == ["d1"]
    assert [line.partition(";")[0] for line in told] == [
        "c.jsonl line 1 is not valid JSON",
        "c.jsonl line 3 repeats document 'd1'",
    ]
    with pytest.raises(InputError, match=r"c\.jsonl holds no row that can be used"):
        read_source(SourceFile(write(path, "{oops\n"), path.name), told.append)
