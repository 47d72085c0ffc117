"""The REPL's input line: history with search, several lines, completion of commands, a toolbar."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from factcheck.cli.console import note
from factcheck.cli.conversation import COMMANDS
from factcheck.settings import APP_NAME, Mode

if TYPE_CHECKING:
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyBindings


def make_prompt(status_line: Callable[[], str]) -> Callable[[], str]:
    """A function that asks for one claim or command; raises EOFError and KeyboardInterrupt."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document
    from prompt_toolkit.styles import Style

    class Commands(Completer):
        def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
            for word, start, meaning in completions(document.text_before_cursor):
                yield Completion(word, start_position=start, display_meta=meaning)

    session: PromptSession[str] = PromptSession(
        "› ",
        multiline=True,
        prompt_continuation="  ",
        history=_history(),
        completer=Commands(),
        complete_while_typing=False,
        key_bindings=_key_bindings(),
        bottom_toolbar=lambda: f" {status_line()} · /help",
        style=Style.from_dict({"bottom-toolbar": "noreverse dim"}),
    )
    return session.prompt


def completions(text: str) -> list[tuple[str, int, str]]:
    """What could stand here: words, where each starts from the cursor (<= 0), meanings. Only for commands."""
    if text.startswith("/mode "):
        word = text.removeprefix("/mode ")
        return [(mode.value, -len(word), "") for mode in Mode if mode.value.startswith(word)]
    if text.startswith("/") and " " not in text:
        return [(name, -len(text), c.help) for name, c in COMMANDS.items() if name.startswith(text)]
    return []


def _history() -> History:
    """The history file in the user's data folder, readable by the user alone; memory if there can be none."""
    from platformdirs import user_data_path
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    path = user_data_path(APP_NAME) / "history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("ab"):
            return FileHistory(path)
    except OSError as error:
        note(f"factcheck: no history is kept: {path} cannot be written: {error.strerror}")
        return InMemoryHistory()


def _key_bindings() -> KeyBindings:
    """Enter sends, or breaks the line after a backslash; Alt-Enter breaks the line."""
    from prompt_toolkit.enums import DEFAULT_BUFFER
    from prompt_toolkit.filters import has_focus
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    bindings = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)  # and not searching the history, where Enter takes what was found

    @bindings.add("enter", filter=typing)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.document.text_before_cursor.endswith("\\"):
            buffer.delete_before_cursor()
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @bindings.add("escape", "enter", filter=typing)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return bindings
