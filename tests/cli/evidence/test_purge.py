"""`abm-trace evidence purge`."""

from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.evidence.conftest import Clock


def test_purge(run: Run, log: Path, day: Clock) -> None:
    """If this failed, a person could purge early, or could not purge at all."""
    Path("a.log").write_bytes(b"a\n")
    Path("b.log").write_bytes(b"b\n")
    run("evidence", "add", "ev", "a.log")
    day(50)
    run("evidence", "add", "ev", "b.log")
    stray = log / "raw/00" / ("00" * 32 + ".zst")
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"left by a crash")
    words = ("evidence", "purge", "ev", "--reason", "retention")
    day(89)
    for which in (("--index", "2"), ("--older-than", "50")):
        done = run(*words, *which)
        assert done.returncode == 2
        assert "not purged: record 2 is " in done.stderr
        assert "until 2026-04-01T00:00:00Z" in done.stderr
    young = "purged 0 records: 2 records not 200 days old, the first of them not before 2026-07-20"
    done = run(*words, "--due")
    assert done.stdout.startswith(young), done.stdout
    day(91)
    assert run(*words, "--older-than", "90", "--dry-run").stdout == "would purge 1 record: 2\n"
    assert run("evidence", "log", "ev", "--bytes", "2").stdout == "a\n"
    assert run(*words, "--older-than", "90").stdout == "purged 1 record: 2\n"
    assert run("evidence", "log", "ev", "--bytes", "2").returncode == 2
    assert not stray.exists()
    day(250)
    assert run(*words, "--due").stdout == "purged 1 record: 3\n"
    done = run("evidence", "verify", "ev")
    assert done.returncode == 0, done.stdout
    assert "purged with proof: 2" in done.stdout
    assert run(*words).returncode == run(*words, "--due", "--index", "1").returncode == 2


def test_what_keeps_nothing_is_not_purged(run: Run, log: Path, day: Clock) -> None:
    """If this failed, a purge would be proved that deleted nothing."""
    for name in ("a", "b"):
        Path(name).write_text(name)
        run("evidence", "add", "ev", name)
    day(91)
    words = ("evidence", "purge", "ev", "--reason", "retention")
    for which, said in (("0-1", "records 0-1 keep nothing"), ("0", "record 0 keeps nothing")):
        done = run(*words, "--index", which)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert run(*words, "--index", "0-2", "--dry-run").stdout == "would purge 1 record: 0-2\n"
    assert run(*words, "--index", "2").returncode == 0
    assert run(*words, "--index", "2").returncode == 2
    assert len(run("evidence", "log", "ev").stdout.splitlines()) == 5


def test_why_nothing_is_purged(run: Run, log: Path, day: Clock) -> None:
    """If this failed, a person would be told of 0 records, and not whether they are held or too young."""
    Path("a.log").write_bytes(b"a\n")
    words = ("evidence", "purge", log, "--reason", "retention", "--older-than", "120")
    assert run(*words).stdout == "purged 0 records: none keeps anything, or no longer\n"
    run("evidence", "add", log, "a.log")
    assert run("evidence", "hold", log, "--index", "2", "--reason", "matter 17").returncode == 0
    day(100)
    run("evidence", "add", log, "a.log")
    day(121)
    said = "purged 0 records: 1 record under a hold, 1 record not 120 days old, the first of them not before 2026-08-09"
    assert run(*words).stdout.startswith(said)
