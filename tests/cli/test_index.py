from __future__ import annotations

import json
from pathlib import Path

import pytest

from factcheck.cli import index as command
from factcheck.cli.main import main
from tests.store.fakes import FakeEncoder

A = "---\ntitle: Drones\npublisher: The Paper\ndate: 2026-02-05\n---\n\nRussia launched 183 drones at Kyiv.\n"
B = "The mayor said that repairs would take three weeks.\n\nNobody was hurt in the attack, he added.\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two sources, an index beside it, and a fake encoder."""
    monkeypatch.setattr(command, "_open_encoder", FakeEncoder)
    monkeypatch.setenv("FACTCHECK_INDEX", str(tmp_path / "index"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.md").write_text(A, encoding="utf-8")
    (tmp_path / "news" / "b.txt").write_text(B, encoding="utf-8")
    return tmp_path


class Run:
    """Runs a command line; the value is (exit status, stdout, stderr)."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *args: str) -> tuple[int, str, str]:
        status = main(["index", *args])
        captured = self._capsys.readouterr()
        return status, captured.out, captured.err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def test_build_add_list_remove_verify(run: Run, home: Path) -> None:
    assert run("build", "news") == (0, "added 2, changed 0, unchanged 0, removed 0 (3 passages)\n", "")
    assert run("list") == (0, "a.md\t1\t2026-02-05\tThe Paper\tDrones\nb.txt\t2\t\t\t\n", "")
    (home / "news" / "b.txt").write_text("Repairs took four weeks.\n", encoding="utf-8")
    (home / "c.txt").write_text("Schools stayed open.\n", encoding="utf-8")
    assert run("add", "news", "c.txt") == (0, "added 1, changed 1, unchanged 1, removed 0 (3 passages)\n", "")
    assert run("verify") == (0, "sound: 3 documents, 3 passages, encoder fake fake-1\n", "")
    assert run("remove", "*.txt") == (0, "added 0, changed 0, unchanged 0, removed 2 (1 passages)\n", "")
    assert run("list") == (0, "a.md\t1\t2026-02-05\tThe Paper\tDrones\n", "")


def test_build_forgets_what_is_not_named(run: Run) -> None:
    run("build", "news")
    assert run("build", "news/b.txt") == (0, "added 1, changed 0, unchanged 0, removed 1 (2 passages)\n", "")


def test_list_as_json_is_one_object_a_line(run: Run) -> None:
    run("build", "news")
    status, out, _ = run("list", "--json")
    first, second = map(json.loads, out.splitlines())
    assert (status, second["name"], second["passages"]) == (0, "b.txt", 2)
    assert len(first.pop("sha256")) == 64
    assert first == {
        "name": "a.md",
        "title": "Drones",
        "publisher": "The Paper",
        "url": "",
        "date": "2026-02-05",
        "passages": 1,
    }


def test_an_unreadable_file_is_told_of_and_the_others_are_indexed(run: Run, home: Path) -> None:
    (home / "news" / "empty.txt").write_bytes(b"")
    (home / "news" / "image.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    status, out, err = run("build", "news")
    assert (status, out) == (2, "added 2, changed 0, unchanged 0, removed 0 (3 passages)\n")
    assert [line.split(" ")[:2] for line in err.splitlines()] == [
        ["factcheck:", "empty.txt"],
        ["factcheck:", "image.txt"],
    ]


def test_a_file_that_became_unreadable_keeps_what_was_indexed(run: Run, home: Path) -> None:
    run("build", "news")
    (home / "news" / "b.txt").write_bytes(b"")
    (home / "c.txt").write_text("Schools stayed open.\n", encoding="utf-8")
    status, out, err = run("add", "news/b.txt", "c.txt")
    assert (status, out) == (2, "added 1, changed 0, unchanged 0, removed 0 (4 passages)\n")
    assert err.startswith("factcheck: b.txt is empty") and err.count("\n") == 1


def test_if_no_source_can_be_read_the_index_stays(run: Run, home: Path) -> None:
    run("build", "news")
    (home / "empty.txt").write_bytes(b"")
    (home / "blank.txt").write_bytes(b" ")
    assert run("build", "empty.txt") == (2, "", "factcheck: empty.txt is empty; remove it or give it text\n")
    status, out, err = run("build", "empty.txt", "blank.txt")
    assert (status, out) == (2, "")
    assert err.splitlines()[2] == "factcheck: none of the sources could be read; the index is as it was"
    assert run("list")[1].count("\n") == 2


@pytest.mark.parametrize("meant", ["b.txt", "b*", "news/b.txt", "elsewhere/b.txt"])
def test_remove_takes_names_globs_and_paths(run: Run, meant: str) -> None:
    run("build", "news")
    assert run("remove", meant) == (0, "added 0, changed 0, unchanged 0, removed 1 (1 passages)\n", "")


def test_remove_a_folder_takes_the_documents_of_its_files(run: Run) -> None:
    run("build", "news")
    assert run("remove", "news") == (0, "added 0, changed 0, unchanged 0, removed 2 (0 passages)\n", "")


def test_remove_what_is_not_there_removes_nothing(run: Run) -> None:
    run("build", "news")
    assert run("remove", "a.md", "zzz") == (
        2,
        "",
        "factcheck: no document of the index matches 'zzz'; `factcheck index list` shows them\n",
    )
    assert run("list")[1].count("\n") == 2


def test_rows_of_a_corpus_are_documents(run: Run, home: Path) -> None:
    rows = [{"document": f"d{n}", "title": "T", "text": f"Fact {n} holds."} for n in range(3)]
    corpus = home / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert run("add", "corpus.jsonl")[1] == "added 3, changed 0, unchanged 0, removed 0 (3 passages)\n"
    rows[1]["text"] = "Fact 1 does not hold."
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert run("add", "corpus.jsonl")[1] == "added 0, changed 1, unchanged 2, removed 0 (3 passages)\n"
    assert run("remove", "corpus.jsonl")[1] == "added 0, changed 0, unchanged 0, removed 3 (0 passages)\n"


def test_verify_names_the_problems_and_exits_with_2(run: Run, home: Path) -> None:
    run("build", "news")
    (file,) = (home / "index").glob("vectors-*.faiss")
    file.write_bytes(b"junk")
    assert run("verify") == (
        2,
        f"{file.name} is damaged; the next check of a claim will mend that\n",
        f"factcheck: the index in {home / 'index'} is not sound; run `factcheck index build` with your sources\n",
    )


@pytest.mark.parametrize("args", [("list",), ("verify",), ("remove", "a.md")])
def test_without_an_index_the_message_says_what_to_do(run: Run, home: Path, args: tuple[str, ...]) -> None:
    assert run(*args) == (
        2,
        "",
        f"factcheck: there is no index in {home / 'index'}; run `factcheck index build` to make it\n",
    )


def test_an_index_that_is_no_folder(run: Run, home: Path) -> None:
    (home / "file").write_text("x")
    status, out, err = run("build", "news", "--index", "file")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("factcheck: the index in file cannot be read or written")


def test_adding_goes_on_without_the_paths_that_hold_nothing(run: Run, home: Path) -> None:
    (home / "none").mkdir()
    status, out, err = run("add", "nowhere", "news", "none")
    assert (status, out) == (2, "added 2, changed 0, unchanged 0, removed 0 (3 passages)\n")
    assert [line.split(" ")[:3] for line in err.splitlines()] == [
        ["factcheck:", "nowhere", "does"],
        ["factcheck:", "none", "holds"],
    ]
    status, out, err = run("add", "nowhere", "none")
    assert (status, out, err.count("\n")) == (2, "", 2)


def test_a_missing_path_changes_nothing(run: Run, home: Path) -> None:
    status, out, err = run("build", "news", "nowhere")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert not (home / "index").exists()


def test_names_and_titles_cannot_steer_the_terminal(run: Run, home: Path) -> None:
    row = {"document": "x\x1b[31my", "title": "a\x1b]0;t\x07\tb", "text": "Fact."}
    (home / "c.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    run("add", "c.jsonl")
    status, out, _ = run("list")
    assert (status, out.count("\t"), out.count("\n")) == (0, 4, 1)
    assert not set(out) & set(map(chr, [*range(9), *range(11, 32), 127]))


def test_a_damaged_index_is_built_anew(run: Run, home: Path) -> None:
    run("build", "news")
    (home / "index" / "passages.sqlite").write_bytes(b"junk" * 500)
    status, out, err = run("list")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "run `factcheck index build`" in err
    status, out, err = run("build", "news")
    assert (status, out) == (0, "added 2, changed 0, unchanged 0, removed 0 (3 passages)\n")
    assert err.startswith(f"the index in {home / 'index'} cannot be read; it is kept as damaged-")
