"""The databases beside a log are read, and nothing is made or changed beside them."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.evidence import building
from tests.evidence.building import check, where

from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.places import Places
from abm_trace.evidence.verify import _databases


@pytest.fixture
def small(tmp_path: Path) -> Places:
    """A log of three records."""
    return building.make(tmp_path, 1)


def files(log: Places) -> dict[Path, tuple[bytes, int]]:
    """All that stands there."""
    found = (path for path in log.store.parent.rglob("*") if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


@pytest.mark.parametrize("name", ["staging", "lock"])
def test_a_write_ahead_log(name: str, small: Places) -> None:
    """If this failed, the check would write into the log that it looks at, and blame the log for it."""
    path = small.lock if name == "lock" else small.store / "private/staging.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
    before = files(small)
    assert where(check(small)) == {str(path) if name == "lock" else "private/staging.db"}
    assert files(small) == before


@pytest.mark.parametrize("end", ["-wal", "-shm"])
@pytest.mark.parametrize("name", ["staging", "lock"])
def test_a_write_ahead_log_beside_it(name: str, end: str, small: Places) -> None:
    """If this failed, the same would come of a file that somebody put there."""
    path = small.lock if name == "lock" else small.store / "private/staging.db"
    Path(f"{path}{end}").write_bytes(b"")
    before = files(small)
    staging = {"private/staging.db", f"private/staging.db{end}"}
    assert where(check(small)) == ({str(path)} if name == "lock" else staging)
    assert files(small) == before


@pytest.mark.parametrize("end", ["", "-journal"])
def test_what_waits_is_a_link(end: str, small: Places) -> None:
    """If this failed, what waits would stand outside of the store, and be written through the link."""
    path, elsewhere = small.store / f"private/staging.db{end}", small.store.parent / "elsewhere"
    os.replace(path, elsewhere)  # noqa: PTH105  # As the log itself.
    path.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    assert "private/staging.db" in where(check(small))
    with pytest.raises(EvidenceError, match=f"staging.db{end}: is a link"):
        building.add(small, range(1, 2))
    assert elsewhere.read_bytes() == before


@pytest.mark.parametrize("damage", ["note", "signature", "no text"])
def test_the_newest_note_of_the_lock(damage: str, small: Places) -> None:
    """If this failed, a log to which nothing can be added any more would be called whole."""
    with closing(sqlite3.connect(small.lock)) as database:
        note = database.execute("SELECT note FROM signed ORDER BY size DESC").fetchone()[0]
        at = {"note": 3, "signature": len(note) - 20, "no text": 0}[damage]
        changed = note[:at] + bytes([note[at] ^ 1]) + note[at + 1 :]
        database.execute("UPDATE signed SET note = ? WHERE size = 3", (changed,))
        database.commit()
    found = check(small).problems
    assert [each.where for each in found] == [str(small.lock)]
    assert "the note of its newest checkpoint is damaged" in found[0].text


def test_a_writer_between_two_questions(small: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a log that is being written would be called a broken one, once in some thousand checks."""

    class Disturbed(sqlite3.Connection):
        def execute(self, sql: str, /, *given: Any) -> sqlite3.Cursor:  # noqa: ANN401  # As sqlite3 has it.
            if sql.startswith("SELECT note"):
                beside = sqlite3.connect(small.lock, timeout=0)
                with closing(beside), suppress(sqlite3.OperationalError), beside:
                    beside.execute("INSERT INTO signed VALUES (900, ?, ?)", (bytes(32), b"another"))
            return super().execute(sql, *given)

    plain = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", lambda *of, **how: plain(*of, **({"factory": Disturbed} | how)))
        said, _ = _databases.locked_before(small.lock)
    assert said.note != b"another"
    assert said == _databases.locked_before(small.lock)[0], "and nothing was written meanwhile"
