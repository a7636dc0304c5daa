"""`abm-trace evidence hold`."""

from pathlib import Path

from tests.cli.conftest import Run


def test_hold(run: Run, log: Path) -> None:
    """If this failed, a hold would hold other records than it says."""
    done = run("evidence", "hold", "ev", "--index", "3-4", "--index", "1", "--index", "2", "--reason", "matter 1")
    assert done.stdout == "record 2: records 1-4 under hold\n"
    done = run("evidence", "hold", "ev", "--reason", "matter 2")
    assert done.stdout == "record 3: every record, also those to come under hold\n"
    for wrong in ("x", "4-3", "-1", ""):
        assert run("evidence", "hold", "ev", "--index", wrong, "--reason", "x").returncode == 2
    assert run("evidence", "hold", "ev", "--reason", "a\u202eb").returncode == 2
    for named in ("laptop of jane@example.com", "device F9FXQ1ABCD"):
        done = run("evidence", "hold", "ev", "--reason", named)
        assert (done.returncode, "--reason: names" in done.stderr) == (2, True)
    assert run("evidence", "hold", "ev", "--reason", "x", "--actor", "jane@example.com").returncode == 2
