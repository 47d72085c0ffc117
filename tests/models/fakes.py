"""A package index in a folder, and a pip that serves from it; no network."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path
from typing import Any

from factcheck.models.spec import ModelSpec

PARTS = (b"first part, " * 900, b"second part, " * 700, b"third part, " * 500, b"fourth part, " * 300)
WHOLE = b"".join(PARTS)

_FAKE_PIP = """
import pathlib, shutil, sys
index = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
requirement = arguments[-1]
with (index / "log").open("a") as log:
    log.write(requirement + "\\n")
if (index / "offline").exists():
    sys.stderr.write((index / "offline").read_text())
    sys.exit(1)
name = requirement.replace("==", "-") + ".whl"
target = pathlib.Path(arguments[arguments.index("--dest") + 1])
target.mkdir(parents=True)
once = index / "once" / name
if once.exists():
    shutil.move(once, target / name)
else:
    shutil.copy(index / name, target / name)
"""


class FakeIndex:
    """Wheels in a folder. `pip` is the command to use in place of the real one."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        script = folder / "pip.py"
        script.write_text(_FAKE_PIP)
        self.pip = (sys.executable, "-I", "-S", str(script))

    def add(self, requirement: str, files: dict[str, bytes]) -> Path:
        """Put a wheel into the index."""
        path = self.folder / f"{requirement.replace('==', '-')}.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path

    def add_parts(self, version: str = "1.0", parts: tuple[bytes, ...] = PARTS) -> None:
        for number, data in enumerate(parts, start=1):
            self.add(f"part{number}=={version}", {f"part{number}/data.bin": data})

    def serve_damaged_once(self, requirement: str) -> None:
        """Serve the first half of the wheel at the next download."""
        name = f"{requirement.replace('==', '-')}.whl"
        (self.folder / "once").mkdir(exist_ok=True)
        data = (self.folder / name).read_bytes()
        (self.folder / "once" / name).write_bytes(data[: len(data) // 2])

    def go_offline(self, stderr: str) -> None:
        (self.folder / "offline").write_text(stderr)

    def requests(self) -> list[str]:
        """What pip was asked for since the last call, sorted."""
        log = self.folder / "log"
        asked = sorted(log.read_text().split()) if log.exists() else []
        log.unlink(missing_ok=True)
        return asked


def llm_spec(**changes: Any) -> ModelSpec:
    """An LLM in four wheels."""
    source = {
        "kind": "wheels",
        "package": "part{n}",
        "version": "1.0",
        "parts": 4,
        "member": "part{n}/data.bin",
    }
    fields: dict[str, Any] = {
        "name": "tiny",
        "role": "llm",
        "source": {**source, "member": "part{n}/data.bin"},
        "licence": "MIT",
        "size": len(WHOLE),
        "sha256": hashlib.sha256(WHOLE).hexdigest(),
    }
    return ModelSpec.model_validate({**fields, **changes})


def silent(label: str, done: int, total: int | None) -> None:
    """Report nothing."""
