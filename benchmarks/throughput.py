"""Verdicts over many passages: one claim at a time as in the REPL, and a file of claims, beside a plain pipeline.

    python -m benchmarks.throughput [--passages 100000] [--claims 1000] [--folder DIR]

The plain pipeline is what one writes with the libraries alone: sentence-transformers embeds the claim, exact FAISS
finds ten passages, sentence-transformers' CrossEncoder judges as many pairs as factcheck does. It keeps its vectors
in memory and has no search by words, no rules and no reports. Passages: benchmarks/recombined.py.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.index_scale import build
from benchmarks.recombined import queries
from factcheck.checker import MAX_WINDOWS, CheckOptions, FactChecker
from factcheck.models.download import model_path
from factcheck.models.registry import load_registry
from factcheck.settings import Mode, threads
from factcheck.types import Claim

PLAIN_CLAIMS = 50
WARM_CLAIMS = 100
TOP = 10


def warm(folder: Path, texts: list[str]) -> float:
    """Median milliseconds of a fast verdict in a process that is running, one claim at a time."""
    checker, options = FactChecker.open(folder), CheckOptions(mode=Mode.FAST)
    for text in texts[:3]:
        checker.decide([Claim(text=text)], options)
    taken = []
    for text in texts[3:]:
        began = time.perf_counter()
        checker.decide([Claim(text=text)], options)
        taken.append(1000 * (time.perf_counter() - began))
    checker.close()
    return median(taken)


def batch(folder: Path, texts: list[str]) -> tuple[float, float]:
    """Claims a second of `factcheck batch --mode fast`, start and end included, and its greatest memory in MB."""
    program = Path(sys.executable).with_name("factcheck")
    with tempfile.TemporaryDirectory() as name:
        claims, out = Path(name) / "claims.txt", Path(name) / "out.jsonl"
        claims.write_text("\n".join(texts) + "\n", encoding="utf-8")
        began = time.perf_counter()
        command = [str(program), "batch", str(claims), "-o", str(out), "--mode", "fast", "--exit-zero"]
        process = subprocess.Popen([*command, "--index", str(folder)], stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        written = len(out.read_text(encoding="utf-8").splitlines())
    if status or written != len(texts):
        raise SystemExit(f"factcheck batch wrote {written} of {len(texts)} results")
    return len(texts) / seconds, usage.ru_maxrss / 1024


def plain(folder: Path, texts: list[str]) -> float:
    """Median milliseconds a claim of the plain pipeline."""
    import faiss
    import numpy as np
    import torch
    from sentence_transformers import CrossEncoder, SentenceTransformer

    torch.set_num_threads(threads())
    source = str(model_path(load_registry().selected("encoder")).with_name("source"))
    encoder = SentenceTransformer(source, device="cpu")
    judge = CrossEncoder(source, num_labels=3, device="cpu")
    checker = FactChecker.open(folder)
    assert checker._store is not None
    index = faiss.IndexFlatIP(384)
    places: list[int] = []
    with checker._store.snapshot() as (passages, _):
        for ids, vectors in passages.vectors(384):
            index.add(vectors)
            places += ids.tolist()
        taken = []
        for text in texts:
            began = time.perf_counter()
            vector = encoder.encode([text], show_progress_bar=False)
            _, rows = index.search(np.asarray(vector), TOP)
            stored = passages.fetch([places[row] for row in rows[0]])
            premises = [item.passage.text[:300] for item in stored.values()][:MAX_WINDOWS]
            judge.predict([(premise, text) for premise in premises], show_progress_bar=False)
            taken.append(1000 * (time.perf_counter() - began))
    checker.close()
    return median(taken)


def main() -> None:
    """Build the index unless it is there, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--claims", type=int, default=1_000)
    parser.add_argument("--folder", type=Path, help="an index that is there, or is to be made there")
    args = parser.parse_args()
    folder = args.folder or Path(tempfile.mkdtemp(prefix="factcheck-"))
    if not (folder / "passages.sqlite").exists():
        print(f"building an index of {args.passages:,} passages", file=sys.stderr)
        build(folder, args.passages)
    texts = queries(max(args.claims, WARM_CLAIMS, PLAIN_CLAIMS))
    one = warm(folder, texts[:WARM_CLAIMS])
    rate, memory = batch(folder, texts[: args.claims])
    other = plain(folder, texts[:PLAIN_CLAIMS])
    print(f"one claim at a time, warm: factcheck {one:.0f} ms, plain pipeline {other:.0f} ms, ratio {other / one:.1f}")
    print(f"a file of {args.claims:,} claims: {rate:.1f} claims a second, {memory:.0f} MB at most,")
    print(f"  {rate * other / 1000:.1f} times the plain pipeline's {1000 / other:.1f}")


if __name__ == "__main__":
    main()
