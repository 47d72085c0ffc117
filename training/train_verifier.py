"""Fine-tunes the verifier: a cross-encoder (passage, claim) -> SUPPORTS / REFUTES / NEUTRAL.

    python -m training.train_verifier --base ENCODER_FOLDER --data TRAIN_FOLDER --dev DEV_FOLDER --out RUN_FOLDER

The base is the default encoder (all-MiniLM-L6-v2). Word embeddings stay frozen: the training words are few beside
the vocabulary, and frozen rows keep what the base knows of the others. A run writes its log (`log.jsonl`), the
hashes of its data and, at each evaluation, a checkpoint from which `--resume` goes on.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModel

from training.adapter import adapt
from training.data import LABELS, Example, data_hashes
from training.lessons import add_arguments, lesson
from training.scoring import read_pairs

MAX_TOKENS = 256


class CrossEncoder(nn.Module):
    """An encoder over (passage, claim), first token and mean beside each other, one linear layer."""

    def __init__(self, base: str, attention: str | None = None, rank: int = 0) -> None:
        super().__init__()
        self.bert = AutoModel.from_pretrained(base, add_pooling_layer=False, attn_implementation=attention)
        self.padding = int(self.bert.config.pad_token_id)
        self.has_types = hasattr(self.bert.config, "type_vocab_size")
        if rank:
            adapt(self.bert, rank)
        else:
            self.bert.embeddings.word_embeddings.weight.requires_grad = False
        self.dropout = nn.Dropout(0.1)
        self.head = nn.Linear(2 * self.bert.config.hidden_size, len(LABELS))

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Logits, shape (batch, 3), columns as LABELS."""
        types = {"token_type_ids": token_type_ids} if self.has_types else {}
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask, **types).last_hidden_state
        return self.read(hidden, attention_mask)

    def read(self, hidden: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits (batch, 3) from the last block's output (batch, tokens, width)."""
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
        logits: Tensor = self.head(self.dropout(torch.cat([hidden[:, 0], mean], dim=-1).float()))
        return logits

    def learned(self) -> dict[str, Tensor]:
        """What the training changes: the state without the frozen part of an adapted base."""
        frozen = {name for name, parameter in self.named_parameters() if not parameter.requires_grad}
        return {name: value for name, value in self.state_dict().items() if name not in frozen}

    def load_learned(self, state: dict[str, Tensor]) -> None:
        """Take what `learned` gave. Raises ValueError or RuntimeError if it is of another model."""
        found = self.load_state_dict(state, strict=False)
        if found.unexpected_keys or set(found.missing_keys) & self.learned().keys():
            raise ValueError(f"the checkpoint does not fit: {found}")


def open_tokenizer(base: Path) -> Tokenizer:
    """The base's tokenizer, which cuts pairs to MAX_TOKENS."""
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="longest_first")
    return tokenizer


def encode(tokenizer: Tokenizer, examples: list[Example]) -> list[tuple[list[int], list[int], int]]:
    """(ids, type ids, label) of each pair, cut to MAX_TOKENS."""
    encodings = tokenizer.encode_batch([(e.premise, e.claim) for e in examples])
    return [(c.ids, c.type_ids, e.label) for c, e in zip(encodings, examples, strict=True)]


def like_length(lengths: Sequence[int], size: int, rng: random.Random | None, span: int = 64) -> Iterator[list[int]]:
    """Places of like length, `size` at a time; with rng in random order, sorted among `span` groups only."""
    order = list(range(len(lengths)))
    if rng is not None:
        rng.shuffle(order)
        blocks = [order[i : i + size * span] for i in range(0, len(order), size * span)]
    else:
        blocks = [order]
    for block in blocks:
        block.sort(key=lengths.__getitem__)
        groups = [block[i : i + size] for i in range(0, len(block), size)]
        if rng is not None:
            rng.shuffle(groups)
        yield from groups


