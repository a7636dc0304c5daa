"""SQLite as the log uses it: a rollback journal and synchronous=FULL, so that what is committed survives power loss."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.files import is_other

_DAMAGED: Final = "It is damaged, or no database. See what stands all the same: abm-trace evidence verify STORE"


def connect(path: Path, *tables: str, alone: bool = False) -> sqlite3.Connection:
    """A connection, in which each transaction is begun by `transaction`. Raises EvidenceError.

    `tables` are what makes the tables, where they are not there.
    `alone` holds the database until it is closed or the process ends: a second writer is refused within a second, which
    is the time of a check that looks at it.
    No write-ahead log: one writer needs none, and SQLite before 3.51.3 can corrupt it (sqlite.org/wal.html).
    """
    for part in (path, Path(f"{path}-journal")):
        if is_other(part):  # SQLite would wait for a fifo.
            raise EvidenceError(f"{part}: is no regular file", hint="Nobody but the log writes there. See: ls -l")
    with refusing(path):
        database = sqlite3.connect(path, timeout=1 if alone else 5, isolation_level=None)
        try:
            if alone:
                database.execute("PRAGMA locking_mode = EXCLUSIVE")
            # What is deleted is overwritten: a nonce that was purged must not stay in a free page.
            database.execute("PRAGMA secure_delete = ON")
            database.execute("PRAGMA journal_mode = TRUNCATE")
            database.execute("PRAGMA synchronous = FULL")
            if alone:
                database.execute("BEGIN EXCLUSIVE")
                database.execute("COMMIT")
            for table in tables:
                database.execute(table)
        except BaseException:
            database.close()
            raise
    return database


@contextlib.contextmanager
def transaction(database: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All of it or, at any error, nothing. Raises EvidenceError for what the database refuses."""
    with refusing(path):
        database.execute("BEGIN IMMEDIATE")
        try:
            yield
            database.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                database.execute("ROLLBACK")
            raise


@contextlib.contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turns what SQLite says into an EvidenceError that tells what to do."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:  # The latter where it quotes a schema that is damaged.
        if "locked" in str(error):
            raise EvidenceError(
                f"{path}: another writer is at work", hint="A log has one writer at a time; wait until it is done."
            ) from error
        if type(error) is sqlite3.DatabaseError or isinstance(error, UnicodeDecodeError):
            why = "its schema is damaged" if isinstance(error, UnicodeDecodeError) else error
            raise EvidenceError(f"{path}: {why}", hint=_DAMAGED) from error
        hint = "Check the disk and its room, then run the command again. Nothing that was acknowledged is lost."
        raise EvidenceError(f"{path}: {error}", hint=hint) from error
