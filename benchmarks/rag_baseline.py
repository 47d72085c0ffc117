"""What a plain RAG prompt to the same LLM gets on a file of pairs: `python -m benchmarks.rag_baseline FILE`.

The LLM sees the evidence and the claim once, without examples, and answers freely; the first of the three
words in its answer counts. No verifier, no rules, no calibration: the baseline that the project has to beat.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from factcheck.errors import FactcheckError, InputError
from factcheck.evaluation import metrics
from factcheck.evaluation.dataset import Dataset, Form, Item, read_dataset
from factcheck.protocols import LanguageModel
from factcheck.types import Label

SYSTEM = "You check claims against evidence. Use the evidence only, not what you know."
QUESTION = """Evidence:
{evidence}

Claim: {claim}

Is the claim SUPPORTED by the evidence, REFUTED by the evidence, or is there NOT_ENOUGH_INFO in the evidence?
Answer with one of these words."""
MAX_TOKENS = 24

_WORD = re.compile(
    r"(?P<denied>\bnot\s+(?:supported|refuted))"
    r"|(?P<SUPPORTED>\bsupport(?:ed|s))"
    r"|(?P<REFUTED>\brefute[ds])"
    r"|(?P<NOT_ENOUGH_INFO>\bnot[\s_]enough[\s_]info)",
    re.IGNORECASE,
)


def parse_answer(answer: str) -> Label | None:
    """Read the label that a free answer names first; None for none, and for "not supported"."""
    match = _WORD.search(answer)
    if match is None or match.lastgroup in (None, "denied"):
        return None
    return Label(match.lastgroup)


def question(item: Item) -> str:
    """Put the evidence and the claim into the prompt."""
    evidence = "\n".join(f"- {text}" for text in item.evidence or ())
    return QUESTION.format(evidence=evidence, claim=item.claim)


def ask_all(model: LanguageModel, dataset: Dataset) -> tuple[list[metrics.Outcome], int]:
    """Ask for every item; an answer that cannot be read counts as NOT_ENOUGH_INFO, and is counted."""
    outcomes, unreadable = [], 0
    for number, item in enumerate(dataset.items, start=1):
        answer = "".join(model.generate(SYSTEM, question(item), max_tokens=MAX_TOKENS))
        label = parse_answer(answer)
        unreadable += label is None
        outcomes.append(metrics.Outcome(item.id, item.label, label or Label.NOT_ENOUGH_INFO, 1.0))
        print(f"\r{number} of {len(dataset.items)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return outcomes, unreadable


def format_figures(outcomes: Sequence[metrics.Outcome], unreadable: int, seconds: float) -> str:
    """Lay the figures out for a reader, accuracy and majority baseline first."""
    n = len(outcomes)
    low, high = metrics.wilson_interval(sum(o.correct for o in outcomes), n)
    accuracy, baseline = metrics.accuracy(outcomes), metrics.majority_baseline(outcomes)
    return "\n".join(
        (
            f"accuracy           {accuracy:.3f}  (95 % interval {low:.3f} to {high:.3f}, n = {n})",
            f"majority baseline  {baseline:.3f}",
            f"ratio              {accuracy / baseline:.2f}",
            f"macro-F1           {metrics.macro_f1(outcomes):.3f}",
            f"unreadable         {unreadable}  (counted as NOT_ENOUGH_INFO)",
            f"seconds a claim    {seconds / n:.2f}",
        )
    )


def main() -> None:
    """Run the baseline over a file of pairs."""
    parser = argparse.ArgumentParser(description="Accuracy of a plain RAG prompt on a file of pairs.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=int, help="only the first N pairs")
    arguments = parser.parse_args()
    from factcheck.models.llm import open_llm

    try:
        dataset = read_dataset(arguments.file).first(arguments.limit)
        if dataset.form is not Form.PAIRS:
            raise InputError(f"{arguments.file} holds claims without evidence; give a file of pairs")
        model = open_llm()
        model.load()
        start = perf_counter()
        outcomes, unreadable = ask_all(model, dataset)
    except FactcheckError as error:
        sys.exit(f"rag_baseline: {error}")
    print(f"{dataset.name}, plain RAG prompt to {model.name}")
    print(format_figures(outcomes, unreadable, perf_counter() - start))


if __name__ == "__main__":
    main()