def batches(
    rows: list[tuple[list[int], list[int], int]], size: int, rng: random.Random | None, padding: int = 0
) -> Iterator[Any]:
    """Batches of like length, padded to a multiple of 16; shuffled if rng is given."""
    for group in like_length([len(ids) for ids, _, _ in rows], size, rng):
        width = -(-max(len(rows[i][0]) for i in group) // 16) * 16
        ids = torch.full((len(group), width), padding, dtype=torch.long)
        types = torch.zeros_like(ids)
        for row, i in enumerate(group):
            ids[row, : len(rows[i][0])] = torch.tensor(rows[i][0])
            types[row, : len(rows[i][1])] = torch.tensor(rows[i][1])
        yield group, ids, types, torch.tensor([rows[i][2] for i in group])


@torch.no_grad()
def evaluate(
    model: CrossEncoder, tokenizer: Tokenizer, dev: Path, limit: int, floats: bool = False
) -> dict[str, float]:
    """Accuracy in % on the first `limit` pairs of each dev file, of the argmax of three labels."""
    model.eval()
    scores = {}
    for path in sorted(dev.glob("*.jsonl")):
        rows = read_pairs(path)
        if not rows:
            continue
        random.Random(0).shuffle(rows)
        examples = [Example(r["claim"], " ".join(r["evidence"]), LABELS.index(r["label"]), "") for r in rows[:limit]]
        right = 0
        for _, ids, types, labels in batches(encode(tokenizer, examples), 32, None, model.padding):
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not floats):
                predicted = model(ids, (ids != model.padding).long(), types).argmax(-1)
            right += int((predicted == labels).sum())
        scores[path.stem] = round(100 * right / len(examples), 1)
    model.train()
    return scores


def run_log(folder: Path) -> Callable[..., None]:
    """Writes its arguments as a line of the run's log, with the seconds since the start, and prints it."""
    began = time.time()

    def log(**fields: Any) -> None:
        line = json.dumps({"time": round(time.time() - began), **fields})
        print(line, flush=True)
        with (folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    return log


def open_model(args: argparse.Namespace) -> CrossEncoder:
    """The model at the start of a run."""
    model = CrossEncoder(str(args.base), rank=args.rank)
    if args.init is not None:
        model.load_learned(torch.load(args.init / "checkpoint.pt")["model"])
    return model.float() if args.floats else model


def main() -> None:
    """Run the training as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--base", "--dev", "--out"):
        parser.add_argument(name, type=Path, required=True)
    add_arguments(parser)
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--evaluate-every", type=int, default=600, help="steps")
    parser.add_argument("--dev-limit", type=int, default=250)
    parser.add_argument("--resume", action="store_true", help="go on from this run's own checkpoint")
    parser.add_argument("--rank", type=int, default=0, help="learn corrections of this rank to a base that stays")
    parser.add_argument("--floats", action="store_true", help="32 bits throughout: faster without bfloat16 arithmetic")
    parser.add_argument("--init", type=Path, help="folder of an earlier run whose weights this one starts from")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    tokenizer = open_tokenizer(args.base)
    model = open_model(args)
    decayed = [p for p in model.parameters() if p.requires_grad and p.ndim > 1]
    others = [p for p in model.parameters() if p.requires_grad and p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}],
        lr=args.rate,
        fused=True,
    )
    loss_of = nn.CrossEntropyLoss()

    log = run_log(args.out)
    examples, targets = lesson(args, 0)
    first = encode(tokenizer, examples)
    per_epoch = len(first) // args.batch
    total = int(per_epoch * args.epochs)
    warm = min(300, max(1, total // 10))
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / warm) * max(0.02, 1 - step / total)
    )
    step, seen, running = 0, 0, 0.0
    log(arguments={k: str(v) for k, v in vars(args).items()}, data=data_hashes(args.data), pairs=len(first))
    checkpoint = args.out / "checkpoint.pt"
    if args.resume and checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_learned(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        step = state["step"]
    model.train()
    start_step, last = step, time.time()
    while step < total:
        epoch = step // per_epoch
        rows = first
        if epoch > 0 and args.taught is None:
            examples, targets = lesson(args, epoch)
            rows = encode(tokenizer, examples)
        shuffled = batches(rows, args.batch, random.Random(epoch), model.padding)
        for number, (group, ids, types, _) in enumerate(shuffled):
            if epoch * per_epoch + number < start_step:
                continue
            if step >= total:
                break
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not args.floats):
                logits = model(ids, (ids != model.padding).long(), types)
            loss = loss_of(logits.float(), targets[group])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            scheduler.step()
            step, seen, running = step + 1, seen + len(group), running + loss.item()
            if step % 20 == 0:
                log(
                    step=step,
                    of=total,
                    loss=round(running / 20, 4),
                    per_second=round(seen / (time.time() - last), 1),
                )
                running, seen, last = 0.0, 0, time.time()
            if step % args.evaluate_every == 0 or step == total:
                log(step=step, dev=evaluate(model, tokenizer, args.dev, args.dev_limit, args.floats))
                state = {
                    "model": model.learned(),
                    "optimizer": optimizer.state_dict(),
                    "scheduler": scheduler.state_dict(),
                    "step": step,
                }
                partial = checkpoint.with_suffix(".partial")
                torch.save(state, partial)
                partial.rename(checkpoint)
                last, seen = time.time(), 0


if __name__ == "__main__":
    main()
