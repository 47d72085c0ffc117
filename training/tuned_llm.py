"""The LLM of a run of `train_llm` as a judge: in bfloat16 and many pairs at once, where llama.cpp would take long."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from factcheck.protocols import Pair
from factcheck.verdict.llm_judge import MAX_PREMISE_CHARS
from training.data import UNLABELLED, Example
from training.llm_lessons import batch_of, packed
from training.train_llm import ROWS, WIDTH, AnswerModel, Asker, open_run

REPORT_EVERY = 20  # batches


class TunedLlm:
    """What `LlmJudge` says with the adapter of a run, up to rounding (8-bit products there, bfloat16 here)."""

    def __init__(self, run: Path) -> None:
        self._asker = Asker()
        self._model: AnswerModel = open_run(self._asker, run)

    @torch.no_grad()
    def judge(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """Stance probabilities, shape (n, 3)."""
        examples = [Example(pair.claim, pair.premise[:MAX_PREMISE_CHARS], UNLABELLED, "") for pair in pairs]
        trees = self._asker.trees([example] for example in examples)
        order = sorted(range(len(trees)), key=lambda i: -trees[i].size)
        packs = packed([trees[i].size for i in order], WIDTH)
        opinions = np.zeros((len(pairs), 3))
        for number, start in enumerate(range(0, len(packs), ROWS), 1):
            rows = [[order[i] for i in pack] for pack in packs[start : start + ROWS]]
            logits = self._model(batch_of([[trees[i] for i in row] for row in rows], len(self._asker.opening), WIDTH))
            opinions[[i for row in rows for i in row]] = torch.softmax(logits, dim=1).double().numpy()
            if number % REPORT_EVERY == 0:
                print(f"{min(start + ROWS, len(packs))} of {len(packs)} rows of texts", flush=True)
        return opinions
