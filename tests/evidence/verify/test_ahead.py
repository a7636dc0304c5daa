"""What stands ahead of the checkpoint, beside a writer and after a crash."""

import threading
from pathlib import Path

import pytest
from tests.evidence import building
from tests.evidence.building import check, where

from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Writer


def test_waiting_entries_are_told(tmp_path: Path) -> None:
    """If this failed, acknowledged entries without a checkpoint would look like a loss, or like nothing."""
    places = building.make(tmp_path)
    with Writer(places) as writer:
        writer.append([building.keep(writer, 1)])
    assert any("1 acknowledged" in each for each in check(places).remarks)


def test_beside_a_writer(tmp_path: Path) -> None:
    """If this failed, a log that is being written would be called a broken one."""
    places = building.make(tmp_path, 3)
    stop = threading.Event()

    def write() -> None:
        with Writer(places) as writer:
            while not stop.wait(0.02):
                writer.append([building.keep(writer, writer.size)])
                writer.checkpoint()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        reports = [check(places)]
        while reports[-1].head is None or (reports[-1].head.size < 20 and len(reports) < 1000):
            reports.append(check(places))
    finally:
        stop.set()
        thread.join()
    assert not [each.problems for each in reports if each.problems]
    assert len(reports) < 1000, "it was written meanwhile"


@pytest.mark.parametrize("data", [b"x", b"hidden here" * 50])
def test_a_journal_that_is_none(data: bytes, log: Places) -> None:
    """If this failed, something could be slipped into a store as a journal, and nobody would know (R16)."""
    (log.store / "private/staging.db-journal").write_bytes(data)
    assert where(check(log)) == {"private/staging.db-journal"}


def test_a_damaged_database_of_what_waits(log: Places) -> None:
    """If this failed, one damaged byte would end the check with a fault of the program (R16)."""
    path = log.store / "private/staging.db"
    right = path.read_bytes()
    at = right.index(b"CREATE TABLE ingested") + len("CREATE ")
    path.write_bytes(right[:at] + bytes([right[at] ^ 0x80]) + right[at + 1 :])
    assert where(check(log)) == {"private/staging.db"}
    path.write_bytes(right)
    lock = log.lock.read_bytes()
    at = lock.index(b"CREATE TABLE signed") + len("CREATE ")
    log.lock.write_bytes(lock[:at] + bytes([lock[at] ^ 0x80]) + lock[at + 1 :])
    assert where(check(log)) == {str(log.lock)}
