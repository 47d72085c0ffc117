import errno
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from factcheck import __version__
from factcheck.cli.main import COMMANDS, load_command, main
from tests.cli.conftest import Run

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


def test_import_is_light() -> None:
    heavy = "torch sentence_transformers faiss llama_cpp onnxruntime numpy pydantic rich typer".split()
    code = f"import sys, factcheck.cli.main; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_version(run: Run) -> None:
    assert run("--version") == (0, f"factcheck {__version__}\n", "")


def test_help_names_every_command(run: Run) -> None:
    status, out, err = run("--help")
    assert (status, err) == (0, "")
    lines = out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["check", "--nonsense"], "No such option: --nonsense"),
        (["x y", "--top-k", "0"], "Invalid value for '--top-k'"),
        (["x y", "--mode", "slow"], "Invalid value for '--mode'"),
        (["bacth", "f.txt"], "there is no command 'bacth'; `factcheck batch` is one"),
        (["batch"], "Missing argument 'FILE'"),
        (["x y", "--as-of", "2026-13-01"], "--as-of '2026-13-01' is not a day of the calendar; write it as"),
        (["x y", "--as-of", "20260101"], "--as-of '20260101' is not a day"),
        (["x y", "--index", "missing"], "the encoder is not here; get it with: factcheck models pull"),
        ([""], "the claim is empty"),
        (["x" * 100_000], "the claim has 100,000 characters"),
        (["index", "add"], "Missing argument 'PATH...' (see: factcheck index add --help)"),
        (["index", "add", ""], "an argument is empty; name a file, a folder or a model there"),
        (["batch", "c.txt", "-o", ""], "an argument is empty"),
        (["check", "-5 degrees were measured"], "No such option: -5 (a claim that starts with a dash goes after --; "),
    ],
)
def test_bad_input_is_one_line_and_status_2(run: Run, args: list[str], message: str) -> None:
    status, out, err = run(*args)
    assert (status, out) == (2, "")
    assert err.startswith(f"factcheck: {message}")
    assert err.count("\n") == 1


class FullDisk(io.StringIO):
    """A file on a disk without room."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_behind_standard_output_is_one_plain_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", FullDisk())
    assert run("--version") == (
        2,
        "",
        "factcheck: the output cannot be written: No space left on device; make room, then run it again\n",
    )


def test_closed_standard_output_is_one_plain_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert run("a b") == (
        2,
        "",
        "factcheck: there is no standard output to write to; leave it open, or send it to a file\n",
    )


def test_message_with_control_characters_is_made_plain(run: Run) -> None:
    status, _, err = run("check", "--\x1b[31mred\nline")
    assert status == 2
    assert "\x1b" not in err
    assert err.count("\n") == 1


def test_internal_error_is_one_line_that_names_its_log(run: Run) -> None:
    status, out, err = run("a bug")
    assert (status, out) == (2, "")
    head, _, log = err.rstrip("\n").partition("; details are in ")
    assert head == "factcheck: internal error: LookupError: a bug"
    assert Path(log).read_text(encoding="utf-8").endswith("LookupError: a bug\n")


def test_traceback_is_shown_on_request(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faulthandler.enable", lambda: None)
    monkeypatch.setenv("FACTCHECK_DEBUG", "1")
    _, _, err = run("a bug")
    assert err.startswith("Traceback (most recent call last):\n")


def test_unwritable_log_is_no_second_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("factcheck.settings.user_cache_dir", lambda: Path("/dev/null/nowhere"))
    assert run("a bug") == (
        2,
        "",
        "factcheck: internal error: LookupError: a bug; set FACTCHECK_DEBUG=1 to see the details\n",
    )


def test_interrupt_is_quiet(run: Run, calls: list[str]) -> None:
    assert run("interrupt me", "--no-summary") == (130, "", "")
    assert calls[-1] == "close"


def test_closed_output_is_quiet(calls: list[str]) -> None:
    code = (
        "import sys; import tests.cli.fake_checker as fake; sys.modules['factcheck.checker'] = fake;"
        "from factcheck.cli.main import main; sys.exit(main(['x y', '--json'] + ['a claim'] * 2000))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=DOCS.parents[1]
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.read(1)
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait() == 141


def docs_section(heading: str) -> str:
    docs = DOCS.read_text(encoding="utf-8")
    assert f"\n## {heading}\n" in docs
    return docs.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_stands_in_the_docs(name: str) -> None:
    command = load_command(name)
    section = docs_section(name)
    shared = docs_section("Options of a check") if "options of a check" in section else ""
    parts = {f"{name} {sub}": part for sub, part in getattr(command, "commands", {}).items()}
    assert [words for words in parts if f"`factcheck {words}" not in section] == []
    options = {
        option
        for part in (command, *parts.values())
        for parameter in part.params
        if parameter.param_type_name == "option"
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    documented = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", section + shared))
    assert sorted(options - documented - {"--help"}) == []


def test_every_command_of_the_repl_stands_in_the_docs() -> None:
    from factcheck.cli.conversation import COMMANDS as SLASH_COMMANDS

    docs = DOCS.read_text(encoding="utf-8").replace("\\|", "|")
    usages = [f"`{name} {command.argument}".strip() + "`" for name, command in SLASH_COMMANDS.items()]
    assert [usage for usage in usages if usage not in docs] == []


def test_main_without_a_command_is_check(run: Run) -> None:
    named = run("check", "x is unknown", "--json", "--no-summary")
    assert run("--json", "--no-summary", "x is unknown") == named
    assert main(["check", "--help"]) == 0
