"""Writes requirements/run.txt and dev.txt: the versions of this environment of all that factcheck needs.

For the maintainer, after trying new versions: `.venv/bin/python -m tools.pin`.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
# Built here, with flags of its own: tools/install_llama.py.
NOT_BY_PIP = {"llama-cpp-python"}
# What installing factcheck itself takes.
BUILD_TOOLS = ["hatchling", "editables"]


def closure(requirements: Iterable[str]) -> dict[str, str]:
    """Versions, by name, of the packages named and of all that they need on this platform."""
    versions: dict[str, str] = {}
    todo = [Requirement(text) for text in requirements]
    while todo:
        wanted = todo.pop()
        found = distribution(wanted.name)
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        first_visit = name not in versions
        versions[name] = found.version.partition("+")[0]  # +cpu and the like belong to one index
        needs = [Requirement(text) for text in found.requires or []] if first_visit or wanted.extras else []
        extras = ["", *wanted.extras] if first_visit else sorted(wanted.extras)
        todo += [
            need
            for need in needs
            if any(need.marker is None or need.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    return {name: version for name, version in versions.items() if name not in NOT_BY_PIP}


def main() -> int:
    """Write both files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    run = closure([*project["dependencies"], *BUILD_TOOLS])
    dev = closure(project["optional-dependencies"]["dev"])
    head = "# Written by tools/pin.py.\n"
    texts = {
        "run": _lines(run),
        "dev": "-c run.txt\n" + _lines({k: v for k, v in dev.items() if k not in run}),
    }
    for name, text in texts.items():
        (ROOT / "requirements" / f"{name}.txt").write_text(head + text, encoding="utf-8")
    return 0


def _lines(versions: dict[str, str]) -> str:
    return "".join(f"{name}=={version}\n" for name, version in sorted(versions.items()))


if __name__ == "__main__":
    sys.exit(main())
