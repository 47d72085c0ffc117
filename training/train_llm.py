"""Tunes the local LLM as a judge: low-rank corrections (LoRA) to its upper blocks, as a GGUF adapter.

    python -m training.train_llm --data TRAIN_FOLDER --written WRITTEN_FOLDER --out RUN_FOLDER

The model is the GGUF file that models.toml selects, its weights unpacked to bfloat16; they stay as they are. It is
asked as `factcheck.verdict.llm_judge` asks it, and what is learned is which of the prompt's answers comes next. The
corrections hold after the prompt's opening, whose KV cache is computed once without them. A run writes `log.jsonl` and,
now and then, a checkpoint, from which another run goes on (`--init`), and the adapter under the name by which the
program finds it in factcheck/verdict/weights.

Set the MALLOC_ variables of training/README.md; on two cores with AMX it does 250 tokens, five pairs, a second.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from factcheck.models.download import model_path
from factcheck.models.llama import LlamaModel
from factcheck.models.native import NativeModel
from factcheck.models.registry import load_registry
from factcheck.prompting import load_prompt
from factcheck.protocols import Pair
from factcheck.verdict.llm_judge import LlmJudge, adapter_name
from training.adapter import LowRank, corrections
from training.data import LABELS, Example, data_hashes
from training.llm_lessons import MIXES, Batch, Tree, batches, by_text, texts_of_epoch, tree
from training.train_verifier import run_log
from training.written import held_out, in_company, written_pairs

SMOOTHING = 0.05
WIDTH, ROWS = 640, 3  # of a batch: tokens of a row, rows; rows of 384 tokens stay empty by a quarter
# The layers of a block that are corrected, with the names that llama.cpp gives them. Those into its wide middle are
# not: they would take as many numbers as all of these, and a fifth of the time.
_LAYERS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.down_proj": "ffn_down",
}


class Asker:
    """Turns pairs into tokens as the program asks the LLM about them."""

    def __init__(self) -> None:
        spec = load_registry().selected("llm")
        self.path = model_path(spec)
        self._native = NativeModel(self.path, context=512, threads=1, gpu_layers=0)
        llm = LlamaModel(spec)
        self._judge = LlmJudge(llm)
        self.sha256 = llm.fingerprint
        self.adapter = adapter_name(llm.fingerprint, load_prompt(llm.verdict_prompt).fingerprint)
        self.opening = self._native.tokenize(self._judge.prompt(Pair("", ""))[0])
        self.answers = [self._native.tokenize(answer)[0] for answer in self._judge.answers]

    def trees(self, texts: Iterable[Sequence[Example]]) -> list[Tree]:
        """What the model reads of each text and its claims."""
        return [tree([self._rest(e) for e in group], [e.label for e in group], WIDTH) for group in texts]

    def _rest(self, example: Example) -> list[int]:
        whole = self._native.tokenize("".join(self._judge.prompt(Pair(example.claim, example.premise))))
        assert whole[: len(self.opening)] == self.opening
        return whole[len(self.opening) :]


class AnswerModel(nn.Module):
    """The LLM with corrections beside the linear layers of its upper blocks; computes the answers' logits."""

    def __init__(self, asker: Asker, rank: int, first_block: int) -> None:
        super().__init__()
        from transformers import AutoModelForCausalLM

        folder, name = str(asker.path.parent), asker.path.name
        # The fused attention takes three times as long backwards as the plain one.
        whole = AutoModelForCausalLM.from_pretrained(
            folder, gguf_file=name, dtype=torch.bfloat16, attn_implementation="eager"
        )
        whole.requires_grad_(False)
        self.answers = whole.lm_head.weight[asker.answers].float()  # (3, width)
        self.model = whole.model
        self.model.eval()
        with torch.no_grad():
            past = self.model(torch.tensor([asker.opening]), use_cache=True).past_key_values
        self.past = [(layer.keys, layer.values) for layer in past.layers]
        for block in self.model.layers[first_block:]:
            for path in _LAYERS:
                parent, _, child = path.rpartition(".")
                holder = block.get_submodule(parent)
                setattr(holder, child, LowRank(getattr(holder, child), rank))

    def forward(self, batch: Batch) -> Tensor:
        """Logits of the answers, shape (n, 3)."""
        from transformers import DynamicCache

        cache = DynamicCache()
        for number, (keys, values) in enumerate(self.past):
            shape = (len(batch.tokens), -1, -1, -1)
            cache.update(keys.expand(shape), values.expand(shape), number)
        hidden = self.model(
            batch.tokens,
            position_ids=batch.positions,
            attention_mask={"full_attention": batch.mask},
            past_key_values=cache,
        ).last_hidden_state
        logits: Tensor = hidden[batch.ends[:, 0], batch.ends[:, 1]].float() @ self.answers.T
        return logits

    def learned(self) -> dict[str, nn.Parameter]:
        """What the training changes, by name."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}


def fuse(model: AnswerModel) -> None:
    """Compiles what lies between the large products of a block: a step takes 7.1 seconds instead of 8.5 so."""
    from transformers.models.qwen2 import modeling_qwen2

    for part in model.modules():
        if isinstance(part, modeling_qwen2.Qwen2MLP | modeling_qwen2.Qwen2RMSNorm):
            part.compile(dynamic=False)
    modeling_qwen2.apply_rotary_pos_emb = torch.compile(modeling_qwen2.apply_rotary_pos_emb, dynamic=False)


def open_run(asker: Asker, run: Path) -> AnswerModel:
    """The model as a run left it."""
    learned = torch.load(run / "checkpoint.pt")
    first = min(int(name.split(".")[2]) for name in learned)
    rank = next(value.shape[0] for name, value in learned.items() if name.endswith(".down"))
    model = AnswerModel(asker, rank, first)
    model.load_state_dict(learned, strict=False)
    return model


@torch.no_grad()
def accuracy(model: AnswerModel, trees: Sequence[Tree], opening: int) -> float:
    """Accuracy in %."""
    right = [
        model(batch).argmax(-1) == batch.labels for batch in batches(trees, opening, WIDTH, ROWS, random.Random(0))
    ]
    return round(100 * float(torch.cat(right).float().mean()), 1)


def write_adapter(model: AnswerModel, path: Path, base_sha256: str) -> None:
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
    parser.add_argument("--mix", choices=sorted(MIXES), default="first", help="texts of an epoch, by set")
    parser.add_argument("--share", type=float, default=1.0, help="how many times the texts of the mix")
    parser.add_argument("--written", type=Path, help="folder of pairs written after `written_pairs.md`: all of them")
    parser.add_argument("--company", type=float, default=0.0, help="share of those texts that have another beside them")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--first-block", type=int, default=10, help="blocks below it stay as they are")
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--save-every", type=int, default=50, help="steps")
    parser.add_argument("--init", type=Path, help="folder of a run to go on from, with its rank and blocks")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    asker = Asker()
    texts = texts_of_epoch(args.data, args.mix, args.share, args.seed)
    kept: list[Tree] = []
    if args.written is not None:
        texts += in_company(by_text(written_pairs(args.written)), args.company, args.seed)
        kept = asker.trees(by_text(held_out(args.written)))
    trees = asker.trees(texts)
    model = open_run(asker, args.init) if args.init is not None else AnswerModel(asker, args.rank, args.first_block)
    fuse(model)
    learned = model.learned()
    optimizer = torch.optim.AdamW(list(learned.values()), lr=args.rate, weight_decay=0.0, fused=True)
    opening = len(asker.opening)
    groups = list(batches(trees, opening, WIDTH, ROWS, random.Random(args.seed)))
    total, warm = len(groups), 15
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / warm) * max(0.03, 1 - step / total)
    )
    loss_of = nn.CrossEntropyLoss(label_smoothing=SMOOTHING)
    log = run_log(args.out)
    log(
        arguments={k: str(v) for k, v in vars(args).items()},
        data=data_hashes(args.data),
        texts=len(trees),
        labels=[sum(item.labels.count(label) for item in trees) for label in range(len(LABELS))],
        tokens=sum(item.size for item in trees),
    )
    loss_sum, right, seen = 0.0, 0, 0
    for step, batch in enumerate(groups, 1):
        logits = model(batch)
        loss = loss_of(logits, batch.labels)
        loss.backward()
        nn.utils.clip_grad_norm_(learned.values(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        scheduler.step()
        loss_sum, seen = loss_sum + loss.item() * len(logits), seen + len(logits)
        right += int((logits.argmax(-1) == batch.labels).sum())
        if step % 10 == 0:
            log(step=step, of=total, pairs=seen, loss=round(loss_sum / seen, 4), right=round(100 * right / seen, 1))
            loss_sum, right, seen = 0.0, 0, 0
        if step % args.save_every == 0 or step == total:
            torch.save({k: v.detach() for k, v in learned.items()}, args.out / "checkpoint.partial")
            (args.out / "checkpoint.partial").rename(args.out / "checkpoint.pt")
            write_adapter(model, args.out / asker.adapter, asker.sha256)
    if kept:
        log(held_out=sum(len(item.labels) for item in kept), right=accuracy(model, kept, opening))


if __name__ == "__main__":
    main()
