import os
from pathlib import Path

from factcheck.models.prefix_states import KEPT_FILES, PrefixStates


def test_a_saved_state_is_read_back(tmp_path: Path) -> None:
    PrefixStates(tmp_path / "new", "model").save([1, 2], b"state")
    assert PrefixStates(tmp_path / "new", "model").load([1, 2]) == b"state"


def test_states_of_other_prompts_and_settings_are_not_mixed_up(tmp_path: Path) -> None:
    states = PrefixStates(tmp_path, "model")
    states.save([1, 2], b"state")
    assert states.load([1, 2, 3]) is None
    assert PrefixStates(tmp_path, "another model").load([1, 2]) is None


def test_a_damaged_file_counts_as_none(tmp_path: Path) -> None:
    states = PrefixStates(tmp_path, "model")
    states.save([1], b"state")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    assert states.load([1]) is None


def test_the_files_that_were_not_used_for_longest_are_deleted(tmp_path: Path) -> None:
    states = PrefixStates(tmp_path, "model")
    for n in range(KEPT_FILES):
        states.save([n], b"state")
    for age, file in enumerate(tmp_path.iterdir()):
        os.utime(file, (age, age))
    states.load([0])
    states.save([KEPT_FILES], b"state")
    assert len(list(tmp_path.iterdir())) == KEPT_FILES
    assert (states.load([0]), states.load([KEPT_FILES])) == (b"state", b"state")


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    states = PrefixStates(tmp_path / "file", "model")
    states.save([1], b"state")
    assert states.load([1]) is None
