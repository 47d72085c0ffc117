import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import pytest

from factcheck.errors import ModelError, ModelMissingError
from factcheck.models.download import is_present, model_path
from factcheck.models.kv_cache import common_prefix
from factcheck.models.llama import LlamaModel, _until_stop
from factcheck.models.registry import load_registry
from factcheck.models.spec import ModelSpec
from factcheck.protocols import TextWriter
from factcheck.settings import models_dir
from factcheck.turns import take_turns

TINY = "smollm2-135m"
SYSTEM = "You answer in one short sentence. You never use more words than you need, and you are always polite."


def spec_of(path: Path) -> ModelSpec:
    return ModelSpec.model_validate(
        {
            "name": "mine",
            "role": "llm",
            "source": {"kind": "path", "path": str(path)},
            "licence": "MIT",
            "chat_format": "chatml",
            "context": 1024,
        }
    )


@pytest.fixture(scope="module")
def tiny_spec() -> ModelSpec:
    spec = load_registry().get(TINY)
    if not is_present(spec):
        pytest.skip(f"{TINY} is not here: run `factcheck models pull {TINY}`")
    return spec


@pytest.fixture
def tiny(tiny_spec: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LlamaModel:
    monkeypatch.setenv("FACTCHECK_MODELS", str(models_dir()))  # stays where it is when the cache moves
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("FACTCHECK_THREADS", "1")
    return LlamaModel(tiny_spec)


@pytest.mark.parametrize(
    ("pieces", "stop", "text"),
    [
        (["ab", "cd"], [], ["ab", "cd"]),
        (["ab", "c#", "##d"], ["###"], ["ab", "c"]),
        (["ab#", "#d"], ["###"], ["ab", "##d"]),
        (["a\n", "\nb"], ["\n\n"], ["a"]),
        (["one STOP two END"], ["END", "STOP"], ["one "]),
        (["a#"], ["##"], ["a", "#"]),
    ],
)
def test_text_ends_before_the_first_stop_string(pieces: list[str], stop: list[str], text: list[str]) -> None:
    assert list(_until_stop(iter(pieces), stop)) == text


def test_nothing_is_taken_after_a_stop_string() -> None:
    def pieces() -> Iterator[str]:
        yield "a."
        raise AssertionError("asked for more")

    assert list(_until_stop(pieces(), ["."])) == ["a"]


def test_the_common_prefix_of_prompts() -> None:
    assert [common_prefix([1, 2, 3], other) for other in ([1, 2], [1, 5, 3], [], [1, 2, 3, 4])] == [2, 1, 0, 3]


def test_a_missing_file_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match=r"none.gguf does not exist"):
        LlamaModel(spec_of(tmp_path / "none.gguf")).load()


@pytest.mark.parametrize("content", [b"", b"not a model", b"GGUF\x03\x00\x00\x00" + b"\xff" * 64])
def test_a_damaged_file_is_one_line(tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("llama_cpp", exc_type=ImportError)
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        LlamaModel(spec_of(path)).load()
    message = str(caught.value)
    assert message.startswith(f"{path} cannot be loaded by llama.cpp")
    assert "\n" not in message
    assert capfd.readouterr() == ("", "")


@pytest.mark.models
def test_a_truncated_file_is_an_error(tiny_spec: ModelSpec, tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    with model_path(tiny_spec).open("rb") as file:
        path.write_bytes(file.read(4_000_000))
    with pytest.raises(ModelError, match="cannot be loaded"):
        LlamaModel(spec_of(path)).load()


@pytest.mark.models
def test_the_same_prompt_gives_the_same_text_from_memory_disk_and_evaluation(
    tiny: LlamaModel, tiny_spec: ModelSpec
) -> None:
    def ask(model: LlamaModel) -> str:
        return "".join(model.generate(SYSTEM, "What is the capital of France?", max_tokens=12, stop=["\n"]))

    evaluated, kept = ask(tiny), ask(tiny)
    again = LlamaModel(tiny_spec)
    restored = ask(again)
    assert "Paris" in evaluated
    assert (kept, restored) == (evaluated, evaluated)


@pytest.mark.models
def test_letters_judged_between_two_pieces_do_not_disturb_the_text(tiny: LlamaModel) -> None:
    question = "Name three colours."
    alone = list(tiny.generate(SYSTEM, question, max_tokens=8))
    prefix = tiny.chat_prompt([("system", "Answer with one letter."), ("user", "")]).removesuffix(
        "<|im_end|>\n<|im_start|>assistant\n"
    )
    mixed, rows = [], []
    for piece in tiny.generate(SYSTEM, question, max_tokens=8):
        mixed.append(piece)
        rows.append(tiny.next_token(prefix, "A or B?<|im_end|>\n<|im_start|>assistant\n", ["A", "B"]))
    assert mixed == alone
    assert all(np.allclose(row, rows[0], atol=1e-2) and abs(row.sum() - 1) < 1e-5 for row in rows)


@pytest.mark.models
def test_texts_written_together_are_those_written_alone(tiny: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = ["What is the capital of France?", "Name three colours.", "How many legs has a dog?"]

    def write(writer: TextWriter, question: str) -> Generator[None, None, str]:
        text = ""
        for piece in writer.generate(SYSTEM, question, max_tokens=8):
            text += piece
            yield
        return text

    assert tiny.together() is None  # one thread
    monkeypatch.setenv("FACTCHECK_THREADS", "2")
    together = tiny.together()
    assert together is not None
    alone = [done.result for done in take_turns((write(tiny, question) for question in questions), 1)]
    both = [done.result for done in take_turns((write(together, question) for question in questions), 3)]
    assert both == alone
    assert "Paris" in alone[0]


@pytest.mark.models
def test_loading_in_two_threads_loads_once(tiny: LlamaModel) -> None:
    threads = [threading.Thread(target=tiny.load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    loaded = tiny._native
    tiny.load()
    assert loaded is not None and tiny._native is loaded
    assert tiny.device


@pytest.mark.models
def test_a_prompt_that_does_not_fit_is_an_error(tiny: LlamaModel) -> None:
    with pytest.raises(ModelError, match=r"does not fit the LLM's context of 1024"):
        next(tiny.generate(SYSTEM, "word " * 2000, max_tokens=4))


@pytest.mark.models
def test_answers_that_begin_alike_are_refused(tiny: LlamaModel) -> None:
    with pytest.raises(ModelError, match="Aa, Aa apart"):
        tiny.next_token("Answer: ", "x", ["Aa", "Aa"])
