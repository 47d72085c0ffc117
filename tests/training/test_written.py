from training.data import Example
from training.written import APART, in_company


def _texts(count: int, source: str) -> list[list[Example]]:
    return [
        [Example(f"claim {letter}", f"{source} {number}.", 0, source) for letter in "ab"] for number in range(count)
    ]


def test_a_text_gets_company_of_its_own_file_and_of_another_report() -> None:
    texts = _texts(2 * APART, "one") + _texts(2 * APART, "two")
    done = in_company(texts, 1.0, 3)
    for group, before in zip(done, texts, strict=True):
        (premise,) = {example.premise for example in group}
        own = before[0].premise
        other = premise.replace(own, "").strip()
        source, number = own.rstrip(".").split()
        assert other.startswith(source)
        assert abs(int(other.rstrip(".").split()[1]) - int(number)) >= APART
        assert [example.claim for example in group] == ["claim a", "claim b"]
    starts = [group[0].premise.startswith(before[0].premise) for group, before in zip(done, texts, strict=True)]
    assert True in starts and False in starts


def test_company_is_kept_only_where_there_is_any_and_by_share() -> None:
    assert in_company(_texts(APART, "one"), 1.0, 3) == _texts(APART, "one")
    texts = _texts(40, "one")
    assert in_company(texts, 0.0, 3) == texts
    changed = sum(a != b for a, b in zip(in_company(texts, 0.5, 3), texts, strict=True))
    assert 10 < changed < 30
