"""Shows how far a long step is: one line that is rewritten on a terminal, a line every tenth elsewhere."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from types import TracebackType

_CLEAR_LINE = "\r\x1b[K"


def say(text: str) -> None:
    """Write a line to standard error; standard output belongs to results."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


class Progress:
    """The state of one step: `with Progress("compiling") as progress: progress.update(3, 90)`."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._terminal = sys.stderr.isatty()
        self._started = time.monotonic()
        self._state = ""
        self._tenth = 0
        self._stop = threading.Event()
        self._clock = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Progress:
        if self._terminal:
            self._clock.start()
        else:
            say(f"  {self._label} ...")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._terminal:
            self._clock.join()
            sys.stderr.write(_CLEAR_LINE)
        outcome = "done" if kind is None else "not finished"
        say(f"  {self._label}: {outcome} after {self._elapsed()}")

    def update(self, done: int, total: int, detail: str = "") -> None:
        """Say that `done` of `total` parts are done (total 0: not known)."""
        self._state = f"[{done}/{total}] {detail}" if total else detail
        tenth = 10 * done // total if total else 0
        if not self._terminal and tenth > self._tenth:
            self._tenth = tenth
            say(f"  {self._label} {self._state.rstrip()} after {self._elapsed()}")

    def _tick(self) -> None:
        while True:
            line = f"  {self._label} {self._state} {self._elapsed()}"
            sys.stderr.write(_CLEAR_LINE + line[: shutil.get_terminal_size().columns - 1])
            sys.stderr.flush()
            if self._stop.wait(0.5):
                return

    def _elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        return f"{minutes}:{seconds:02d}"
