"""Checks the claims of a batch in chunks, in this process or in several."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

from factcheck.cli.answer import DECIDING, SUMMARISING
from factcheck.cli.supervise import die_with_parent, set_stage
from factcheck.errors import ModelError
from factcheck.settings import Mode, threads
from factcheck.types import Claim, Report

if TYPE_CHECKING:
    from factcheck.checker import CheckOptions, FactChecker

# Claims decided together: enough to share the work, few enough to see progress and lose little. Without the LLM a
# claim takes hundredths of a second, and more of them at once share more.
CHUNK = 8
FAST_CHUNK = 64

Opener = Callable[[], "FactChecker"]


def check_claims(
    claims: Sequence[Claim], opener: Opener, options: CheckOptions, *, jobs: int, summary: bool
) -> Generator[Report, None, None]:
    """The reports in the order of the claims, as they are ready. Raises FactcheckError.

    With more than one job, each worker process opens a chain of its own (`opener` must be picklable) and gets
    its share of the cores.
    """
    size = FAST_CHUNK if options.mode is Mode.FAST and not summary else CHUNK
    size = max(1, min(size, -(-len(claims) // jobs)))  # every worker has something to do
    chunks = [claims[start : start + size] for start in range(0, len(claims), size)]
    jobs = min(jobs, len(chunks))
    if jobs > 1:
        yield from _in_processes(chunks, opener, options, jobs, summary)
    elif chunks:
        with closing(opener()) as checker:
            if summary:
                checker.preload()
            yield from _check_chunks(checker, options, summary, chunks)


def _check_chunks(
    checker: FactChecker, options: CheckOptions, summary: bool, chunks: Iterable[Sequence[Claim]]
) -> Iterator[Report]:
    decided = _decided(checker, options, chunks)
    return checker.summarise_many(decided) if summary else decided


def _decided(checker: FactChecker, options: CheckOptions, chunks: Iterable[Sequence[Claim]]) -> Iterator[Report]:
    for chunk in chunks:
        set_stage(DECIDING)
        reports = checker.decide(chunk, options)
        set_stage(SUMMARISING)
        yield from reports


def _in_processes(
    chunks: Sequence[Sequence[Claim]], opener: Opener, options: CheckOptions, jobs: int, summary: bool
) -> Iterator[Report]:
    set_stage("worker processes were checking claims")
    share = max(1, threads() // jobs)
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_start_worker, initargs=(os.getpid(), share)
    )
    try:
        for reports in pool.map(partial(_check_in_worker, opener, options, summary), chunks):
            yield from reports
    except BrokenProcessPool as error:
        raise ModelError(
            "a worker process crashed; what is finished is kept: use fewer --jobs, or run `factcheck doctor`"
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


_worker_checker: FactChecker | None = None


def _start_worker(parent: int, share: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends a worker without a traceback
    os.environ["FACTCHECK_THREADS"] = str(share)
    if hasattr(os, "fork"):
        die_with_parent(parent)


def _check_in_worker(opener: Opener, options: CheckOptions, summary: bool, chunk: Sequence[Claim]) -> list[Report]:
    global _worker_checker
    if _worker_checker is None:
        _worker_checker = opener()
    return list(_check_chunks(_worker_checker, options, summary, [chunk]))
