"""The program's entry: finds the command, runs it, turns what goes wrong into one line and an exit status.

A command's module is imported only when the command is called, so that `factcheck --help` and the start of
every other command stay fast.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from factcheck import __version__
from factcheck.cli.failures import debugging, failed, internal_error
from factcheck.cli.supervise import supervised
from factcheck.errors import FactcheckError

INTERRUPTED = 130
OUTPUT_CLOSED = 141  # what a shell reports of a program that SIGPIPE ended
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Entry(NamedTuple):
    """Where a command is defined: a function, or a Typer app with commands of its own."""

    module: str
    attribute: str
    help: str


COMMANDS = {
    "check": Entry("factcheck.cli.check", "check", "Check claims; the command that is meant when none is named."),
    "batch": Entry("factcheck.cli.batch", "batch", "Check every claim of a file."),
    "index": Entry("factcheck.cli.index", "app", "Build the index of sources, and add, remove, list, verify them."),
    "models": Entry("factcheck.cli.models", "app", "List, download, verify and choose models."),
    "eval": Entry("factcheck.cli.evaluate", "evaluate", "Measure the verdicts against gold labels."),
    "doctor": Entry("factcheck.cli.doctor", "doctor", "Find out what is wrong with an installation."),
}

_HELP = """\
Usage: factcheck [OPTIONS] CLAIM...
       factcheck COMMAND [ARGS]...

Checks a claim against sources you hold, on your own machine, and cites every sentence it prints.

  factcheck "Russia launched 183 drones"    check a claim
  factcheck < claims.txt                    check claims from standard input, one a line
  factcheck                                 ask one claim after another

Commands:
{commands}

Options:
  --version  Show the version and exit.
  --help     Show this message and exit. `factcheck COMMAND --help` tells of one command,
             `factcheck check --help` of the options that a claim can have.
"""


def run() -> None:
    """The console script."""
    sys.exit(supervised(lambda: main(sys.argv[1:])))


def main(args: Sequence[str]) -> int:
    """Run one command line, without the program's name. Returns the exit status; raises nothing."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    if debugging():
        import faulthandler

        faulthandler.enable()
    try:
        if sys.stdout is None:
            raise FactcheckError("there is no standard output to write to; leave it open, or send it to a file")
        status = _dispatch(list(args))
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the flush at exit would complain
        return OUTPUT_CLOSED
    except FactcheckError as error:
        return failed(str(error))
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return internal_error(error)
        where = error.filename or "the output"
        return failed(f"{where} cannot be written: {error.strerror}; make room, then run it again")
    except MemoryError:
        return failed("out of memory; close other programs or choose a smaller model (factcheck models list)")
    except Exception as error:
        return internal_error(error)


def _dispatch(args: list[str]) -> int:
    first = args[0] if args else ""
    if first in {"--help", "-h"}:
        sys.stdout.write(_help())
        return 0
    if first == "--version":
        sys.stdout.write(f"factcheck {__version__}\n")
        return 0
    if first in COMMANDS:
        return _call(first, args[1:])
    _refuse_misspelt_command(first)
    return _call("check", args)


def _help() -> str:
    width = max(map(len, COMMANDS))
    return _HELP.format(commands="\n".join(f"  {name:{width}}  {e.help}" for name, e in COMMANDS.items()))


def _refuse_misspelt_command(word: str) -> None:
    """A single word is no claim; if it is nearly a command, say so rather than check it."""
    if not word.isalpha():
        return
    from difflib import get_close_matches

    if near := get_close_matches(word.lower(), COMMANDS, n=1, cutoff=0.75):
        raise FactcheckError(
            f"there is no command {word!r}; `factcheck {near[0]}` is one (a claim: factcheck check {word})"
        )


def load_command(name: str) -> Any:
    """The click command of a name in COMMANDS; imports its module."""
    from importlib import import_module

    import typer

    entry = COMMANDS[name]
    target = getattr(import_module(entry.module), entry.attribute)
    if isinstance(target, typer.Typer):
        return typer.main.get_command(target)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name)(target)
    return typer.main.get_command(app)


def _call(name: str, args: list[str]) -> int:
    """Run a command: its integer result, or the code of the typer.Exit that it raised, is the exit status."""
    import typer

    command = load_command(name)
    if not args and hasattr(command, "commands"):
        args = ["--help"]
    if name != "check" and "" in args:  # as an unset shell variable leaves; taken for a path it means "."
        raise FactcheckError("an argument is empty; name a file, a folder or a model there")
    try:
        with command.make_context(f"factcheck {name}", args) as context:
            result = command.invoke(context)
        return result if isinstance(result, int) else 0
    except typer.Exit as leave:
        return leave.exit_code
    except typer.Abort:
        return INTERRUPTED
    except typer.TyperException as error:
        return failed(_explained(error, f"factcheck {name}"))


def _explained(error: Any, command: str) -> str:
    """What is wrong with a command line, and where its options are listed."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else command
    dashed = getattr(error, "option_name", None) and command == "factcheck check"
    advice = "a claim that starts with a dash goes after --; " if dashed else ""
    return f"{error.format_message().rstrip('.')} ({advice}see: {command} --help)"
