"""Tests of abm_trace.pipeline.workers."""

import os
import signal
from datetime import UTC
from pathlib import Path

import msgspec
import pytest
from tests.pipeline.building import line, reader, text
from tests.pipeline.cases import make

from abm_trace.core.nouns import Blob, Reading
from abm_trace.core.packed import Packed
from abm_trace.pipeline import crew as crews
from abm_trace.pipeline import told, workers
from abm_trace.pipeline.reading import Reader, Scanned
from abm_trace.pipeline.workers import cores, crew, read_all
from abm_trace.sources import folder

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def blobs_of(case: Path) -> list[Blob]:
    """The blobs of a case."""
    return [each for each in folder.fetch(case) if isinstance(each, Blob)]


def read_in(blobs: list[Blob], jobs: int) -> list[Reading]:
    """The readings, without the words that say why a format was chosen: they tell what was read before."""
    with crew(blobs, reader(), (), jobs) as pool:
        readings, _ = read_all(blobs, reader(), pool, lambda *_: None)
    return [msgspec.structs.replace(reading, why="") for reading in readings]


@pytest.mark.parametrize("jobs", [2, 3, 64])
def test_more_processes_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    """SPEC: a verdict does not depend on how the work was split."""
    blobs = blobs_of(make(tmp_path / "case", 12))
    monkeypatch.setattr(workers, "_BATCH_BLOBS", 2)
    one = read_in(blobs, 1)
    monkeypatch.setattr(workers, "ALONE_BYTES_MAX", 0)
    many = read_in(list(reversed(blobs)), jobs)
    assert many == one
    assert sum(len(reading.facts) for reading in many) > 12
    assert [reading.path for reading in many] == sorted(blob.path for blob in blobs)


@pytest.mark.skipif(not crews.can_fork(), reason="spawning is what happens here anyway")
def test_spawned_processes_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where processes cannot be forked (macOS, Windows) the workers would have other signatures or another zone."""
    blobs = blobs_of(make(tmp_path / "case", 4))
    one = read_in(blobs, 1)
    monkeypatch.setattr(workers, "ALONE_BYTES_MAX", 0)
    for module in (workers, crews):
        monkeypatch.setattr(module, "can_fork", lambda: False)
    assert read_in(blobs, 2) == one


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_counts_every_blob_and_byte_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    """The progress line would end before or behind 100 %."""
    monkeypatch.setattr(workers, "ALONE_BYTES_MAX", 0)
    blobs = blobs_of(make(tmp_path / "case", 5))
    told: list[tuple[int, int]] = []
    with crew(blobs, reader(), (), jobs) as pool:
        read_all(blobs, reader(), pool, lambda count, size: told.append((count, size)))
    assert sum(count for count, _ in told) == len(blobs)
    assert sum(size for _, size in told) == sum(blob.size_bytes for blob in blobs)


@pytest.mark.parametrize(("alike", "packing"), [(True, False), (False, True)])
def test_facts_are_packed_once_they_are_much_and_what_a_fleet_says_alike_is_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, alike: bool, packing: bool
) -> None:
    """A dense case would take twice the time, or one whose lines all differ 600 MB."""
    case = make(tmp_path / "case", 2)
    for number in range(4):
        said = (f'ABM response: 202 {{"requestId":"req_{0 if alike else number * 1000 + n}"}}' for n in range(500))
        (case / f"ZZ{number}.log").write_bytes(text(line(each, 6) for each in said))
    monkeypatch.setattr(workers, "HELD_BYTES_MAX", 1_000_000)
    readings = read_in(blobs_of(case), 1)
    assert sum(len(reading.facts) for reading in readings) > 2_000
    assert any(isinstance(reading.facts, Packed) for reading in readings) is packing


def test_where_one_reading_comes_packed_all_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large fleet would hold twice as much as it may, or what came first would not be bounded at all."""
    case = make(tmp_path / "case", 12)
    blobs = sorted(blobs_of(case), key=lambda blob: blob.size_bytes)
    read = read_in(blobs, 1)
    monkeypatch.setattr(told, "REPEATS_FROM", 10)
    packed = read_in(blobs, 1)
    assert [len(reading.facts) for reading in packed] == [len(reading.facts) for reading in read]
    assert max(len(reading.facts) for reading in read) >= 10
    assert min(len(reading.facts) for reading in read if reading.facts) < 10
    assert all(isinstance(reading.facts, Packed) for reading in packed if reading.facts)


def test_no_blobs_are_no_readings() -> None:
    """An empty case would start processes, or fail."""
    with crew([], reader(UTC), (), 4) as pool:
        assert read_all([], reader(UTC), pool, lambda *_: None) == ([], [])


def test_there_is_a_core() -> None:
    """Nobody would read."""
    assert cores() >= 1


def test_a_file_over_which_its_process_is_killed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The triage would wait for ever, or lose what was read beside it (CASE.md: the rest goes on)."""
    blobs = blobs_of(make(tmp_path / "case", 6))
    monkeypatch.setattr(workers, "ALONE_BYTES_MAX", 0)
    whole = read_in(blobs, 2)
    scan = Reader.scan

    def killed(self: Reader, blob: Blob) -> list[Scanned]:
        if blob.path == blobs[2].path:
            os.kill(os.getpid(), signal.SIGKILL)
        return scan(self, blob)

    monkeypatch.setattr(Reader, "scan", killed)
    readings = read_in(blobs, 2)
    assert [each for each in readings if each.path != blobs[2].path] == [e for e in whole if e.path != blobs[2].path]
    (named,) = [each for each in readings if each.path == blobs[2].path]
    assert [each.path for each in named.skipped] == [blobs[2].path]
    assert "killed" in named.skipped[0].reason
