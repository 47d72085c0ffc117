import gzip
from pathlib import Path

import pytest

from factcheck.errors import InputError
from factcheck.evaluation.dataset import Dataset, Form, Gold, Item, read_dataset
from factcheck.types import Label

PAIR = '{"id": "p1", "claim": "A is B.", "evidence": ["A is B, they say."], "label": "SUPPORTED", "set": "x"}'
CLAIM = '{"id": 7, "claim": "A is B.", "label": "REFUTED", "gold": [{"document": "a.txt", "contains": "A is"}]}'


def written(folder: Path, *lines: str) -> Path:
    path = folder / "set.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_pairs_form(tmp_path: Path) -> None:
    item = Item(id="p1", claim="A is B.", label=Label.SUPPORTED, evidence=("A is B, they say.",))
    assert read_dataset(written(tmp_path, PAIR, "", "  ")) == Dataset("set.jsonl", Form.PAIRS, (item,))


def test_claims_form_keeps_ids_that_are_numbers(tmp_path: Path) -> None:
    silent = '{"id": "7", "claim": "C.", "label": "NOT_ENOUGH_INFO", "gold": []}'
    gold = (Gold(document="a.txt", contains="A is"),)
    assert read_dataset(written(tmp_path, CLAIM, silent)) == Dataset(
        "set.jsonl",
        Form.CLAIMS,
        (
            Item(id=7, claim="A is B.", label=Label.REFUTED, gold=gold),
            Item(id="7", claim="C.", label=Label.NOT_ENOUGH_INFO, gold=()),
        ),
    )


def test_gzipped_file_with_byte_order_mark(tmp_path: Path) -> None:
    plain, packed = written(tmp_path, "\ufeff" + PAIR), tmp_path / "set.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_dataset(packed).items == read_dataset(plain).items
    assert len(read_dataset(packed).items) == 1


def test_claim_is_normalised_as_the_program_does_and_may_be_long(tmp_path: Path) -> None:
    line = PAIR.replace("A is B.", r" A\u0007\n is\u001b[31m e\u0301 " + "x" * 3000)
    assert read_dataset(written(tmp_path, line)).items[0].claim == "A is \u00e9 " + "x" * 3000


def test_limit_keeps_the_first_items(tmp_path: Path) -> None:
    dataset = read_dataset(written(tmp_path, PAIR, PAIR.replace("p1", "p2")))
    assert [item.id for item in dataset.first(1).items] == ["p1"]
    assert dataset.first(None) == dataset


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"line 2 is not valid JSON"),
        ("[" * 100_000, r"line 2 is not valid JSON"),
        ("[1]", r"line 2 is not a JSON object"),
        (PAIR.replace("SUPPORTED", "TRUE"), r"line 2 is malformed: label: Input should be 'SUPPORTED'"),
        (PAIR.replace('"id": "p1", ', ""), r"line 2 is malformed: id"),
        (PAIR.replace('"p1"', "true"), r"line 2 is malformed: id"),
        (PAIR.replace("A is B.", " "), r"line 2 is malformed: claim: is blank"),
        (PAIR.replace("A is B.", r"\u001b\ud800"), r"line 2 is malformed: claim: is blank"),
        (PAIR.replace("they", r"\ud800"), r"line 2 is malformed: evidence.0: holds half of a surrogate pair"),
        (PAIR.replace("A is B, they say.", ""), r"line 2 is malformed: evidence.0: is blank"),
        (PAIR.replace('["A is B, they say."]', '"A"'), r"line 2 is malformed: evidence"),
        (PAIR.replace('"evidence"', '"proof"'), r"line 2 needs either evidence \(pairs\) or gold \(claims\)"),
        (PAIR.replace('"set": "x"', '"gold": []'), r"line 2 needs either"),
        (CLAIM.replace('"a.txt"', "3"), r"line 2 is malformed: gold.0.document"),
        (CLAIM, r"line 2 is of the claims form and the lines before are pairs"),
        (PAIR.replace("p1", "p0"), r"line 2: id 'p0' is already in line 1"),
    ],
)
def test_malformed_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(InputError, match=rf"set\.jsonl, {message}"):
        read_dataset(written(tmp_path, PAIR.replace("p1", "p0"), line))


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_empty_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"set\.jsonl holds no items"):
        read_dataset(written(tmp_path, text))


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(PAIR.encode() + b"\n\xff\xfe\n")
    with pytest.raises(InputError, match=r"set\.jsonl, line 2 is not UTF-8"):
        read_dataset(path)


@pytest.mark.parametrize("damage", [lambda b: b[:-12], lambda b: b"no gzip", lambda b: b[:12] + b"\0" * 40])
def test_damaged_gzip_file(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    path = tmp_path / "set.jsonl.gz"
    path.write_bytes(damage(gzip.compress(PAIR.encode())))
    with pytest.raises(InputError, match=r"set\.jsonl\.gz is damaged after line \d"):
        read_dataset(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl cannot be read: No such file"):
        read_dataset(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_dataset(tmp_path)
