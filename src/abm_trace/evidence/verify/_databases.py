"""What the databases beside a log say, read without changing a byte of them."""

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from abm_trace.evidence.files import is_other, regular

_JOURNAL: Final = bytes.fromhex("d9d505f920a163d7")
"""What a rollback journal begins with; zeros until it counts. From: https://www.sqlite.org/fileformat2.html, 3."""


class Locked(NamedTuple):
    """What the lock database says: size and root of all that was signed, paths of the time stamps that were kept."""

    signed: list[tuple[object, object]]
    stamps: list[object]


def locked_before(lock: Path) -> tuple[Locked, bool]:
    """What the lock database says, and whether a cut write was undone for it.

    A crash may have cut a write, which SQLite undoes where it may write: in a copy. Raises sqlite3.Error.
    """
    journal = Path(f"{lock}-journal")
    _refuse_others(lock, journal)
    try:
        return _said_in(lock), False
    except sqlite3.Error as error:
        if "locked" in str(error) or not (journal.is_file() and journal.stat().st_size):
            raise
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, lock.name)
        try:
            shutil.copyfile(lock, copy)
            shutil.copyfile(journal, f"{copy}-journal")
            with _legible(), contextlib.closing(sqlite3.connect(copy)) as database:
                database.execute("SELECT count(*) FROM signed").fetchone()
        except OSError as error:
            raise sqlite3.DatabaseError(str(error)) from error
        return _said_in(copy), True


def is_journal(store: Path) -> bool:
    """Whether the journal of what waits is one: empty, begun, or what a crash left of a write. Raises OSError."""
    path = store / "private/staging.db-journal"
    if not path.is_file():
        return True
    with regular(path) as file:
        head = file.read(len(_JOURNAL))
    return not head or head in {_JOURNAL, bytes(len(_JOURNAL))}


def count_waiting(store: Path, covered: int) -> int:
    """How many acknowledged entries have no checkpoint yet. Raises sqlite3.Error, as where a writer is at work."""
    staging = store / "private/staging.db"
    _refuse_others(staging, store / "private/staging.db-journal")
    if not staging.is_file():
        return 0
    with _legible(), contextlib.closing(_read_only(staging)) as database:
        count: int = database.execute("SELECT count(*) FROM ingested WHERE at >= ?", (covered,)).fetchone()[0]
    return count


def _said_in(lock: Path) -> Locked:
    with _legible(), contextlib.closing(_read_only(lock, wait_s=5)) as database:
        signed = database.execute("SELECT size, root FROM signed ORDER BY size").fetchall()
        stamps = []
        if database.execute(
            "SELECT 1 FROM sqlite_schema WHERE name = 'stamped'"
        ).fetchone():  # A lock of before has none.
            stamps = [path for (path,) in database.execute("SELECT path FROM stamped ORDER BY path")]
        return Locked(signed, stamps)


@contextlib.contextmanager
def _legible() -> Iterator[None]:
    """Turns what Python says where SQLite quotes a schema that is damaged into a sqlite3.Error."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise sqlite3.DatabaseError("its schema is damaged") from error


def _refuse_others(*paths: Path) -> None:
    """Raises sqlite3.DatabaseError for a path that is there and no regular file: a fifo would never end."""
    for path in paths:
        if is_other(path):
            raise sqlite3.DatabaseError(f"{path.name} is no regular file")


def _read_only(path: Path, wait_s: float = 0) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=wait_s)
