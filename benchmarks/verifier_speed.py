"""Pairs a second of the verifier and the reviewer, beside sentence-transformers' CrossEncoder of the verifier's size.

    python -m benchmarks.verifier_speed [--pairs 512] [--rounds 3]

Both judge the same pairs of about 60 tokens, made of sentences of seeds/, in turns within one run; the ratio is
what carries over to other machines. The CrossEncoder is the encoder's own float weights with a fresh head of three
labels: what it computes costs the same as the verifier before it was quantised, and only its speed is of interest.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from statistics import median

from factcheck.corpus.passages import passages_of
from factcheck.corpus.readers import find_sources, read_source
from factcheck.models.download import model_path
from factcheck.models.registry import load_registry
from factcheck.models.verifier import open_reviewer, open_verifier
from factcheck.protocols import Pair
from factcheck.settings import resource, threads


def make_pairs(count: int) -> list[Pair]:
    """Pairs of two neighbouring sentences of the seeds and a third one as the claim; the same at every run."""
    rng = random.Random(3)
    sentences = [
        passage.text[span.start : span.end]
        for source in find_sources([resource("seeds")])
        for document in read_source(source)
        for passage in passages_of(document)
        for span in passage.sentences
        if 60 < span.end - span.start < 180
    ]
    return [Pair(rng.choice(sentences), rng.choice(sentences)) for _ in range(count)]


def seconds(judge: Callable[[], object]) -> float:
    """Wall-clock of one call."""
    began = time.perf_counter()
    judge()
    return time.perf_counter() - began


def main() -> None:
    """Print both rates and their ratio, round by round and at the median."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    pairs = make_pairs(args.pairs)
    verifier = open_verifier()
    verifier.judge(pairs[:8])

    import torch
    from sentence_transformers import CrossEncoder
    from tokenizers import Tokenizer

    torch.set_num_threads(threads())
    folder = model_path(load_registry().selected("encoder")).with_name("source")
    rival = CrossEncoder(str(folder), num_labels=3, device="cpu")
    texts = [(pair.premise, pair.claim) for pair in pairs]
    rival.predict(texts[:8])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokens = [len(encoding.ids) for encoding in tokenizer.encode_batch(texts)]
    print(f"{len(pairs)} pairs of {sum(tokens) / len(tokens):.0f} tokens at the mean, {threads()} threads")
    ours, theirs = [], []
    for number in range(args.rounds):
        ours.append(len(pairs) / seconds(lambda: verifier.judge(pairs)))
        theirs.append(len(pairs) / seconds(lambda: rival.predict(texts, batch_size=32)))
        print(f"round {number + 1}: verifier {ours[-1]:.0f}/s, CrossEncoder.predict {theirs[-1]:.0f}/s")
    print(
        f"median: verifier {median(ours):.0f}/s, CrossEncoder.predict {median(theirs):.0f}/s, "
        f"ratio {median(ours) / median(theirs):.2f}"
    )
    if (reviewer := open_reviewer()) is not None:
        reviewer.judge(pairs[:8])
        some = pairs[: args.pairs // 4]
        print(f"reviewer {len(some) / seconds(lambda: reviewer.judge(some)):.0f}/s")


if __name__ == "__main__":
    main()
