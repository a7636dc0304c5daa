"""The databases: durable, one writer, and errors of ours."""

import contextlib
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from abm_trace.evidence import database
from abm_trace.evidence.errors import EvidenceError


def test_settings(tmp_path: Path) -> None:
    """If this failed, what is committed might not survive a loss of power."""
    with database.refusing(tmp_path):
        found = database.connect(tmp_path / "x.db")
        values = [
            found.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode", "secure_delete")
        ]
    assert values == [2, "truncate", 1]
    found.close()


def test_a_failed_transaction_changes_nothing(tmp_path: Path) -> None:
    """If this failed, half of a batch would be acknowledged."""
    path = tmp_path / "x.db"
    found = database.connect(path)
    found.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    with pytest.raises(EvidenceError, match="UNIQUE"), database.transaction(found, path):
        found.executemany("INSERT INTO t VALUES (?)", [(1,), (1,)])
    assert found.execute("SELECT count(*) FROM t").fetchone() == (0,)
    found.close()


def test_alone(tmp_path: Path) -> None:
    """If this failed, a second writer would work."""
    found = database.connect(tmp_path / "x.db", alone=True)
    with pytest.raises(EvidenceError, match="another writer"):
        database.connect(tmp_path / "x.db", alone=True)
    found.close()


def test_a_check_that_looks_on(tmp_path: Path) -> None:
    """If this failed, who checks a log for a moment would keep a triage from being recorded."""
    path = tmp_path / "x.db"
    with contextlib.closing(database.connect(path)) as made:
        made.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    looking = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    looking.execute("BEGIN")
    looking.execute("SELECT count(*) FROM t").fetchone()
    timer = threading.Timer(0.2, looking.close)
    timer.start()
    database.connect(path, alone=True).close()
    timer.join()


@pytest.mark.parametrize("content", [b"no database at all, but long enough to look like one" * 9])
def test_what_is_no_database(content: bytes, tmp_path: Path) -> None:
    """If this failed, a damaged database would be a crash without a reason."""
    (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(EvidenceError, match="not a database"):
        database.connect(tmp_path / "x.db")
    with pytest.raises(EvidenceError, match="unable to open"):
        database.connect(tmp_path / "nowhere" / "x.db")


def test_a_schema_that_is_damaged(tmp_path: Path) -> None:
    """If this failed, one damaged byte of a database would be a fault of the program."""
    path = tmp_path / "x.db"
    with contextlib.closing(database.connect(path)) as made:
        made.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    data = path.read_bytes()
    at = data.index(b"CREATE TABLE t") + len("CREATE ")
    path.write_bytes(data[:at] + bytes([data[at] ^ 0x80]) + data[at + 1 :])
    with pytest.raises(EvidenceError, match=r"x\.db"):
        database.connect(path, alone=True)


@pytest.mark.parametrize("name", ["x.db", "x.db-journal"])
def test_a_fifo_in_its_place(name: str, tmp_path: Path) -> None:
    """If this failed, a writer would wait for ever."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(EvidenceError, match="no regular file"):
        database.connect(tmp_path / "x.db")
