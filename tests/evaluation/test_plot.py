from pathlib import Path

import pytest

from factcheck.errors import ConfigError
from factcheck.evaluation import plot
from factcheck.evaluation.metrics import risk_coverage
from tests.evaluation.fakes import outcomes


def test_missing_matplotlib_is_reported_with_the_way_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plot, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"--plot needs matplotlib.*pip install 'factcheck\[plot\]'"):
        plot.require_plot(tmp_path / "out.png")


@pytest.mark.parametrize("name", ["none/out.png", "."])
def test_place_that_cannot_be_written_is_reported(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot, "find_spec", lambda name: object())
    with pytest.raises(ConfigError, match="cannot be written; name a file in a folder that exists"):
        plot.require_plot(tmp_path / name)


def test_curve_is_drawn_as_png(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    path = tmp_path / "out.png"
    plot.require_plot(path)
    plot.save_risk_coverage(risk_coverage(outcomes("SS", "SR", [0.9, 0.2])), path, "a $ b $ \\x")
    assert path.read_bytes().startswith(b"\x89PNG\r\n")


def test_full_disk_is_reported(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")
    with pytest.raises(ConfigError, match="cannot be written: "):
        plot.save_risk_coverage(risk_coverage(outcomes("S", "S")), tmp_path, "t")
