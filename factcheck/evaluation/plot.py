"""The risk-coverage curve as a picture. Needs matplotlib, which only the extra `plot` installs."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from factcheck.errors import ConfigError
from factcheck.evaluation.metrics import RiskPoint

SIZE_INCHES = (6.0, 4.0)
DOTS_PER_INCH = 150


def require_plot(path: Path) -> None:
    """Raise ConfigError if no picture could be written to `path`: better now than after the run."""
    if find_spec("matplotlib") is None:
        raise ConfigError("--plot needs matplotlib, which is not installed; run: pip install 'factcheck[plot]'")
    if path.is_dir() or not path.parent.is_dir():
        raise ConfigError(f"--plot {path} cannot be written; name a file in a folder that exists")


def save_risk_coverage(points: Sequence[RiskPoint], path: Path, title: str) -> None:
    """Draw error rate against share of claims answered, as a PNG file. Raises ConfigError."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    FigureCanvasAgg(figure)  # draws without a display
    axes = figure.add_subplot()
    axes.plot(
        [p.coverage for p in points],
        [p.risk for p in points],
        marker=".",
        label="answered first: most confident",
    )
    axes.axhline(points[-1].risk, linestyle=":", color="grey", label="all answered")
    axes.set_xlim(0, 1.02)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("coverage (share of claims answered)")
    axes.set_ylabel("risk (share of answers that are wrong)")
    axes.set_title(title, parse_math=False)
    axes.legend()
    try:
        figure.savefig(path, format="png", dpi=DOTS_PER_INCH)
    except OSError as error:
        raise ConfigError(f"--plot {path} cannot be written: {error.strerror or error}") from error
