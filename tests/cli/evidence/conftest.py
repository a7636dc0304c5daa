"""A log made by the program itself, with a clock of the test's own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Run, run

from abm_trace.cli.evidence import _options
from abm_trace.core import instants

START = instants.parse("2026-01-01T00:00:00Z")
Clock = Callable[[int], None]

__all__ = ["run"]


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """`day(n)`: from now on it is the n-th day after the log was made."""

    def set_day(number: int) -> None:
        monkeypatch.setattr(_options, "now", lambda: START + number * 86_400 * instants.SECOND)

    set_day(0)
    return set_day


@pytest.fixture
def log(run: Run, tmp_path: Path) -> Path:
    """A log of two records, in `ev` of the current folder."""
    done = run(
        "evidence", "key", "new", "ev", "--origin", "acme.example/evidence", "--days-max", "200", "--actor", "ann"
    )
    assert done.returncode == 0, done.stderr
    return tmp_path / "ev"
