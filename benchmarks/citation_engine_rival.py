"""The other side of benchmarks/citation_engine.py, run by it in an environment that has LlamaIndex.

    python citation_engine_rival.py JSON

JSON names the files, the claims and the settings (`Task`). Prints one JSON object a line: the seconds of loading,
of indexing, and of each answer with its text and its number of sources. Imports nothing of factcheck.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

TOP_K = 3
QUESTION = "Is it true that {statement}? Answer in two sentences."


@dataclass(frozen=True)
class Task:
    """What to load, what to read, what to ask."""

    gguf: str
    encoder: str  # folder of a sentence-transformers model
    documents: str  # folder of .txt and .md files
    claims: tuple[str, ...]
    before: str  # what the chat format writes before and after the user's words
    after: str
    threads: int
    context: int  # tokens
    gpu_layers: int


def question(claim: str) -> str:
    """Ask whether a claim is so."""
    statement = claim.rstrip(". ")
    if statement.startswith("The "):
        statement = f"the {statement[4:]}"
    return QUESTION.format(statement=statement)


def load(task: Task) -> tuple[Any, Any]:
    """Import the libraries, load the language model and the encoder; in this order of the result."""
    import torch
    from llama_index.core import Settings  # type: ignore[import-not-found, unused-ignore]
    from llama_index.core.query_engine import (  # type: ignore[import-not-found, unused-ignore]  # noqa: F401
        CitationQueryEngine,
    )
    from llama_index.embeddings.huggingface import (  # type: ignore[import-not-found, unused-ignore]
        HuggingFaceEmbedding,
    )
    from llama_index.llms.llama_cpp import LlamaCPP  # type: ignore[import-not-found, unused-ignore]

    torch.set_num_threads(task.threads)
    llm = LlamaCPP(
        model_path=task.gguf,
        context_window=task.context,
        completion_to_prompt=lambda text: f"{task.before}{text}{task.after}",
        model_kwargs={
            "n_threads": task.threads,
            "n_threads_batch": task.threads,
            "n_gpu_layers": task.gpu_layers,
        },
        verbose=False,
    )
    encoder = HuggingFaceEmbedding(model_name=task.encoder, device="cpu")
    Settings.llm, Settings.embed_model = llm, encoder
    return llm, encoder


def index_folder(folder: Path, encoder: Any) -> Any:
    """Read the folder's documents into a vector index with LlamaIndex's own way of cutting them."""
    from llama_index.core import Document, VectorStoreIndex

    files = sorted(path for path in folder.iterdir() if path.suffix in (".md", ".txt"))
    documents = [Document(text=path.read_text(encoding="utf-8"), metadata={"file_name": path.name}) for path in files]
    return VectorStoreIndex.from_documents(documents, embed_model=encoder)


def run(task: Task, out: TextIO) -> None:
    """Do the task, and write a line for each step as it ends."""

    def tell(**what: object) -> None:
        out.write(json.dumps(what) + "\n")
        out.flush()

    began = perf_counter()
    llm, encoder = load(task)
    tell(step="load", seconds=perf_counter() - began)
    began = perf_counter()
    index = index_folder(Path(task.documents), encoder)
    tell(step="index", seconds=perf_counter() - began)
    from llama_index.core.query_engine import CitationQueryEngine

    engine = CitationQueryEngine.from_args(index, llm=llm, similarity_top_k=TOP_K)
    for claim in task.claims:
        began = perf_counter()
        response = engine.query(question(claim))
        seconds = perf_counter() - began
        tell(step="answer", seconds=seconds, answer=str(response).strip(), sources=len(response.source_nodes))


def main() -> None:
    """Read the task from the command line; only results go to stdout."""
    fields = json.loads(sys.argv[1])
    out = sys.stdout
    with redirect_stdout(sys.stderr):
        run(Task(**{**fields, "claims": tuple(fields["claims"])}), out)


if __name__ == "__main__":
    main()
