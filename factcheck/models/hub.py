"""Fetches a file or a repository from a model hub, where one can be reached."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from factcheck.errors import ModelError
from factcheck.models.spec import HubSource
from factcheck.models.wheels import Report, bytes_below

_ENCODER_FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]
_POLL_SECONDS = 0.5


def fetch(source: HubSource, target: Path, report: Report) -> None:
    """Fetch to the file or folder `target`, replacing it; a broken-off run goes on. Raises ModelError."""
    folder = target.with_name("hub")
    failure: list[BaseException] = []

    def work() -> None:
        try:
            _download(source, folder)
        except BaseException as error:
            failure.append(error)

    # In a thread, so that progress can be told and Ctrl-C does not wait for the network.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_POLL_SECONDS)
        report(bytes_below(folder))
    if failure:
        reason = (str(failure[0]).strip().splitlines() or [type(failure[0]).__name__])[0]
        raise ModelError(f"{source.id} could not be fetched from its hub ({reason}); check network and id")
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    (folder / source.file if source.file else folder).replace(target)
    shutil.rmtree(folder, ignore_errors=True)


def _download(source: HubSource, folder: Path) -> None:
    from huggingface_hub import hf_hub_download, snapshot_download
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    if source.file:
        hf_hub_download(source.id, source.file, revision=source.revision, local_dir=folder)
    else:
        snapshot_download(source.id, revision=source.revision, local_dir=folder, allow_patterns=_ENCODER_FILES)
