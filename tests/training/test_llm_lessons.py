import random

import torch

from training.data import Example
from training.llm_lessons import Tree, batch_of, batches, by_text, packed, tree

OPENING = 2


def test_prompts_share_their_beginning_and_each_keeps_a_token() -> None:
    assert tree([[1, 2, 3, 4], [1, 2, 5]], [0, 2], 10) == Tree([1, 2], [[3, 4], [5]], [0, 2])
    assert tree([[1, 2]], [1], 10) == Tree([1], [[2]], [1])
    assert tree([[1, 2], [1, 2, 3]], [1, 0], 10) == Tree([1], [[2], [2, 3]], [1, 0])


def test_a_tree_that_is_too_wide_loses_its_last_prompts_but_not_all() -> None:
    assert tree([[1, 2], [1, 3], [1, 4]], [0, 1, 2], 3) == Tree([1], [[2], [3]], [0, 1])
    assert tree([[1, 2, 3]], [0], 2) == Tree([1, 2], [[3]], [0])


def test_a_claim_sees_the_opening_its_text_and_itself_only() -> None:
    batch = batch_of([[Tree([7, 8], [[1, 2], [3]], [0, 1]), Tree([9], [[4]], [2])]], OPENING, 8)
    assert batch.tokens.tolist() == [[7, 8, 1, 2, 3, 9, 4, 0]]
    assert batch.positions[0, :7].tolist() == [2, 3, 4, 5, 4, 2, 3]
    assert batch.ends.tolist() == [[0, 3], [0, 4], [0, 6]]
    assert batch.labels.tolist() == [0, 1, 2]
    seen = batch.mask[0, 0] == 0
    assert seen[:, :OPENING].all()
    rows = [torch.nonzero(row[OPENING:]).flatten().tolist() for row in seen[:7]]
    assert rows == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 4], [5], [5, 6]]
    assert batch.mask.dtype == torch.bfloat16
    assert bool((batch.mask[0, 0] == 0).any(dim=1).all())  # a row that sees nothing would become NaN


def test_every_tree_is_in_one_row_and_rows_keep_their_width() -> None:
    sizes = [5, 3, 9, 4, 12, 1, 7, 2] * 4
    groups = packed(sizes, 10)
    assert sorted(place for group in groups for place in group) == list(range(len(sizes)))
    assert all(sum(sizes[i] for i in group) <= 10 or len(group) == 1 for group in groups)


def test_a_run_sees_every_label_once() -> None:
    trees = [Tree([1], [[2]] * (n % 3 + 1), [n % 3] * (n % 3 + 1)) for n in range(20)]
    seen = [label for batch in batches(trees, OPENING, 8, 2, random.Random(1)) for label in batch.labels.tolist()]
    assert sorted(seen) == sorted(label for item in trees for label in item.labels)


def test_pairs_about_one_text_go_together() -> None:
    first, other, second = Example("a", "text", 0, ""), Example("b", "another", 1, ""), Example("c", "text", 2, "")
    assert by_text([first, other, second]) == [[first, second], [other]]
