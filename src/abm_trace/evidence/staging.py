"""The ingest database of a store: what is acknowledged and not yet published, and what a publication will write."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from abm_trace.evidence import database
from abm_trace.evidence.errors import EvidenceError

_INGESTED = """CREATE TABLE IF NOT EXISTS ingested
    (at INTEGER PRIMARY KEY, leaf BLOB NOT NULL, entry BLOB NOT NULL, secret TEXT NOT NULL) STRICT"""
_STAGED = """CREATE TABLE IF NOT EXISTS staged
    (size INTEGER NOT NULL, path TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT"""
_ERASING = "CREATE TABLE IF NOT EXISTS erasing (first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT"


class Row(NamedTuple):
    """An acknowledged entry: its index `at`, leaf hash, bytes, and its line of the private files."""

    at: int
    leaf: bytes
    entry: bytes
    secret: str


class Staging:
    """The database, held by one writer at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for part in (path, Path(f"{path}-journal")):
            if part.is_symlink():
                raise EvidenceError(
                    f"{part}: is a link, and must be a file of the store", hint="Ask who put it there. See: ls -l"
                )
        self._database = database.connect(path, _INGESTED, _STAGED, _ERASING, alone=True)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def ingest(self, rows: Iterable[Row], erasing: Iterable[tuple[int, int]] = ()) -> None:
        """Acknowledge entries; `erasing` are ranges whose bytes are to be deleted once these are published."""
        with database.transaction(self._database, self.path):
            self._database.executemany("INSERT INTO ingested VALUES (?, ?, ?, ?)", rows)
            self._database.executemany("INSERT INTO erasing VALUES (?, ?)", erasing)

    def take_back(self, at: int, erasing: Iterable[tuple[int, int]]) -> None:
        """Forget the entries from index `at` on, these ranges of theirs, and what was staged for them."""
        with database.transaction(self._database, self.path):
            self._database.execute("DELETE FROM staged")
            self._database.execute("DELETE FROM ingested WHERE at >= ?", (at,))
            newest = "SELECT max(rowid) FROM erasing WHERE first = ? AND last = ?"
            self._database.executemany(f"DELETE FROM erasing WHERE rowid = ({newest})", erasing)  # noqa: S608  # Ours.

    def ingested(self) -> list[Row]:
        """The acknowledged entries that still stand here, in order."""
        with database.refusing(self.path):
            rows = self._database.execute("SELECT at, leaf, entry, secret FROM ingested ORDER BY at").fetchall()
        return [Row(*row) for row in self._typed(rows, int, bytes, bytes, str)]

    def stage(self, size: int, files: Mapping[str, bytes]) -> None:
        """Hold the files that the publication of `size` entries writes, in the place of all others."""
        with database.transaction(self._database, self.path):
            self._database.execute("DELETE FROM staged")
            rows = ((size, path, data) for path, data in files.items())
            self._database.executemany("INSERT INTO staged VALUES (?, ?, ?)", rows)

    def staged(self) -> tuple[int, dict[str, bytes]]:
        """The size that is staged, 0 for none, and its files in the order in which they were staged."""
        with database.refusing(self.path):
            rows = self._database.execute("SELECT size, path, data FROM staged ORDER BY rowid").fetchall()
        self._typed(rows, int, str, bytes)
        return (rows[0][0] if rows else 0), {path: data for _, path, data in rows}

    def clear(self, size: int) -> None:
        """Forget what is published: the staged files, and the entries below `size`."""
        with database.transaction(self._database, self.path):
            self._database.execute("DELETE FROM staged")
            self._database.execute("DELETE FROM ingested WHERE at < ?", (size,))

    def erasing(self) -> list[tuple[int, int]]:
        """The ranges whose bytes are still to be deleted."""
        with database.refusing(self.path):
            rows = self._database.execute("SELECT first, last FROM erasing ORDER BY first").fetchall()
        return self._typed(rows, int, int)

    def _typed(self, rows: list[Any], *types: type) -> list[Any]:
        """The rows, which a damaged file may have of other types. Raises EvidenceError."""
        for row in rows:
            if not all(isinstance(value, each) for value, each in zip(row, types, strict=True)):
                raise EvidenceError(f"{self.path}: is damaged", hint="Bring the store back from its newest copy.")
        return rows

    def erased(self) -> None:
        """Forget those ranges."""
        with database.transaction(self._database, self.path):
            self._database.execute("DELETE FROM erasing")
