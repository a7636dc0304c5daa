"""`abm-trace evidence release`."""

from pathlib import Path

from tests.cli.conftest import Run


def test_second_person(run: Run, log: Path) -> None:
    """If this failed, one person could lift a hold."""
    run("evidence", "hold", "ev", "--reason", "matter 1", "--actor", "ann")
    words = ("evidence", "release", "ev", "2", "--reason", "closed")
    for actor, second in (("bob", "bob"), ("bob", "ann"), ("ann", "Ann")):
        done = run(*words, "--actor", actor, "--second", second)
        assert (done.returncode, "second person" in done.stderr) == (2, True)
    assert "--second: names" in run(*words, "--actor", "ann", "--second", "bob@example.com").stderr
    done = run(*words, "--actor", "ann", "--second", "bob")
    assert done.stdout == "record 3: the hold of record 2 is lifted\n"
    assert run(*words, "--actor", "ann", "--second", "bob").returncode == 2
