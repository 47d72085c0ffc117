"""The REPL: asks for one claim after another; index and models are loaded once."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from factcheck import __version__
from factcheck.cli.answer import open_checker
from factcheck.cli.console import note, result_console, show
from factcheck.cli.conversation import Conversation
from factcheck.cli.failures import failed, internal_error
from factcheck.errors import FactcheckError

if TYPE_CHECKING:
    from factcheck.checker import CheckOptions


def repl(options: CheckOptions, day: date | None, index: Path | None, *, summary: bool) -> int:
    """Answer until the user leaves. Returns 0; raises FactcheckError if nothing can be opened."""
    from rich.text import Text

    from factcheck.cli.prompt import make_prompt

    with closing(open_checker(index)) as checker:
        if summary:
            checker.preload()
        console = result_console()
        conversation = Conversation(checker, console, options, day, summary=summary)
        ask = make_prompt(conversation.status_line)
        show(console, Text(f"factcheck {__version__} · {conversation.status_line()}", "dim"))
        show(console, Text("Write a claim and press Enter; /help tells of more, Ctrl-D leaves.", "dim"))
        while True:
            try:
                text = ask()
            except KeyboardInterrupt:
                continue
            except EOFError:
                return 0
            if not _respond(conversation, text):
                return 0
            console.print()


def _respond(conversation: Conversation, text: str) -> bool:
    """One turn; what fails costs the turn only. Returns False when the user wants to leave."""
    try:
        return conversation.respond(text)
    except KeyboardInterrupt:
        note("stopped")
    except FactcheckError as error:
        failed(str(error))
    except BrokenPipeError:
        raise
    except Exception as error:
        internal_error(error)
    return True
