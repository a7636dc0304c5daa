"""The lock database: one successor for each checkpoint."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from abm_trace.evidence.errors import EvidenceError, RefusedError
from abm_trace.evidence.lock import Lock
from abm_trace.evidence.note import Checkpoint, Line, Note


def signed(size: int, root: int) -> tuple[Checkpoint, Note]:
    """A checkpoint, as if signed."""
    checkpoint = Checkpoint("log.example", size, bytes([root]) * 32)
    return checkpoint, Note(checkpoint.text(), (Line("log.example", b"abcd", bytes(64)),))


def test_one_successor(tmp_path: Path) -> None:
    """If this failed, two different checkpoints of one size could go out."""
    lock = Lock(tmp_path / "lock")
    assert lock.newest() is None
    first, other, second = signed(2, 1), signed(2, 2), signed(5, 3)
    lock.swap(None, *first)
    for before, after in ((None, other), (first[0], other), (other[0], second), (first[0], signed(1, 1))):
        with pytest.raises(RefusedError):
            lock.swap(before, *after)
    lock.swap(first[0], *second)
    lock.close()
    lock = Lock(tmp_path / "lock")
    assert lock.newest() == second
    assert list(lock.history()) == [(2, first[0].root), (5, second[0].root)]
    lock.close()


def test_a_damaged_lock(tmp_path: Path) -> None:
    """If this failed, a lock whose rows contradict each other would be gone on from."""
    lock = Lock(tmp_path / "lock")
    lock.swap(None, *signed(2, 1))
    for change in ("root = x'00'", "note = x'00'"):
        lock._database.execute(f"UPDATE signed SET {change}")  # noqa: S608  # A test's own text.
        with pytest.raises(EvidenceError, match="damaged"):
            lock.newest()
    lock.close()


def test_a_note_that_is_none(tmp_path: Path) -> None:
    """If this failed, a damaged row would be a fault of the program."""
    path = tmp_path / "lock"
    lock = Lock(path)
    lock.swap(None, *signed(2, 1))
    lock.close()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE other AS SELECT size, root, 7 AS note FROM signed")
        database.execute("DROP TABLE signed")
        database.execute("ALTER TABLE other RENAME TO signed")
        database.commit()
    lock = Lock(path)
    with pytest.raises(EvidenceError, match="damaged"):
        lock.newest()
    lock.close()
