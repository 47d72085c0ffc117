"""Loading models while other things are done."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Protocol

from factcheck.errors import FactcheckError


class Loadable(Protocol):
    """A model that loads at its first use, or when told so."""

    def load(self) -> None:
        """Load now (safe to call from a thread, and twice)."""
        ...


def load_in_background(*models: Loadable) -> None:
    """Load models, one after the other; what goes wrong shows when they are used."""

    def load() -> None:
        for model in models:
            with suppress(FactcheckError):
                model.load()

    threading.Thread(target=load, daemon=True).start()
