"""Watches over the program from a parent process, so that a crash in native code is told in a sentence.

A segmentation fault inside a model's library ends a process without a word and with status -11. On POSIX the
program therefore runs in a child, forked before anything heavy is imported; the parent sleeps until the child
ends and costs a millisecond or two and no memory to speak of. Parent and child stay in one process group, so
that Ctrl-C, Ctrl-Z and the terminal reach the child directly.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
import time
from collections.abc import Callable
from mmap import mmap
from types import FrameType

FAILED = 2
_STAGE_BYTES = 128
_FORWARDED = ("SIGTERM", "SIGHUP")
_LEFT_TO_CHILD = ("SIGINT", "SIGQUIT")
_ENDED_ON_PURPOSE = frozenset({"SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGPIPE"})

_stage_memory: mmap | None = None


def set_stage(stage: str) -> None:
    """Tell the parent what is being done, as it would follow "while": "writing the summary"."""
    if _stage_memory is not None:
        _stage_memory[:_STAGE_BYTES] = stage.encode()[:_STAGE_BYTES].ljust(_STAGE_BYTES, b"\0")


def supervised(main: Callable[[], int]) -> int:
    """Exit status of `main`, run in a child process where the platform has fork.

    A child that is killed by a signal gives FAILED, with one line on stderr that names signal and stage. The
    child never returns from here.
    """
    if not hasattr(os, "fork"):
        faulthandler.enable()
        return main()
    global _stage_memory
    _stage_memory = mmap(-1, _STAGE_BYTES)
    parent = os.getpid()
    watched = {getattr(signal, name) for name in (*_FORWARDED, *_LEFT_TO_CHILD)} | {signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    signal.signal(signal.SIGCHLD, _nothing)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, watched)
        die_with_parent(parent)
        _run_and_leave(main)
    status = _end_of(child)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, watched)
    if os.WIFSIGNALED(status):
        return _told(signal.Signals(os.WTERMSIG(status)))
    return os.WEXITSTATUS(status)


def die_with_parent(parent: int) -> None:
    """Make sure that this process ends when its parent, which is process `parent`, is killed."""
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(FAILED)
    else:
        import threading

        threading.Thread(target=_poll_parent, args=(parent,), daemon=True).start()


def _poll_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(FAILED)


def _run_and_leave(main: Callable[[], int]) -> None:
    """Run `main` and end the process at once: threads and native libraries are not asked for their leave."""
    status = FAILED
    try:
        status = main()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    finally:
        os._exit(status)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Handle SIGCHLD: where a signal's action is to be ignored, a system may drop it although it is blocked."""


def _end_of(child: int) -> int:
    """Wait status of the child, to which termination is passed on; the watched signals must be blocked.

    A handler of Python's would run only between two of its instructions: a signal that comes just before it waits
    for the child would be noticed when the child has ended. Blocked signals that are waited for cannot be missed.
    """
    for name in _LEFT_TO_CHILD:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    forwarded = {getattr(signal, name) for name in _FORWARDED}
    while True:
        number = signal.sigwait(forwarded | {signal.SIGCHLD})
        if number in forwarded:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number)
        else:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return status


def _told(death: signal.Signals) -> int:
    """Status for a child that `death` has killed; says so unless somebody wanted it to end."""
    if death.name in _ENDED_ON_PURPOSE:
        return 128 + death
    assert _stage_memory is not None
    stage = _stage_memory[:_STAGE_BYTES].rstrip(b"\0").decode(errors="ignore")
    doing = f" while {stage}" if stage else ""
    advice = "; the machine may be out of memory" if death is signal.SIGKILL else ""
    os.write(2, f"factcheck: crashed ({death.name}){doing}{advice}; run `factcheck doctor`\n".encode())
    return FAILED
