"""What the databases beside a log say, read without changing a byte of them."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from abm_trace.evidence.files import is_other, regular

_JOURNAL: Final = bytes.fromhex("d9d505f920a163d7")
"""What a rollback journal begins with; zeros until it counts. From: https://www.sqlite.org/fileformat2.html, 3."""


_VERSIONS_AT: Final = 18
_PLAIN: Final = b"\1\1"
"""Where the head of a database says how it is written and read, and what stands there without a write-ahead log. From:
https://www.sqlite.org/fileformat2.html, 1.3."""


class Locked(NamedTuple):
    """What the lock database says: size and root of all that was signed, the time stamps that were kept, and its note.

    That of the newest checkpoint; the stamps are paths.
    """

    signed: list[tuple[object, object]]
    stamps: list[object]
    note: object = None


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
    for path in (staging, store / "private/staging.db-journal"):
        if path.is_symlink():
            raise sqlite3.DatabaseError(f"{path.name} is a link, and must be a file of the store")
        _refuse_others(path)
    if not staging.is_file():
        return 0
    with _legible(), contextlib.closing(_read_only(staging)) as database:
        count: int = database.execute("SELECT count(*) FROM ingested WHERE at >= ?", (covered,)).fetchone()[0]
    return count


def _said_in(lock: Path) -> Locked:
    with _legible(), contextlib.closing(_read_only(lock, wait_s=5)) as database:
        database.execute("BEGIN")  # A writer beside it must not come between two of the questions.
        signed = database.execute("SELECT size, root FROM signed ORDER BY size").fetchall()
        stamps = []
        if database.execute(
            "SELECT 1 FROM sqlite_schema WHERE name = 'stamped'"
        ).fetchone():  # A lock of before has none.
            stamps = [path for (path,) in database.execute("SELECT path FROM stamped ORDER BY path")]
        note = database.execute("SELECT note FROM signed ORDER BY size DESC LIMIT 1").fetchone()
        return Locked(signed, stamps, *(note or ()))


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
    """The database to read, in which nothing is made or changed. Raises sqlite3.Error.

    SQLite makes files beside one with a write-ahead log, also to read it; the log of evidence never has one.
    """
    with contextlib.suppress(OSError), regular(path) as file:
        if file.read(_VERSIONS_AT + len(_PLAIN))[_VERSIONS_AT:] not in {_PLAIN, b""}:
            raise sqlite3.DatabaseError("is damaged, or was opened by another program: it has a write-ahead log")
    if any(os.path.lexists(f"{path}{end}") for end in ("-wal", "-shm")):
        raise sqlite3.DatabaseError("another program opened it: a write-ahead log stands beside it")
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=wait_s)
