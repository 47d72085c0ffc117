"""The two streams: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from factcheck.report.escape import plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


def result_console() -> Console:
    """A console on stdout that interprets no markup; plain text where stdout is no terminal."""
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False)


def note_console() -> Console:
    """A console on stderr, for progress."""
    from rich.console import Console

    return Console(stderr=True, markup=False, emoji=False, highlight=False)


def show(console: Console, *renderables: RenderableType) -> None:
    """Print without the spaces that a layout leaves at the ends of lines, and flush."""
    with console.capture() as capture:
        for renderable in renderables:
            console.print(renderable, crop=False)
    console.file.write("".join(f"{line.rstrip(' ')}\n" for line in capture.get().splitlines()))
    console.file.flush()


def in_colour(console: Console) -> bool:
    """Whether styles can be seen, so that quotation marks need not show what is quoted."""
    return console.is_terminal and not console.no_color and not console.is_dumb_terminal


def note(message: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"{' '.join(plain(message).split())}\n")
    sys.stderr.flush()
