"""The ingest database: what is acknowledged stays until it is published."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.staging import Row, Staging

ROWS = [Row(number, bytes(32), b"entry", "-") for number in range(4)]


def test_rows_come_back_after_closing(tmp_path: Path) -> None:
    """If this failed, an acknowledged entry would be lost with the process."""
    staging = Staging(tmp_path / "x.db")
    staging.ingest(ROWS, [(1, 2)])
    staging.stage(3, {"b": b"1", "a": b"2"})
    staging.close()
    staging = Staging(tmp_path / "x.db")
    assert staging.ingested() == ROWS
    assert staging.erasing() == [(1, 2)]
    size, files = staging.staged()
    assert (size, list(files.items())) == (3, [("b", b"1"), ("a", b"2")])
    staging.clear(3)
    staging.erased()
    assert (staging.ingested(), staging.staged(), staging.erasing()) == (ROWS[3:], (0, {}), [])
    staging.close()


def test_one_index_is_given_once(tmp_path: Path) -> None:
    """If this failed, two entries could have one index."""
    staging = Staging(tmp_path / "x.db")
    staging.ingest(ROWS[:2])
    with pytest.raises(EvidenceError):
        staging.ingest(ROWS[1:])
    assert staging.ingested() == ROWS[:2]
    staging.close()


def test_what_is_taken_back_is_gone(tmp_path: Path) -> None:
    """If this failed, what a command was refused would happen with the next one."""
    staging = Staging(tmp_path / "x.db")
    staging.ingest(ROWS[:2], [(1, 2)])
    staging.ingest(ROWS[2:], [(1, 2), (5, 6)])
    staging.stage(4, {"a": b"1"})
    staging.take_back(2, [(1, 2), (5, 6)])
    assert (staging.ingested(), staging.erasing(), staging.staged()) == (ROWS[:2], [(1, 2)], (0, {}))
    staging.close()


def test_rows_of_other_types(tmp_path: Path) -> None:
    """If this failed, a damaged database would be a fault of the program."""
    path = tmp_path / "x.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE ingested (at, leaf, entry, secret)")
        database.execute("CREATE TABLE staged (size, path, data)")
        database.execute("INSERT INTO ingested VALUES (1, 2, NULL, 'x')")
        database.execute("INSERT INTO staged VALUES (1, 'x', NULL)")
        database.commit()
    staging = Staging(path)
    for read in (staging.ingested, staging.staged):
        with pytest.raises(EvidenceError, match="is damaged"):
            read()
    staging.close()
