"""The lock database: it tells what was signed, and where it is damaged that is said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.evidence.building import check, where
from tests.evidence.verify.damage import rewritten

from abm_trace.evidence.places import Places


def test_a_crash_within_a_write_of_the_lock(log: Places) -> None:
    """If this failed, a crash would look like an attack until the log is opened again."""
    code = (
        "import os, sqlite3, sys; d = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "d.execute('PRAGMA cache_size = 1'); d.execute('BEGIN');"
        "d.executemany('INSERT INTO signed VALUES (?, ?, ?)', [(n, bytes(32), bytes(999)) for n in range(900, 990)]);"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(log.lock)], check=True)
    assert Path(f"{log.lock}-journal").stat().st_size
    report = check(log, raw=False)
    assert not report.problems
    assert any("what stood in it before was looked at" in each for each in report.remarks)
    assert Path(f"{log.lock}-journal").stat().st_size, "the log itself is as it was"
    Path(f"{log.lock}-journal").write_text("x")
    log.lock.write_text("x")
    assert where(check(log, raw=False)) == {str(log.lock)}, "what is no database is no crash"


def test_the_lock_narrows_it_once(log: Places) -> None:
    """If this failed, records behind the one that was changed would be blamed, too."""
    rewritten(log, lambda entries: [*entries[:100], entries[99], *entries[101:]])
    blamed = [each.where for each in check(log, raw=False).problems if "entries were signed" in each.text]
    assert blamed == ["records 2 to 151"]


@pytest.mark.parametrize("name", ["private/staging.db", "private/staging.db-journal", "lock", "lock-journal"])
def test_a_fifo_in_the_place_of_a_database(name: str, log: Places) -> None:
    """If this failed, the check would wait for ever, or not say that what waits is gone."""
    path = Path(f"{log.lock}{name.removeprefix('lock')}") if name.startswith("lock") else log.store / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert any("no regular file" in each.text for each in check(log).problems)
