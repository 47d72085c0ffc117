"""Passages embedded a second while an index is built, beside sentence-transformers' default `encode`.

    python -m benchmarks.index_build [--passages 3000]

The same passages in turns within one run, and the same neighbours: recall@10 of claims among the vectors that the
index would hold, against those of sentence-transformers. Passages: benchmarks/recombined.py.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

import numpy as np

from benchmarks.recombined import documents, queries
from factcheck.models.bulk_encoder import open_bulk
from factcheck.models.download import source_path
from factcheck.models.encoder import open_encoder
from factcheck.models.registry import load_registry
from factcheck.settings import threads

TOP = 10
QUERIES = 200
ROUND = 500  # passages taken in turn


def neighbours(queries: np.ndarray, passages: np.ndarray) -> np.ndarray:
    """Places of the TOP nearest passages of each query, shape (queries, TOP)."""
    return np.argsort(-(queries @ passages.T), axis=1)[:, :TOP]


def main() -> None:
    """Print both rates, their ratio and the recall."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=3_000)
    args = parser.parse_args()
    exported = open_encoder()
    source = source_path(load_registry().selected("encoder"))
    bulk = open_bulk(source, exported)
    ours = bulk or exported
    print(f"{'torch in bfloat16' if bulk else 'onnxruntime'}, {threads()} threads")

    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads())
    rival = SentenceTransformer(str(source), device="cpu")
    texts = [passage.text for _, passages in documents(args.passages) for passage in passages]
    ours.embed(texts[:50])
    rival.encode(texts[:50], show_progress_bar=False)
    rates: list[tuple[float, float]] = []
    made, expected = [], []
    for start in range(0, len(texts), ROUND):
        part = texts[start : start + ROUND]
        began = time.perf_counter()
        made.append(ours.embed(part))
        between = time.perf_counter()
        expected.append(rival.encode(part, normalize_embeddings=True, show_progress_bar=False))
        rates.append((len(part) / (between - began), len(part) / (time.perf_counter() - between)))
        print(f"factcheck {rates[-1][0]:.0f}/s, sentence-transformers {rates[-1][1]:.0f}/s")
    asked = rival.encode(queries(QUERIES), normalize_embeddings=True, show_progress_bar=False)
    first, second = neighbours(asked, np.concatenate(made)), neighbours(asked, np.concatenate(expected))
    recall = np.mean([len(set(a) & set(b)) / TOP for a, b in zip(first, second, strict=True)])
    print(
        f"median: factcheck {median(a for a, _ in rates):.0f}/s, sentence-transformers "
        f"{median(b for _, b in rates):.0f}/s, ratio {median(a / b for a, b in rates):.2f}, recall@10 {recall:.3f}"
    )


if __name__ == "__main__":
    main()
