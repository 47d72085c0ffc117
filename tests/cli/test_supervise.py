import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def supervised(body: str, stdin: int | None = None) -> subprocess.Popen[str]:
    """A process that runs `body`, which ends in an expression, under supervision."""
    *statements, last = body.strip().splitlines()
    code = "\n".join(
        [
            "import os, signal, sys, time",
            # A shell starts what it runs in the background with SIGINT ignored, nohup with SIGHUP ignored, and
            # children inherit that.
            "signal.signal(signal.SIGINT, signal.default_int_handler)",
            "signal.signal(signal.SIGHUP, signal.SIG_DFL)",
            "from factcheck.cli.supervise import set_stage, supervised",
            "def main():",
            *(f"    {line}" for line in statements),
            f"    return {last}",
            "sys.exit(supervised(main))",
        ]
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(body: str) -> tuple[int, str, str]:
    with supervised(body) as process:
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err


def test_exit_status_and_output_pass_through() -> None:
    assert outcome("print('result')\n1") == (1, "result\n", "")


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGILL", "SIGABRT"])
def test_crash_is_told_in_one_line_with_its_stage(name: str) -> None:
    assert outcome(f"set_stage('writing the summary')\nos.kill(os.getpid(), signal.{name})\n0") == (
        2,
        "",
        f"factcheck: crashed ({name}) while writing the summary; run `factcheck doctor`\n",
    )


def test_kill_by_the_system_hints_at_memory() -> None:
    assert outcome("os.kill(os.getpid(), signal.SIGKILL)\n0") == (
        2,
        "",
        "factcheck: crashed (SIGKILL); the machine may be out of memory; run `factcheck doctor`\n",
    )


def test_what_was_flushed_before_a_crash_is_kept() -> None:
    status, out, _ = outcome("print('verdict', flush=True)\nos.kill(os.getpid(), signal.SIGSEGV)\n0")
    assert (status, out) == (2, "verdict\n")


def test_exception_that_escapes_is_a_failure() -> None:
    status, out, _ = outcome("1 / 0\n0")
    assert (status, out) == (2, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_termination_reaches_the_child_and_is_quiet(number: signal.Signals) -> None:
    with supervised("print(os.getpid(), flush=True)\ntime.sleep(60)\n0") as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (128 + number, "")
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_termination_before_the_child_is_watched_is_not_lost() -> None:
    at_once = "os.kill(os.getppid(), signal.SIGTERM)\ntime.sleep(60)\n0"
    for _ in range(5):
        assert outcome(at_once) == (128 + signal.SIGTERM, "", "")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_child_that_stops_and_goes_on_is_still_watched() -> None:
    with supervised("print(os.getpid(), flush=True)\nsys.stdin.read()\n7", stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        os.kill(child, signal.SIGSTOP)
        while state(child) != "T":
            time.sleep(0.01)
        os.kill(child, signal.SIGCONT)
        process.communicate(timeout=30)
        assert process.returncode == 7


def test_interrupt_is_left_to_the_child() -> None:
    # Short sleeps: a signal that comes just before Python begins to sleep is noticed when it has slept.
    with supervised("print(os.getpid(), flush=True)\nfor _ in range(600): time.sleep(0.1)\n0") as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        os.kill(child, signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (130, "")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_child_dies_with_its_parent() -> None:
    with supervised("print(os.getpid(), flush=True)\ntime.sleep(60)\n0") as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
        process.wait()
        assert gone(child)


def gone(pid: int) -> bool:
    """Whether a process that was killed has ended; an orphan's zombie counts as ended."""
    for _ in range(100):
        if state(pid) in {"", "Z"}:
            return True
        time.sleep(0.05)
    return False


def state(pid: int) -> str:
    """The process's state as one letter (T for stopped), or "" if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""
