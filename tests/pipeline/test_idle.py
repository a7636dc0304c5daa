"""Tests of abm_trace.pipeline.idle: a compressed file that expands without end must go on saying something new."""

import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.pipeline.building import blob, reader
from tests.sources.stream.packing import zipped

from abm_trace.core.nouns import Reading
from abm_trace.pipeline import idle
from abm_trace.pipeline.idle import weight

KIB = 1024


def row(number: int, note: str = "") -> str:
    """An event of the audit; the note is nothing that anybody reads."""
    return (
        f'{{"id":"evt_{number}{note}","event_type":"device_registered","occurred_at":"2026-05-17T08:58:03.100Z",'
        f'"region":"eu-west","serial_number":"F9F{number:07d}","filler":"{"x" * 200}"}}\n'
    )


SAME = row(1).encode() * 4_000
VARIED = "".join(row(1, f"-{number}") for number in range(4_000)).encode()
NOTHING = row(1).encode() + b'{"event_type":"","occurred_at":"2026-05-17T08:58:03.100Z"}\n' * 8_000
DEVICES = "".join(map(row, range(4_000))).encode()
HEADER = b"serial_number,udid,created_at,enrolled_at,enrollmentMethod,mdm\n"
TABLE = HEADER + b"F9F0000001,,2026-05-17T08:47:11Z,,,acme\n" * 10_000


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is too much."""
    monkeypatch.setattr(idle, "IDLE_BYTES_MAX", 100 * KIB)
    monkeypatch.setattr("abm_trace.pipeline.text.PIECE_BYTES_MAX", 64 * KIB)


@pytest.fixture
def bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are smaller than a chunk may be bombs."""
    monkeypatch.setattr(idle, "AHEAD_BYTES", 4 * KIB)


def readings(folder: Path, data: bytes, name: str) -> list[Reading]:
    """The readings of a file, by a reader that looks at little at once."""
    return reader(block=8 * KIB).readings(blob(folder, data, name))


BOMBS: dict[str, Callable[[], bytes]] = {
    "same.gz": lambda: gzip.compress(SAME),
    "varied.gz": lambda: gzip.compress(VARIED),
    "nothing.gz": lambda: gzip.compress(NOTHING),
    "table.xz": lambda: lzma.compress(TABLE),
    "page.gz": lambda: gzip.compress(b'{"events":[' + b",".join(SAME.splitlines()) + b"]}"),
}


@pytest.mark.usefixtures("bombs")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_of_good_rows_stops_where_it_is_named(tmp_path: Path, name: str) -> None:
    """Two gigabytes of one row, in twenty megabytes, took 93 s."""
    (found,) = readings(tmp_path, BOMBS[name](), name)
    (said,) = [each for each in found.skipped if "say nothing new; the rest is not read" in each.reason]
    assert "unpack it" in said.reason
    assert said.line is not None
    assert said.offset is not None
    assert 100 * KIB < said.offset < 800 * KIB
    assert found.facts
    assert {fact.at for fact in found.facts if fact.kind == "coverage"} == {None}, "silence would prove something"


@pytest.mark.usefixtures("bombs")
def test_a_log_whose_hit_lines_say_nothing_new_stops_where_it_is_named(tmp_path: Path) -> None:
    """Each line of such a bomb costs as much as one that says something; noise costs nothing and is read."""
    said = "2026-05-17T09:00:00.000Z INFO com.apple.MCX ABMRegistrationStarted\n"
    hit = "2026-05-17T09:00:00.000Z INFO com.apple.MCX see MCInstallationErrorDomain Code=x\n"
    (found,) = readings(tmp_path, gzip.compress((said + hit * 20_000).encode()), "bomb.gz")
    (named,) = [each for each in found.skipped if "say nothing new; the rest is not read" in each.reason]
    assert named.offset is not None
    assert 100 * KIB < named.offset < 800 * KIB
    assert [fact.kind for fact in found.facts] == ["requested"]
    noise = hit.replace("MCInstallationErrorDomain", "x" * 25)
    (found,) = readings(tmp_path, gzip.compress((said + noise * 20_000).encode()), "noise.gz")
    assert found.skipped == ()


@pytest.mark.usefixtures("bombs")
def test_short_hit_lines_count_as_much_as_longer_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb of the shortest lines would take twice as long as one of the usual ones."""
    said = "2026-05-17T09:00:00.000Z INFO com.apple.MCX ABMRegistrationStarted\n"
    monkeypatch.setattr(idle, "IDLE_BYTES_MAX", 500 * KIB)
    hit = "2026-05-17T09:00:00.000Z I x MCInstallationErrorDomain\n"
    (found,) = readings(tmp_path, gzip.compress((said + hit * 20_000).encode()), "bomb.gz")
    (named,) = [each for each in found.skipped if "say nothing new; the rest is not read" in each.reason]
    assert (named.offset or 0) < 240 * KIB
    assert weight([60] * 10) == weight([128] * 10) == 1280
    assert weight([60, 1000]) == 1060


@pytest.mark.usefixtures("bombs")
def test_a_bomb_is_one_bomb_in_however_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip of bombs, each too small to be one, would cost as much as the bomb."""
    monkeypatch.setattr(idle, "IDLE_BYTES_MAX", 500 * KIB)
    found = readings(tmp_path, zipped({f"{number}.ndjson": SAME[: 300 * KIB] for number in range(12)}), "a.zip")
    stopped = [each.path for each in found if any("nothing new" in said.reason for said in each.skipped)]
    assert stopped == [f"a.zip/{number}.ndjson" for number in range(12 - len(stopped), 12)]
    assert len(stopped) > 6


@pytest.mark.usefixtures("bombs")
def test_members_that_no_format_reads_say_nothing_new(tmp_path: Path) -> None:
    """Ten thousand of them, each of which looks like an export to many formats, took 16 s to be told from one."""
    puzzle = b'{"devices":[' + b'{"serial_number":"x","status":[[[[[[[]]]]]]]},' * 450
    members = {f"{number}.json": puzzle for number in range(60)}
    archive = blob(tmp_path, zipped({**members, "good.ndjson": DEVICES[: 20 * KIB]}), "a.zip")
    told = {each.path: each.skipped[0].reason for each in reader(block=64 * KIB).readings(archive) if each.skipped}
    puzzled = [path for path, why in told.items() if why.startswith("not recognised")]
    stopped = [path for path, why in told.items() if "say nothing new; the rest is not read" in why]
    assert puzzled + stopped == [*(f"a.zip/{number}.json" for number in range(60)), "a.zip/good.ndjson"]
    assert 5 < len(puzzled) < 40


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("same.ndjson", SAME),
        ("devices.gz", gzip.compress(DEVICES)),
        ("devices.xz", lzma.compress(DEVICES)),
        ("stored.gz", gzip.compress(SAME, 0)),
        ("fast.gz", gzip.compress(VARIED, 1)),
    ],
)
def test_what_is_no_bomb_is_read_to_its_end(tmp_path: Path, name: str, data: bytes) -> None:
    """The export of a large rollout, which compresses well, would be cut; or a file that is as large as it looks."""
    (found,) = readings(tmp_path, data, name)
    assert found.skipped == ()
    assert found.lines == 4_000
    assert len(found.facts) == 4_000
