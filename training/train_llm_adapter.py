"""Fine-tunes the local LLM as a judge: low-rank corrections (LoRA) to its upper blocks, as a GGUF adapter.

    python -m training.train_llm_adapter --data TRAIN_FOLDER --out RUN_FOLDER --pairs 2560

The model is the GGUF file that models.toml selects, its weights unpacked; they stay as they are. It is asked as
`factcheck.verdict.llm_judge` asks it, with the prompt's worked examples, whose KV cache is computed once without the
corrections: so the program can go on sharing it with every other use of the model. What is learned is which of the
three letters comes next. A run writes `log.jsonl` and, now and then, `adapter.gguf` and a checkpoint.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from factcheck.models.download import model_path
from factcheck.models.llama import LlamaModel
from factcheck.models.native import NativeModel
from factcheck.models.registry import load_registry
from factcheck.protocols import Pair
from factcheck.verdict.llm_judge import LETTERS, LlmJudge
from training.adapter import LowRank, corrections
from training.data import LABELS, Example, data_hashes
from training.train_verifier import build_epoch

MAX_CHARS = 240  # of passage and claim: a pass over the model costs by the token
SMOOTHING = 0.05
# Of the pairs, by what made them: real ones first, and of the rule-made ones what the LLM gets wrong.
SHARES = {
    "vitaminc": 0.17,
    "fever": 0.17,
    "check_covid": 0.10,
    "scifact": 0.09,
    "citation_integrity": 0.05,
    "vitaminc_synthetic": 0.04,
    "snli": 0.02,
    "cad_snli": 0.02,
    "conjnli": 0.02,
    "contrast_silence": 0.06,
    "contrast_rumours": 0.05,
    "contrast_detail": 0.04,
    "contrast_roles": 0.03,
    "contrast_speaker": 0.03,
    "contrast_number": 0.03,
    "contrast_hedge": 0.02,
    "contrast_negation": 0.02,
    "contrast_name": 0.01,
    "contrast_date": 0.01,
    "contrast_questions": 0.02,
}
# The names that llama.cpp gives the layers of a block.
_LAYERS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


class Row(NamedTuple):
    """The tokens after the shared prefix, and the label, an index into LABELS."""

    tokens: list[int]
    label: int


def chosen_pairs(data: Path, count: int, seed: int) -> list[Example]:
    """A sample of an epoch by SHARES, the labels of each kind as even as can be, in random order."""
    rng = random.Random(seed)
    kinds: dict[str, dict[int, list[Example]]] = defaultdict(lambda: defaultdict(list))
    for example in build_epoch(data, seed):
        if len(example.premise) + len(example.claim) <= MAX_CHARS:
            kinds[example.source.partition("+")[0]][example.label].append(example)
    chosen: list[Example] = []
    for kind, share in SHARES.items():
        by_label = kinds[kind]
        for group in by_label.values():
            chosen += rng.sample(group, min(len(group), round(count * share / len(by_label))))
    rng.shuffle(chosen)
    return chosen


def tokenized(llm: LlamaModel, native: NativeModel, pairs: Sequence[Example]) -> tuple[list[int], list[Row]]:
    """The tokens that all prompts begin with, and the rest of each."""
    judge = LlmJudge(llm)
    opening: list[int] = []
    rows = []
    for example in pairs:
        prefix, suffix = judge.prompt(Pair(example.claim, example.premise))
        opening, whole = native.tokenize(prefix), native.tokenize(prefix + suffix)
        assert whole[: len(opening)] == opening
        rows.append(Row(whole[len(opening) :], example.label))
    return opening, rows


class LetterModel(nn.Module):
    """The LLM with corrections beside the linear layers of its upper blocks; computes the letters' logits."""

    def __init__(self, path: Path, opening: list[int], letters: list[int], rank: int, first_block: int) -> None:
        super().__init__()
        from transformers import AutoModelForCausalLM

        whole = AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=torch.float32)
        whole.requires_grad_(False)
        self.letters = whole.lm_head.weight[letters].clone()  # (3, width)
        self.model = whole.model
        self.model.eval()
        with torch.no_grad():
            past = self.model(torch.tensor([opening]), use_cache=True).past_key_values
        self.past = [(layer.keys, layer.values) for layer in past.layers]
        for number, block in enumerate(self.model.layers):
            if number < first_block:
                continue
            for name in _LAYERS:
                parent, _, child = name.rpartition(".")
                holder = block.get_submodule(parent)
                setattr(holder, child, LowRank(getattr(holder, child), rank))

    def forward(self, ids: Tensor, last: Tensor) -> Tensor:
        """Logits of the letters, shape (n, 3); ids (n, width), padded on the right; last (n,): their last token."""
        from transformers import DynamicCache

        cache = DynamicCache()
        for number, (keys, values) in enumerate(self.past):
            shape = (len(ids), -1, -1, -1)
            cache.update(keys.expand(shape), values.expand(shape), number)
        hidden = self.model(ids, past_key_values=cache).last_hidden_state
        logits: Tensor = hidden[torch.arange(len(ids)), last] @ self.letters.T
        return logits

    def learned(self) -> dict[str, nn.Parameter]:
        """What the training changes, by name."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}


def batches(rows: Sequence[Row], size: int, rng: random.Random) -> Iterator[list[Row]]:
    """Batches of like length, in random order."""
    order = list(rows)
    rng.shuffle(order)
    for start in range(0, len(order), size * 16):
        block = sorted(order[start : start + size * 16], key=lambda row: len(row.tokens))
        groups = [block[i : i + size] for i in range(0, len(block), size)]
        rng.shuffle(groups)
        yield from groups


def write_adapter(model: LetterModel, path: Path, base_sha256: str) -> None:
    """The corrections as llama.cpp reads them, in half precision; the scale is 1 (alpha = rank)."""
    from gguf import GGUFWriter

    pairs = list(corrections(model.model))
    writer = GGUFWriter(str(path), "qwen2")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(pairs[0][1].down.shape[0]))
    writer.add_string("factcheck.base.sha256", base_sha256)
    for name, layer in pairs:
        _, number, own = name.split(".", 2)
        stem = f"blk.{number}.{_LAYERS[own]}.weight"
        writer.add_tensor(f"{stem}.lora_a", layer.down.detach().half().numpy())
        writer.add_tensor(f"{stem}.lora_b", layer.up.detach().half().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Run the training as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=2560)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--first-block", type=int, default=12, help="blocks below it stay as they are")
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--save-every", type=int, default=20, help="steps")
    parser.add_argument("--init", type=Path, help="folder of an earlier run that this one goes on from")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    spec = load_registry().selected("llm")
    native = NativeModel(model_path(spec), context=512, threads=1, gpu_layers=0)
    pairs = chosen_pairs(args.data, args.pairs, args.seed)
    opening, rows = tokenized(LlamaModel(spec), native, pairs)
    letters = [native.tokenize(letter)[0] for letter in LETTERS]
    model = LetterModel(model_path(spec), opening, letters, args.rank, args.first_block)
    if args.init is not None:
        model.load_state_dict(torch.load(args.init / "checkpoint.pt"), strict=False)
    optimizer = torch.optim.AdamW(list(model.learned().values()), lr=args.rate, weight_decay=0.0)
    groups = list(batches(rows, args.batch, random.Random(args.seed)))
    total, warm = len(groups), 10
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / warm) * max(0.03, 1 - step / total)
    )
    loss_of = nn.CrossEntropyLoss(label_smoothing=SMOOTHING)
    began = last_time = time.time()

    def log(**fields: Any) -> None:
        line = json.dumps({"time": round(time.time() - began), **fields})
        print(line, flush=True)
        with (args.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    counts = [sum(row.label == label for row in rows) for label in range(len(LABELS))]
    tokens = sum(len(row.tokens) for row in rows)
    log(arguments={k: str(v) for k, v in vars(args).items()}, data=data_hashes(args.data), labels=counts, tokens=tokens)
    loss_sum, right, seen = 0.0, 0, 0
    for step, group in enumerate(groups, 1):
        ids = torch.zeros(len(group), max(len(row.tokens) for row in group), dtype=torch.long)
        for number, row in enumerate(group):
            ids[number, : len(row.tokens)] = torch.tensor(row.tokens)
        labels = torch.tensor([row.label for row in group])
        logits = model(ids, torch.tensor([len(row.tokens) - 1 for row in group]))
        loss = loss_of(logits, labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.learned().values(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        scheduler.step()
        loss_sum, seen = loss_sum + loss.item() * len(group), seen + len(group)
        right += int((logits.argmax(-1) == labels).sum())
        if step % 5 == 0:
            per_second = round(seen / (time.time() - last_time), 2)
            log(
                step=step, of=total, loss=round(loss_sum / seen, 4), right=round(right / seen, 3), per_second=per_second
            )
            loss_sum, right, seen, last_time = 0.0, 0, 0, time.time()
        if step % args.save_every == 0 or step == total:
            torch.save({k: v.detach() for k, v in model.learned().items()}, args.out / "checkpoint.partial")
            (args.out / "checkpoint.partial").rename(args.out / "checkpoint.pt")
            write_adapter(model, args.out / "adapter.gguf", spec.sha256 or spec.name)


if __name__ == "__main__":
    main()
