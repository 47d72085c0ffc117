"""What went wrong, in one line on stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from factcheck.cli.supervise import FAILED

if TYPE_CHECKING:
    from pathlib import Path


def failed(message: str) -> int:
    """Print the message as one line; returns the exit status of a failure."""
    from factcheck.cli.console import note

    note(f"factcheck: {message}")
    return FAILED


def internal_error(error: Exception) -> int:
    """Tell of a bug in one line; the traceback goes to a file, and to stderr under FACTCHECK_DEBUG=1."""
    import traceback

    trace = "".join(traceback.format_exception(error))
    if debugging():
        sys.stderr.write(trace)
    log = _write_log(trace)
    where = f"details are in {log}" if log else "set FACTCHECK_DEBUG=1 to see the details"
    return failed(f"internal error: {type(error).__name__}: {str(error)[:200]}; {where}")


def debugging() -> bool:
    """Whether the user wants to see tracebacks."""
    return os.environ.get("FACTCHECK_DEBUG") == "1"


def _write_log(trace: str) -> Path | None:
    from datetime import datetime

    from factcheck.settings import user_cache_dir

    path = user_cache_dir() / "errors" / f"{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(trace, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
    return path
