"""What the REPL does with a line: checks a claim, or obeys a command that starts with a slash."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from factcheck.claims import read_claim
from factcheck.cli.answer import DECIDING, Troubles, print_footer, print_summary, print_verdict
from factcheck.cli.console import in_colour, note, show
from factcheck.cli.supervise import set_stage
from factcheck.errors import InputError
from factcheck.report.escape import plain
from factcheck.report.words import LABEL_NAMES, day, percent
from factcheck.settings import Mode
from factcheck.types import Label, Report

if TYPE_CHECKING:
    from rich.console import Console

    from factcheck.checker import CheckOptions, FactChecker


class Command(NamedTuple):
    """A command's argument, as help shows it, and what it does."""

    argument: str
    help: str


COMMANDS = {
    "/help": Command("", "show this list"),
    "/sources": Command("", "list the indexed documents"),
    "/evidence": Command("N", "show the whole passage of [N], with the quoted words marked"),
    "/why": Command("", "show reasons, scores and timings of the last answer"),
    "/json": Command("", "show the last answer as JSON"),
    "/mode": Command("[fast|auto|thorough]", "show or change when the language model is asked for the verdict"),
    "/save": Command("FILE", "write the last answer to a new .md, .html or .json file"),
    "/quit": Command("", "leave"),
}
_KEYS = (
    ("Ctrl-R", "search the history"),
    ("Alt-Enter", "new line; so does Enter after a backslash"),
    ("Ctrl-C", "stop the answer"),
    ("Ctrl-D", "leave"),
)


class Conversation:
    """Claims and commands in turn; remembers the last answer and the mode."""

    def __init__(
        self,
        checker: FactChecker,
        console: Console,
        options: CheckOptions,
        as_of: date | None,
        *,
        summary: bool,
    ) -> None:
        self._checker = checker
        self._console = console
        self._options = options
        self._as_of = as_of
        self._summary = summary
        self._sources = len(checker.documents())
        self._last: Report | None = None
        self._commands: dict[str, Callable[[str], None]] = {
            "/help": self._help,
            "/sources": self._list_sources,
            "/evidence": self._show_evidence,
            "/why": self._why,
            "/json": self._json,
            "/mode": self._mode,
            "/save": self._save,
        }

    def status_line(self) -> str:
        """Mode and number of sources, for the toolbar."""
        return f"mode {self._options.mode.value} · {_count(self._sources, 'source')}"

    def respond(self, text: str) -> bool:
        """Answer one line; False if it asks to leave. Raises FactcheckError, KeyboardInterrupt."""
        text = text.strip()
        if not text:
            return True
        if not text.startswith("/"):
            self._check(text)
            return True
        name, _, argument = text.partition(" ")
        if name == "/quit":
            return False
        if name not in self._commands:
            raise InputError(f"there is no command {name}; /help lists them")
        self._commands[name](argument.strip())
        return True

    def _check(self, text: str) -> None:
        claim = read_claim(text, self._as_of)
        set_stage(DECIDING)
        (report,) = self._checker.decide([claim], self._options)
        self._last = report
        print_verdict(self._console, report)
        if self._summary:
            report = self._last = print_summary(self._console, self._checker, report)
        print_footer(self._console, report)
        Troubles().tell(report)

    def _answered(self) -> Report:
        if self._last is None:
            raise InputError("nothing has been answered yet; write a claim first")
        return self._last

    def _help(self, _argument: str) -> None:
        usages = [(f"{name} {command.argument}".strip(), command.help) for name, command in COMMANDS.items()]
        self._print_table([*usages, ("", ""), *_KEYS])

    def _list_sources(self, _argument: str) -> None:
        documents = self._checker.documents()
        self._sources = len(documents)
        rows = []
        for document, passages in documents:
            about = [plain(part) for part in (document.publisher, day(document.date), document.title) if part]
            rows.append((plain(document.name), " · ".join([*about, _count(passages, "passage")])))
        if not rows:
            raise InputError("the index is empty; add sources with: factcheck index add PATH")
        self._print_table(rows)

    def _show_evidence(self, argument: str) -> None:
        from factcheck.report.terminal import render_evidence

        evidence = {str(item.id): item for item in self._answered().verdict.evidence}
        item = evidence.get(argument.strip("[]"))
        if item is None:
            known = ", ".join(evidence) or "none"
            raise InputError(f"/evidence takes the number of a passage of the last answer (there are: {known})")
        show(self._console, render_evidence(item, self._console.width, colour=in_colour(self._console)))

    def _why(self, _argument: str) -> None:
        report = self._answered()
        verdict = report.verdict
        sure = "" if verdict.label is Label.NOT_ENOUGH_INFO else f", {percent(verdict.confidence)} sure"
        rows = [("verdict", f"{LABEL_NAMES[verdict.label]}{sure}")]
        rows += [("cause", verdict.cause.value)] if verdict.cause else []
        for item in verdict.evidence:
            reasons = "; ".join(map(plain, item.reasons)) or "judged as a whole"
            rows.append((f"[{item.id}]", f"{item.stance.value.lower()} {percent(item.score)}: {reasons}"))
        rows += [("note", plain(text)) for text in verdict.notes]
        rows += [(name, plain(value)) for name, value in report.models.model_dump().items() if value]
        rows.append(("time", ", ".join(f"{plain(name)} {ms:.0f} ms" for name, ms in report.timings_ms.items())))
        self._print_table(rows)

    def _json(self, _argument: str) -> None:
        from factcheck.report.json_lines import format_json_line

        self._console.file.write(format_json_line(self._answered()) + "\n")

    def _mode(self, argument: str) -> None:
        if argument:
            try:
                mode = Mode(argument)
            except ValueError:
                raise InputError(f"there is no mode {argument!r}; there are fast, auto and thorough") from None
            self._options = dataclasses.replace(self._options, mode=mode)
        note(f"mode {self._options.mode.value}")

    def _save(self, argument: str) -> None:
        report = self._answered()
        if not argument:
            raise InputError("/save takes the name of a new file: .md, .html or .json")
        path = Path(argument).expanduser()
        text = _formatted(report, path.suffix.lower())
        try:
            with path.open("x", encoding="utf-8") as stream:
                stream.write(text)
        except FileExistsError:
            raise InputError(f"{path} exists; give another name") from None
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror}") from error
        note(f"saved to {path}")

    def _print_table(self, rows: list[tuple[str, str]]) -> None:
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(max_width=max(20, self._console.width // 2), overflow="fold")
        grid.add_column()
        for name, words in rows:
            grid.add_row(Text(f"  {name}", "cyan"), Text(words))
        show(self._console, grid)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _formatted(report: Report, suffix: str) -> str:
    if suffix in {".json", ".jsonl"}:
        from factcheck.report.json_lines import format_json_line

        return format_json_line(report) + "\n"
    if suffix in {".md", ".markdown"}:
        from factcheck.report.markdown import format_markdown

        return format_markdown([report])
    if suffix in {".html", ".htm"}:
        from factcheck.report.html import format_html

        return format_html([report])
    raise InputError("/save takes the name of a new file: .md, .html or .json")
