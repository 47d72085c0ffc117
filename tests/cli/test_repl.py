import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from factcheck.cli.conversation import COMMANDS, Conversation
from factcheck.cli.prompt import completions
from factcheck.errors import InputError
from tests.cli.conftest import Run
from tests.cli.fake_checker import CheckOptions, FactChecker


class Talk:
    """A conversation with the fake chain, and what it printed."""

    def __init__(self) -> None:
        self._out = io.StringIO()
        console = Console(file=self._out, width=80, markup=False, highlight=False, emoji=False)
        options = CheckOptions()
        self.conversation = Conversation(FactChecker(), console, options, None, summary=True)  # type: ignore[arg-type]

    def say(self, text: str) -> str:
        """What is printed in answer to a line."""
        start = len(self._out.getvalue())
        assert self.conversation.respond(text)
        return self._out.getvalue()[start:]


@pytest.fixture
def talk(calls: list[str]) -> Talk:
    return Talk()


def test_claim_over_several_lines_is_answered_as_one(talk: Talk) -> None:
    assert talk.say("Russia launched\n183 drones").startswith(
        "✓ SUPPORTED · the sources say so · 97 % sure\n  Russia launched 183 drones\n\nFor\n"
    )


def test_empty_line_does_nothing(talk: Talk) -> None:
    assert talk.say("  \n ") == ""


def test_evidence_shows_the_whole_passage(talk: Talk) -> None:
    talk.say("a b")
    expected = (
        "  [1] Kyiv News, 5 February 2026, paragraph 1\n"
        "      Two people were killed. «Russia launched 183 drones overnight», Ukraine's\n"
        "      air force said, adding that 156 were shot down.\n"
        "      according to Ukraine's air force\n"
        "      also in copy.md\n"
        "      → claim and passage say 183 drones\n"
    )
    assert talk.say("/evidence 1") == expected
    assert talk.say("/evidence [1]") == expected


@pytest.mark.parametrize("argument", ["", "2", "x", "0", "-1"])
def test_evidence_that_does_not_exist_is_refused(talk: Talk, argument: str) -> None:
    talk.say("a b")
    with pytest.raises(InputError, match=r"takes the number of a passage .*\(there are: 1\)"):
        talk.say(f"/evidence {argument}")


def test_why_gives_reasons_scores_and_timings(talk: Talk) -> None:
    talk.say("a conflicting")
    assert talk.say("/why") == (
        "  verdict   CONFLICTING, 97 % sure\n"
        "  [1]       supports 90 %: claim and passage say 183 drones\n"
        "  [2]       refutes 90 %: judged as a whole\n"
        "  [3]       refutes 90 %: judged as a whole\n"
        "  encoder   mini\n"
        "  verifier  judge\n"
        "  llm       tiny-llm\n"
        "  device    cpu\n"
        "  time      retrieve 7 ms, verify 60 ms\n"
    )


def test_json_is_the_last_answer_with_its_summary(talk: Talk) -> None:
    talk.say("a b")
    result = json.loads(talk.say("/json"))
    assert (result["claim"], result["verdict"], len(result["summary"])) == ("a b", "SUPPORTED", 2)


def test_sources_lists_the_documents(talk: Talk) -> None:
    assert talk.say("/sources") == (
        "  kyiv.md         Kyiv News · 5 February 2026 · Overnight attack · 31 passages\n  notes/bare.txt  1 passage\n"
    )


def test_help_lists_every_command(talk: Talk) -> None:
    text = talk.say("/help")
    assert [name for name in COMMANDS if f"  {name}" not in text] == []


def test_mode_changes_the_next_answer_and_the_toolbar(talk: Talk, calls: list[str]) -> None:
    assert talk.conversation.status_line() == "mode auto · 2 sources"
    talk.say("/mode fast")
    talk.say("a b")
    assert talk.conversation.status_line() == "mode fast · 2 sources"
    assert calls[-2] == "decide 1 CheckOptions(mode=<Mode.FAST: 'fast'>, top_k=8, source=None, in_bulk=False)"
    with pytest.raises(InputError, match="there is no mode 'slow'; there are fast, auto and thorough"):
        talk.say("/mode slow")


@pytest.mark.parametrize(("suffix", "start"), [("json", "{"), ("md", "# Fact"), ("html", "<!DOCTYPE")])
def test_save_writes_a_new_file_only(talk: Talk, tmp_path: Path, suffix: str, start: str) -> None:
    talk.say("a b")
    path = tmp_path / f"answer.{suffix}"
    talk.say(f"/save {path}")
    text = path.read_text(encoding="utf-8")
    assert text.startswith(start)
    talk.say("c refuted")
    with pytest.raises(InputError, match="exists; give another name"):
        talk.say(f"/save {path}")
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("argument", "message"),
    [("", "takes the name"), ("x.pdf", "takes the name"), ("/none/x.md", "cannot be written")],
)
def test_save_that_cannot_be_is_refused(talk: Talk, argument: str, message: str) -> None:
    talk.say("a b")
    with pytest.raises(InputError, match=message):
        talk.say(f"/save {argument}")


@pytest.mark.parametrize("command", ["/evidence 1", "/why", "/json", "/save x.md"])
def test_commands_on_an_answer_need_one(talk: Talk, command: str) -> None:
    with pytest.raises(InputError, match="nothing has been answered yet"):
        talk.say(command)


def test_unknown_command_is_refused(talk: Talk) -> None:
    with pytest.raises(InputError, match="there is no command /nope; /help lists them"):
        talk.say("/nope")


def test_only_commands_are_completed() -> None:
    assert [word for word, _, _ in completions("/s")] == ["/sources", "/save"]
    assert completions("/mode th") == [("thorough", -2, "")]
    assert completions("a claim /s") == []
    assert completions("") == []


def test_terminal_session_survives_errors_and_loads_once(
    run: Run, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = iter(["a bug", "/nope", "interrupt this", "speechless", "one unknown", "/quit"])
    monkeypatch.setattr("factcheck.cli.prompt.make_prompt", lambda status_line: lambda: next(lines))
    status, out, err = run("--mode", "fast", terminal=True)
    assert status == 0
    assert out.startswith("factcheck 0.1.0 · mode fast · 2 sources\n")
    assert "? NOT ENOUGH INFORMATION · none of the sources is about this\n  one unknown\n" in out
    assert [line.partition("; details")[0] for line in err.splitlines()] == [
        "factcheck: internal error: LookupError: a bug",
        "factcheck: there is no command /nope; /help lists them",
        "stopped",
        "factcheck: the language model failed: it died",
    ]
    assert [call for call in calls if call.startswith(("open", "preload", "close"))] == [
        "open None",
        "preload",
        "close",
    ]


def test_end_of_input_leaves_and_interrupt_at_the_prompt_does_not(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    events = iter([KeyboardInterrupt, EOFError])

    def ask() -> str:
        raise next(events)

    monkeypatch.setattr("factcheck.cli.prompt.make_prompt", lambda status_line: ask)
    assert run("--no-summary", terminal=True)[0] == 0
    assert list(events) == []
