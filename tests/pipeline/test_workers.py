"""Many blobs in one process or several."""

from datetime import UTC
from pathlib import Path

import pytest
from tests.pipeline.reading_of import blob, line, rules

from abm_trace.core.nouns import Blob
from abm_trace.pipeline import workers
from abm_trace.pipeline.reading import Reader


def blobs(folder: Path) -> list[Blob]:
    """Logs and a table."""
    logs = [blob(folder, (line(n, "boot") + line(n + 5, "ABMDeviceRegistered")).encode(), f"{n}.log") for n in range(9)]
    return [*logs, blob(folder, b"serial,site\nF9FXQ1ABCD,a\n", "manifest.csv")]


def test_processes_read_what_one_process_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict would depend on the number of cores."""
    given = blobs(tmp_path)
    told: list[tuple[int, int]] = []
    alone = workers.read_all(given, Reader(rules(), UTC), (), 1, lambda count, size: told.append((count, size)))
    assert sum(count for count, _ in told) == len(given)
    monkeypatch.setattr(workers, "ALONE_BYTES_MAX", 0)
    together = workers.read_all(given[::-1], Reader(rules(), UTC), (), 2, lambda count, size: None)
    assert together == alone
    assert [each.path for each in alone] == sorted(each.path for each in given)


def test_no_blobs_are_no_readings() -> None:
    """An empty case would fail in the pool."""
    assert workers.read_all([], Reader(rules(), UTC), (), 4, lambda count, size: None) == []
