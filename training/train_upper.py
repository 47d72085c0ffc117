r"""Goes on with the upper blocks of the reviewer, where a machine is too slow to train all of it.

    python -m training.train_upper --base BASE --reviewer MODEL.onnx --init RUN --data TRAIN --written WRITTEN \
        --out RUN_FOLDER

What the lower blocks say of a pair is computed once, by the reviewer as it is in use, in 8-bit integers; they do not
change. The upper ones are trained on that in floats, each epoch on the same pairs. Of every written file the last
passages are left out and reported on. The checkpoint is one of the whole model, as `train_verifier` writes it.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.data import LABELS, Example, certain, data_hashes
from training.lessons import add_arguments, lesson
from training.train_verifier import CrossEncoder, encode, like_length, open_tokenizer, run_log
from training.written import held_out

_OUTPUT = "/bert/encoder/layer.{}/output/LayerNorm/LayerNormalization_output_0"


class Lower(NamedTuple):
    """What the lower blocks make of each pair: arrays (tokens, width), half precision; and what to learn of it."""

    hidden: list[NDArray[np.float16]]
    targets: Tensor


class LowerBlocks:
    """The reviewer's first `blocks` blocks, as it is in use."""

    def __init__(self, reviewer: Path, blocks: int) -> None:
        model = onnx.load(str(reviewer))
        self._output = _OUTPUT.format(blocks - 1)
        del model.graph.output[:]
        model.graph.output.append(onnx.helper.make_tensor_value_info(self._output, onnx.TensorProto.FLOAT, None))
        self._session = ort.InferenceSession(model.SerializeToString())

    def hidden(self, rows: Sequence[list[int]], padding: int) -> list[NDArray[np.float16]]:
        """Of each row of token ids, shape (tokens, width)."""
        found: list[NDArray[np.float16]] = [np.empty((0, 0), np.float16)] * len(rows)
        for group in like_length([len(row) for row in rows], 16, None):
            ids = np.full((len(group), max(len(rows[i]) for i in group)), padding, dtype=np.int64)
            for row, i in enumerate(group):
                ids[row, : len(rows[i])] = rows[i]
            feeds = {"input_ids": ids, "attention_mask": (ids != padding).astype(np.int64)}
            (output,) = self._session.run([self._output], feeds)
            for row, i in enumerate(group):
                found[i] = output[row, : len(rows[i])].astype(np.float16)
        return found


def upper_logits(model: CrossEncoder, hidden: Tensor, mask: Tensor, blocks: int) -> Tensor:
    """Logits (batch, 3) from what the lower blocks gave: hidden (batch, tokens, width), mask (batch, tokens)."""
    encoder = model.bert.encoder
    bias = encoder.compute_position_bias(hidden)
    closed = (1.0 - mask[:, None, None, :]) * torch.finfo(torch.float32).min
    for layer in encoder.layer[blocks:]:
        hidden = layer(hidden, closed, bias)[0]
    return model.read(hidden, mask)


def batches(lower: Lower, size: int, rng: random.Random) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """(hidden, mask, targets) of pairs of like length, in random order."""
    for group in like_length([len(hidden) for hidden in lower.hidden], size, rng, span=32):
        longest = max(len(lower.hidden[i]) for i in group)
        hidden = torch.zeros(len(group), longest, lower.hidden[group[0]].shape[1])
        mask = torch.zeros(len(group), longest)
        for row, i in enumerate(group):
            own = torch.from_numpy(lower.hidden[i].astype(np.float32))
            hidden[row, : len(own)], mask[row, : len(own)] = own, 1.0
        yield hidden, mask, lower.targets[group]


@torch.no_grad()
def accuracy(model: CrossEncoder, lower: Lower, blocks: int) -> float:
    """Accuracy in %."""
    model.eval()
    found = 0
    for hidden, mask, targets in batches(lower, 32, random.Random(0)):
        found += int((upper_logits(model, hidden, mask, blocks).argmax(-1) == targets.argmax(-1)).sum())
    model.train()
    return round(100 * found / len(lower.hidden), 1)


def main() -> None:
    """Run the training as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--base", "--reviewer", "--init", "--out"):
        parser.add_argument(name, type=Path, required=True)
    add_arguments(parser)
    parser.add_argument("--blocks", type=int, default=6, help="lower blocks that stay")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--seed", type=int, default=41)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    state = torch.load(args.init / "checkpoint.pt")["model"]
    rank = next(value.shape[0] for name, value in state.items() if name.endswith(".down"))
    model = CrossEncoder(str(args.base), rank=rank)
    model.load_learned(state)
    model.float().train()
    for layer in model.bert.encoder.layer[: args.blocks]:
        layer.requires_grad_(False)
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=args.rate, weight_decay=0.01, fused=True)
    log = run_log(args.out)
    tokenizer, lower_blocks = open_tokenizer(args.base), LowerBlocks(args.reviewer, args.blocks)

    def lower(examples: list[Example], targets: Tensor) -> Lower:
        rows = [ids for ids, _, _ in encode(tokenizer, examples)]
        return Lower(lower_blocks.hidden(rows, model.padding), targets)

    examples, targets = lesson(args, 0)
    kept = held_out(args.written)
    total = int(len(examples) * args.epochs / args.batch)
    written = {p.name: len(p.read_text(encoding="utf-8").splitlines()) for p in sorted(args.written.glob("*.jsonl"))}
    log(arguments={k: str(v) for k, v in vars(args).items()}, data=data_hashes(args.data), passages=written)
    test, lesson_pairs = lower(kept, torch.from_numpy(certain(kept))), lower(examples, targets)
    log(pairs=len(examples), held_out=len(kept), labels=LABELS, right=accuracy(model, test, args.blocks))
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / 30) * max(0.02, 1 - step / total)
    )
    loss_of = nn.CrossEntropyLoss()
    step, running = 0, 0.0
    while step < total:
        for hidden, mask, wanted in batches(lesson_pairs, args.batch, random.Random(args.seed + step)):
            loss = loss_of(upper_logits(model, hidden, mask, args.blocks), wanted)
            loss.backward()
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            scheduler.step()
            step, running = step + 1, running + loss.item()
            if step % 20 == 0:
                log(step=step, of=total, loss=round(running / 20, 4))
                running = 0.0
            if step % 120 == 0 or step == total:
                log(step=step, right=accuracy(model, test, args.blocks))
                torch.save({"model": state | model.learned()}, args.out / "checkpoint.pt")
            if step == total:
                break


if __name__ == "__main__":
    main()
