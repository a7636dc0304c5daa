"""The lock database: each checkpoint that was signed, and time stamp that was kept.

It stands outside of the store, and is no part of a backup.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from abm_trace.evidence import database
from abm_trace.evidence.errors import EvidenceError, FormatError, RefusedError
from abm_trace.evidence.note import Checkpoint, Note

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS signed (size INTEGER PRIMARY KEY, root BLOB NOT NULL, note BLOB NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS stamped (path TEXT PRIMARY KEY) STRICT",
)

_DAMAGED: Final = (
    "What it signed is lost with it: begin a new log under a new name, and keep this one (docs/evidence.md)."
)


class Lock:
    """What this machine has put its name to. A checkpoint goes out only after it stands here."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = database.connect(path, *_TABLES)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def newest(self) -> tuple[Checkpoint, Note] | None:
        """The last checkpoint that was signed. Raises EvidenceError if the database is damaged."""
        with database.refusing(self.path):
            row = self._database.execute("SELECT size, root, note FROM signed ORDER BY size DESC LIMIT 1").fetchone()
        if row is None:
            return None
        try:
            if not isinstance(row[2], bytes):
                raise FormatError("a row without a note")
            note = Note.parse(row[2])
            checkpoint = Checkpoint.parse(note.text)
        except FormatError as error:
            raise EvidenceError(f"{self.path}: damaged: {error}", hint=_DAMAGED) from error
        if (checkpoint.size, checkpoint.root) != row[:2]:
            raise EvidenceError(f"{self.path}: damaged: its note of size {row[0]} is another one", hint=_DAMAGED)
        return checkpoint, note

    def history(self) -> Iterator[tuple[int, bytes]]:
        """Size and root of each checkpoint that was signed, the smallest first."""
        with database.refusing(self.path):
            yield from self._database.execute("SELECT size, root FROM signed ORDER BY size")

    def remember(self, stamp: str) -> None:
        """Remember that the time stamp of this path was kept, durably: so that it cannot vanish with its checkpoint."""
        with database.transaction(self._database, self.path):
            self._database.execute("INSERT OR IGNORE INTO stamped VALUES (?)", (stamp,))

    def swap(self, before: Checkpoint | None, after: Checkpoint, note: Note) -> None:
        """Put `after` in the place of `before`, durably.

        Raises RefusedError if another stands there: then somebody else signed, and `note` must never go out.
        """
        with database.transaction(self._database, self.path):
            row = self._database.execute("SELECT size, root FROM signed ORDER BY size DESC LIMIT 1").fetchone()
            if row != (before and (before.size, before.root)):
                stands = "nothing" if row is None else f"a checkpoint of {row[0]:,} entries"
                raise RefusedError(
                    f"{self.path} holds {stands}, which is not the one that this store goes on from",
                    hint="Two stores use one lock, or the store is an old copy: abm-trace evidence verify STORE",
                )
            if before and after.size <= before.size:
                raise RefusedError(f"a checkpoint of {after.size:,} entries after one of {before.size:,}")
            self._database.execute("INSERT INTO signed VALUES (?, ?, ?)", (after.size, after.root, note.render()))
