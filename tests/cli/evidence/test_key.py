"""`abm-trace evidence key`."""

from pathlib import Path

import pytest
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    "words", [("--origin", "with blanks"), ("--origin", "x", "--days-min", "89"), ("--origin", "x", "--days-max", "9")]
)
def test_refused(words: tuple[str, ...], run: Run) -> None:
    """If this failed, a log could be made that keeps evidence for less than 90 days, or that no note can name."""
    assert run("evidence", "key", "new", "ev", *words).returncode == 2
    assert not Path("ev").exists()


def test_rotation(run: Run, log: Path) -> None:
    """If this failed, a key could not be replaced, or the only one be retired."""
    old = run("evidence", "key", "list", "ev").stdout.strip()
    new = run("evidence", "key", "add", "ev", "--reason", "rotation").stdout.strip()
    assert run("evidence", "key", "list", "ev").stdout.splitlines() == [old, new]
    done = run("evidence", "key", "retire", "ev", old.split("+")[1], "--reason", "rotation")
    assert done.returncode == 0, done.stderr
    assert run("evidence", "key", "list", "ev").stdout.strip() == new
    for key in (old, new):
        assert run("evidence", "verify", "ev", "--key", key).returncode == 0
    assert run("evidence", "key", "retire", "ev", new.split("+")[1], "--reason", "x").returncode == 2
    assert run("evidence", "key", "retire", "ev", "00000000", "--reason", "x").returncode == 2
    assert run("evidence", "key", "add", "ev", "--reason", "x", "--command", "false").returncode == 2


def test_only_once(run: Run, log: Path) -> None:
    """If this failed, a log could be made anew over another."""
    done = run("evidence", "key", "new", "ev", "--origin", "x")
    assert (done.returncode, "already" in done.stderr) == (2, True)
