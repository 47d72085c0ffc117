"""How the index grows: building, opening, searching and adding, from 1,000 passages to 1,000,000.

    python -m benchmarks.index_scale [--sizes 1000 10000 100000 1000000] [--folder DIR] [--plot OUT.png]

Each size is built in a process of its own, whose greatest memory is told. Passages are recombined sentences and their
vectors means of sentence vectors (benchmarks/recombined.py): the times of building are those of everything but the
encoder, which benchmarks/index_build.py measures. Recall is against exact search over the same vectors.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import numpy as np

from benchmarks.recombined import PASSAGES_A_DOCUMENT, RecombinedEncoder, documents, queries
from factcheck.models.encoder import open_encoder
from factcheck.store.search import Searcher
from factcheck.store.store import Store

QUERIES = 100
TOP = 10
ADDED_DOCUMENTS = 10
T = TypeVar("T")


def timed(action: Callable[[], T]) -> tuple[float, T]:
    """Seconds, and what the action returns."""
    began = time.perf_counter()
    result = action()
    return time.perf_counter() - began, result


def quiet(_message: str) -> None:
    """A note that nobody reads."""


def build(folder: Path, size: int) -> dict[str, Any]:
    """Build an index of `size` passages; seconds, MB on the disk, and the greatest memory of this process in MB."""
    encoder = RecombinedEncoder(open_encoder())
    encoder.learn()
    store = Store.open_to_build(folder, note=quiet)
    seconds, _ = timed(lambda: store.build(documents(size), encoder))
    store.close()
    disk = sum(file.stat().st_size for file in folder.iterdir())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"build_s": round(seconds, 1), "disk_mb": round(disk / 1e6), "memory_mb": round(memory)}


def measure(folder: Path) -> dict[str, Any]:
    """Opening, searching and adding, on an index that is there."""
    encoder = open_encoder()
    encoder.load()
    asked = queries(QUERIES)
    vectors = encoder.embed(asked)
    embed = [timed(lambda text=text: encoder.embed([text]))[0] for text in asked]  # type: ignore[misc]

    def opened() -> Store:
        store = Store.open(folder, note=quiet)
        with store.snapshot() as (_, index):
            index.search(vectors[:1], TOP)
        return store

    open_s, store = timed(opened)
    searcher = Searcher(store, encoder)
    searcher.search(asked[0], TOP)
    whole = [timed(lambda text=text: searcher.search(text, TOP))[0] for text in asked]  # type: ignore[misc]
    with store.snapshot() as (passages, index):
        dense = [timed(lambda row=row: index.search(row[None, :], TOP)) for row in vectors]  # type: ignore[misc]
        found = [ids[0] for _, ids in dense]
        exact = exact_neighbours(passages.vectors(encoder.dimension), vectors)
    recall = float(np.mean([len(set(a) & set(b)) / TOP for a, b in zip(found, exact, strict=True)]))
    new = list(documents(ADDED_DOCUMENTS * PASSAGES_A_DOCUMENT, seed=77))
    add_s, _ = timed(lambda: store.add(new, encoder))
    store.remove([document.name for document, _ in new])
    store.close()
    return {
        "open_s": round(open_s, 3),
        "embed_ms": round(1000 * median(embed), 1),
        "dense_ms": round(1000 * median(seconds for seconds, _ in dense), 2),
        "retrieval_ms": round(1000 * median(whole), 1),
        "recall_at_10": round(recall, 3),
        "add_10_documents_s": round(add_s, 2),
    }


def exact_neighbours(batches: Any, vectors: np.ndarray) -> list[list[int]]:
    """Ids of the TOP nearest of each vector, by comparing all."""
    best: list[list[tuple[float, int]]] = [[] for _ in vectors]
    for ids, batch in batches:
        for row, scores in enumerate(vectors @ batch.T):
            top = np.argpartition(-scores, min(TOP, len(scores) - 1))[:TOP]
            best[row] = sorted([*best[row], *((float(scores[i]), int(ids[i])) for i in top)], reverse=True)[:TOP]
    return [[row_id for _, row_id in row] for row in best]


def plot(rows: list[dict[str, Any]], out: Path) -> None:
    """Cost against size, both on logarithmic scales."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.5))
    for key, label in (
        ("build_s", "build without encoder, s"),
        ("add_10_documents_s", "add ten documents, s"),
        ("retrieval_ms", "retrieval, ms"),
        ("dense_ms", "vector search, ms"),
    ):
        axes.plot([row["size"] for row in rows], [row[key] for row in rows], marker="o", label=label)
    axes.set(xscale="log", yscale="log", xlabel="passages")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(out, dpi=120)


def main() -> None:
    """Measure each size and print a table; with `--step`, be the process that does one of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, help="keep the indexes here")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--step", choices=["build", "measure"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.step:
        print(json.dumps(build(args.folder, args.sizes[0]) if args.step == "build" else measure(args.folder)))
        return
    base = args.folder or Path(tempfile.mkdtemp(prefix="factcheck-"))
    rows = []
    for size in args.sizes:
        folder = base / str(size)
        row: dict[str, Any] = {"size": size}
        for step in ("build", "measure"):
            command = [sys.executable, "-m", "benchmarks.index_scale", "--step", step]
            command += ["--sizes", str(size), "--folder", str(folder)]
            row |= json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        rows.append(row)
        if not args.folder:
            shutil.rmtree(folder)
        print(json.dumps(row), flush=True)
    print(f"| {' | '.join(rows[0])} |\n|{' --- |' * len(rows[0])}")
    for row in rows:
        print(f"| {' | '.join(f'{value:,}' for value in row.values())} |")
    if args.plot:
        plot(rows, args.plot)


if __name__ == "__main__":
    main()
