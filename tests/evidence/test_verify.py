"""The check: whatever is changed, missing, reordered or rolled back is found and named."""

import io
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.evidence import building, flips
from tests.evidence.building import START, check, where

from abm_trace.core import instants
from abm_trace.evidence import blobs, keys, stamping, tiles, tree
from abm_trace.evidence._report import Report
from abm_trace.evidence.errors import EvidenceError
from abm_trace.evidence.note import Line, Note, VerifierKey
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Pending, Writer

INPUTS = 268
SIZE = INPUTS + 2


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A log of 270 entries: a full tile, a partial one, a level above."""
    return building.make(tmp_path_factory.mktemp("made"), INPUTS, batch=150)


@pytest.fixture
def log(made: Places, tmp_path: Path) -> Places:
    """A copy of it, to damage."""
    places = Places.of(tmp_path / "log")
    shutil.copytree(made.store, places.store)
    shutil.copy(made.lock, places.lock)
    shutil.copytree(made.keys, places.keys)
    return places


def flipped(path: Path, at: int, report: Callable[[], Report]) -> Report:
    """The report on a log with one bit of a file changed; the file is as before afterwards."""
    before = path.read_bytes()
    path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
    try:
        return report()
    finally:
        path.write_bytes(before)


def test_whole(made: Places) -> None:
    """If this failed, a good log would be called a bad one."""
    report = check(made)
    assert (report.problems, report.remarks, report.kept) == ([], [], INPUTS)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_each_byte_of_a_full_tile(part: int, log: Places) -> None:
    """If this failed, a byte of a tile could be changed, and another record, or none, would be named (R16)."""
    changed = flips.Flips(log, check(log, raw=False).signers)
    assert [at for at in range(part, 8192, 4) if not changed.is_found("tile/0/000", at)] == []


@pytest.mark.slow
def test_each_byte_of_small_tiles(log: Places) -> None:
    """If this failed, a byte of a tile could be changed without anyone noticing."""
    path = log.store / tiles.path(0, 1, SIZE - 256)
    for at in range(path.stat().st_size):
        report = flipped(path, at, lambda: check(log, raw=False))
        assert f"record {256 + at // 32}" in where(report), at
    path = log.store / tiles.path(1, 0, 1)
    for at in range(path.stat().st_size):
        assert where(flipped(path, at, lambda: check(log, raw=False))) == {"tile/1/000.p/1"}, at


def test_each_byte_of_the_checkpoint(log: Places) -> None:
    """If this failed, a byte of the checkpoint could be changed without anyone noticing."""
    path = log.store / "checkpoint"
    for at in range(path.stat().st_size):
        assert "checkpoint" in where(flipped(path, at, lambda: check(log, raw=False))), at


@pytest.mark.slow
def test_one_byte_of_each_entry(log: Places) -> None:
    """If this failed, an entry could be changed without anyone noticing, or another one would be blamed."""
    keys = check(log).signers  # The first entry is the log's own word for its key.
    for number, width in tiles.spread(SIZE):
        path = log.store / tiles.path("entries", number, width)
        start = 0
        for at, entry in enumerate(tiles.unbundle(path.read_bytes())):
            for offset in (0, 1, 2 + at % len(entry)):  # Also its length, behind which all would be shifted.
                report = flipped(path, start + offset, lambda: check(log, raw=False, keys=keys))
                assert where(report) == {f"record {256 * number + at}"}, (at, offset)
            start += 2 + len(entry)


def test_one_byte_of_each_private_line_and_kept_file(log: Places) -> None:
    """If this failed, what an entry was bound to, or the input itself, could be changed."""
    path = log.store / blobs.private_path(1)
    start = 0
    for at, line in enumerate(path.read_bytes().splitlines()):
        report = flipped(path, start + at % len(line), lambda: check(log))
        assert f"record {256 + at}" in where(report), at
        start += len(line) + 1
    lines = (log.store / blobs.private_path(0)).read_text().splitlines()
    for index in range(2, 40):
        secret = blobs.Secret.parse(lines[index])
        assert secret is not None
        kept = log.store / blobs.path_of(secret.sha256)
        report = flipped(kept, index % kept.stat().st_size, lambda: check(log))
        assert where(report) == {f"record {index}"}, index


def bundled(log: Places, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the list of entries of the first bundle."""
    path = log.store / tiles.path("entries", 0)
    path.write_bytes(tiles.bundle(change(tiles.unbundle(path.read_bytes()))))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda entries: entries[:7] + entries[8:], {"record 7"}),
        (lambda entries: entries[:250], {f"record {index}" for index in range(250, 256)}),
        (lambda entries: [*entries[:3], entries[4], entries[3], *entries[5:]], {"record 3", "record 4"}),
        (lambda entries: [*entries[:3], entries[9], *entries[4:]], {"record 3"}),
        (lambda entries: [*entries, entries[0]], {"record 0", "record 256"}),
        (
            lambda entries: [*entries[:3], entries[7], *entries[3:7], *entries[8:]],
            {f"record {index}" for index in range(3, 8)},
        ),
    ],
    ids=["dropped", "truncated", "swapped", "copied over", "one too many", "moved"],
)
def test_dropped_swapped_truncated(change: Callable[[list[bytes]], list[bytes]], named: set[str], log: Places) -> None:
    """If this failed, a record could be taken out, or put elsewhere, or the wrong one would be named."""
    bundled(log, change)
    assert where(check(log, raw=False)) == named


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/0/000", "tile/entries/001.p/14", "tile/0/001.p/14"])
@pytest.mark.parametrize("kept", [None, 0.0, 0.5])
def test_a_file_lost_or_cut(path: str, kept: float | None, log: Places) -> None:
    """If this failed, a file that is gone would be no loss."""
    file = log.store / path
    data = file.read_bytes()
    file.unlink()
    if kept is not None:
        file.write_bytes(data[: int(len(data) * kept)])
    found = where(check(log, raw=False))
    base = 256 * int(path.split("/")[2][:3])
    last = base + (256 if base == 0 else 14) - 1
    assert f"record {last}" in found
    assert (f"record {base}" in found) == (kept != 0.5)


def test_entry_and_leaf_hash_changed_together(log: Places) -> None:
    """If this failed, whoever changes an entry would only have to change its hash with it."""
    for number, width in tiles.spread(SIZE):
        path, tile = (log.store / tiles.path(level, number, width) for level in ("entries", 0))
        entries = tiles.unbundle(path.read_bytes())
        entries[9] = entries[8]
        path.write_bytes(tiles.bundle(entries))
        tile.write_bytes(b"".join(map(tree.leaf_hash, entries)))
        report = check(log)
        assert f"record {256 * number + 9}" in where(report), "its nonce says so"
        report = check(log, raw=False)
        assert any("record" in each for each in where(report)), report.problems


def test_kept_files_lost_and_strange(log: Places) -> None:
    """If this failed, an input could be deleted without a purge, or something be slipped in."""
    path = next((log.store / "raw").rglob("*.zst"))
    path.rename(path.with_name("0" * 64 + ".zst"))
    (log.store / "tile/0/999").write_bytes(bytes(32))
    (log.store / "tile/readme").write_text("x")
    report = check(log)
    assert {"tile/0/999", "tile/readme"} < where(report)
    assert any(re.fullmatch(r"record \d+", each) for each in where(report))
    assert any("no purge entry says so" in each.text for each in report.problems)
    lines = (log.store / "private/000").read_text().splitlines()
    lines[5] = "-"
    (log.store / "private/000").write_text("".join(f"{line}\n" for line in lines))
    assert "record 5" in where(check(log))


def test_rolled_back_checkpoint(log: Places) -> None:
    """If this failed, the end of a log could be cut off together with its checkpoint."""
    old = (log.store / "checkpoints/2").read_bytes()
    (log.store / "checkpoint").write_bytes(old)
    assert "records 2 to 269" in where(check(log, raw=False))
    log.lock.unlink()
    assert "records 2 to 269" in where(check(log, raw=False)), "also without the lock database"


def test_another_log_with_the_same_name(made: Places, tmp_path: Path) -> None:
    """If this failed, a log could be replaced as a whole by one that its owner made anew."""
    other = building.make(tmp_path, 5)
    report = check(other, keys=[check(made).signers[0]])
    assert "checkpoint" in where(report)
    newest = (made.store / "checkpoint").read_bytes()
    report = check(other, earlier=[newest])
    assert report.problems
    report = check(other, keys=[check(made).signers[0], check(other).signers[0]], earlier=[newest])
    assert "records 7 to 269" in where(report)


def test_an_earlier_checkpoint_is_gone_on_from(made: Places) -> None:
    """If this failed, an auditor could not tell that the log of today is the one of last month."""
    report = check(made, earlier=[(made.store / "checkpoints/2").read_bytes()])
    assert not report.problems
    assert any("goes on from" in each for each in report.remarks)
    assert check(made, earlier=[b"nothing"]).problems


def test_nothing_is_written(made: Places) -> None:
    """If this failed, the check would change what it checks."""
    before = {path: path.stat().st_mtime_ns for path in made.store.parent.rglob("*")}
    check(made)
    assert {path: path.stat().st_mtime_ns for path in made.store.parent.rglob("*")} == before


def test_clock_that_was_set_back_is_told(tmp_path: Path) -> None:
    """If this failed, an entry could be dated back and nobody would be told."""
    places = building.make(tmp_path)
    building.add(places, range(1), at=START + instants.SECOND)
    building.add(places, range(1, 2), at=START)
    report = check(places)
    assert not report.problems
    assert any("record 3: earlier" in each for each in report.remarks)


def test_rules_are_checked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a writer that was changed could purge early and sign it."""
    places = building.make(tmp_path, 3)
    early = building.said("purge", START, ranges=((2, 3),), policy="none", holds="0" * 64)
    with Writer(places) as writer:
        writer.append([Pending(early)], erasing=[(2, 3)])
        writer.checkpoint()
    assert where(check(places)) == {"record 5"}
    assert "90 days" in check(places).problems[0].text


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


def test_a_crash_within_a_write_of_the_lock(log: Places) -> None:
    """If this failed, a crash would look like an attack until the log is opened again."""
    code = (
        "import os, sqlite3, sys; d = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "d.execute('PRAGMA cache_size = 1'); d.execute('BEGIN');"
        "d.executemany('INSERT INTO signed VALUES (?, ?, ?)', [(n, bytes(32), bytes(999)) for n in range(900, 990)]);"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(log.lock)], check=True)
    assert Path(f"{log.lock}-journal").stat().st_size
    report = check(log, raw=False)
    assert not report.problems
    assert any("what stood in it before was looked at" in each for each in report.remarks)
    assert Path(f"{log.lock}-journal").stat().st_size, "the log itself is as it was"
    Path(f"{log.lock}-journal").write_text("x")
    log.lock.write_text("x")
    assert where(check(log, raw=False)) == {str(log.lock)}, "what is no database is no crash"


def test_what_belongs_to_nothing(log: Places) -> None:
    """If this failed, something could be slipped into a store, or into its files, and nobody would know (R16)."""
    private = log.store / "private/001"
    lines = (log.store / "private/000").read_text().split("\n")
    private.write_text(private.read_text() + "-\n")
    (log.store / "private/000").write_text("\n".join(["x", *lines[1:]]))
    (log.store / "evil").write_text("x")
    (log.store / "foo").mkdir()
    (log.store / "tmp").mkdir(exist_ok=True)
    (log.store / "tmp/evil").write_text("x")
    (log.store / "tmp" / ("0" * 16)).write_text("x")
    report = check(log)
    assert where(report) == {"private/001", "record 0", "evil", "foo", "tmp/evil"}
    assert any("tmp/ holds 1 files" in each for each in report.remarks)
    (log.store / "private/staging.db").write_text("x" * 5000)
    (log.store / "private/000").write_text("\n".join([*lines[:-1], "-", ""]))
    assert "private/staging.db" in where(check(log))
    assert "private/000" in where(check(log))


def test_signature_lines_that_are_nobodys(log: Places) -> None:
    """If this failed, a checkpoint could be changed behind the lines that count."""
    for name in ("checkpoint", "checkpoints/2"):
        path = log.store / name
        right = path.read_text()
        for more in ("— x AAAAAAA=\n", right.splitlines(keepends=True)[-1]):
            path.write_text(right + more)
            assert where(check(log, raw=False)) == {name}
        path.write_text(right)


def test_an_older_width_of_a_tile_that_is_cut(log: Places) -> None:
    """If this failed, a file that another program still reads could be cut."""
    building.add(log, range(INPUTS, INPUTS + 5))
    for level, bytes_ in (("0", 32), ("entries", 40)):
        path = log.store / f"tile/{level}/001.p/14"
        data = path.read_bytes()
        for cut in (bytes_, 3, len(data)):
            path.write_bytes(data[:-cut])
            assert where(check(log, raw=False)) == {f"tile/{level}/001.p/14"}
        path.write_bytes(data)
    assert not check(log).problems


@pytest.mark.parametrize("folder", ["private", "tile", "raw", "tile/entries"])
def test_folders_that_are_links(folder: str, log: Places) -> None:
    """If this failed, the log would stand elsewhere than in its store, and nobody would say so."""
    path = log.store / folder
    path.rename(log.store.parent / "elsewhere")
    path.symlink_to(log.store.parent / "elsewhere")
    assert folder in where(check(log))
    with pytest.raises(EvidenceError, match="is a link"):
        building.add(log, range(INPUTS, INPUTS + 1))


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/000", "tile/entries/001.p/14", "private/000", "format"])
def test_files_that_are_links(path: str, log: Places) -> None:
    """If this failed, a part of the log would stand elsewhere than in its store, and nobody would say so."""
    file = log.store / path
    file.rename(log.store.parent / "elsewhere")
    file.symlink_to(log.store.parent / "elsewhere")
    assert any("link" in each.text and path in (each.where, each.text[: len(path)]) for each in check(log).problems)


def test_a_folder_far_below_that_is_a_link(log: Places) -> None:
    """If this failed, kept bytes would stand elsewhere than in the store, and nobody would say so."""
    folder = next((log.store / "raw").iterdir())
    folder.rename(log.store.parent / "elsewhere")
    folder.symlink_to(log.store.parent / "elsewhere")
    assert f"raw/{folder.name}" in where(check(log))


@pytest.mark.parametrize("data", [b"x", b"hidden here" * 50])
def test_a_journal_that_is_none(data: bytes, log: Places) -> None:
    """If this failed, something could be slipped into a store as a journal, and nobody would know (R16)."""
    (log.store / "private/staging.db-journal").write_bytes(data)
    assert where(check(log)) == {"private/staging.db-journal"}


def test_a_large_size_that_a_stranger_claims(tmp_path: Path) -> None:
    """If this failed, a small log from a stranger would keep the check busy for as long as it likes."""
    places = building.make(tmp_path)
    with Writer(places) as writer:
        large = io.BytesIO(bytes(300 * 1024 * 1024))
        writer.append([writer.keep("raw", large, now=START, origin="x", binding=blobs.Binding("x"))])
        writer.append([building.keep(writer, 1)])
        writer.checkpoint()
    began = time.process_time()
    report = check(places)
    assert time.process_time() - began < 0.5
    assert (report.problems, report.kept) == ([], 1)
    assert any("record 2: 314,572,800 bytes out of" in each for each in report.remarks)
    report = check(places, keys=report.signers)
    assert (report.problems, report.kept) == ([], 2)


def test_a_size_that_is_only_claimed(log: Places) -> None:
    """If this failed, a few bytes would make the check work for hours, or name records that are there (R16)."""
    keys = check(log).signers
    path = log.store / "checkpoint"
    path.write_text(path.read_text().replace(f"\n{SIZE}\n", "\n999999999999999999\n"))
    assert where(check(log, raw=False)) == {"checkpoint", f"records {SIZE} to 999999999999999998"}
    far = log.store / "tile/entries/x999/x999/x999/x999/999"
    far.parent.mkdir(parents=True)
    far.write_bytes(b"")
    assert where(check(log, raw=False)) == {"checkpoint", f"records {SIZE} to 999999999999999998"}
    report = check(log, keys=keys)
    assert report.looked_at == SIZE
    assert not report.is_known
    assert report.kept == 0, "what an unknown key signed is not expanded"


def test_hostile_store(tmp_path: Path) -> None:
    """If this failed, a store that somebody hands in could hang or crash the check."""
    places = Places.of(tmp_path / "x")
    places.store.mkdir()
    (places.store / "letter.txt").write_text("no part of a log")
    assert where(check(places)) == {str(places.store)}, "not each file of it"
    key = VerifierKey("x", bytes(32))
    (places.store / "checkpoint").write_bytes(
        b"x\n999999999999999999\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" + "— x AAAAAAAA\n".encode()
    )
    (places.store / "tile").symlink_to("/proc")
    report = check(places, keys=[key])
    assert len(report.problems) < 1000
    assert "records 0 to 999999999999999998" in where(report)


@pytest.mark.parametrize("is_known", [False, True])
def test_kept_bytes_replaced_by_what_expands_far(is_known: bool, tmp_path: Path) -> None:
    """If this failed, 175 bytes in the place of any kept input of some MB would pass without a key (R16)."""
    places = building.make(tmp_path)
    data = os.urandom(3_000_000)
    with Writer(places) as writer:
        writer.append([writer.keep("raw", io.BytesIO(data), now=START, origin="x", binding=blobs.Binding("x"))])
        writer.checkpoint()
    keys = check(places).signers if is_known else []
    for size in (len(data), len(data) + 1, len(data) - 1, 300_000_000, 0):
        path = next((places.store / "raw").rglob("*.zst"))
        path.write_bytes(b"".join(blobs.pack([bytes(size)])))
        assert where(check(places, keys=keys)) == {"record 2"}, size


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


def test_a_key_entry_that_is_none(tmp_path: Path) -> None:
    """If this failed, one entry of a changed writer would end the check, and nothing else be looked at."""
    places = building.make(tmp_path, 3)
    entry = building.said("key", START, act="add", key="foo+bar")
    with Writer(places) as writer:
        active = writer._active
        writer._active = lambda more=(): active()[:1] if not writer._waiting else [building.check(places).signers[0]]  # type: ignore[method-assign]
        writer.append([Pending(entry)])
        writer.checkpoint()
    path = next((places.store / "raw").rglob("*.zst"))
    path.write_bytes(path.read_bytes()[:-1])
    found = where(check(places))
    assert "record 5" in found
    assert len(found) == 2, "and the damage beside it"


def rewritten(log: Places, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the entries, and all tiles with them; the checkpoint stays, and the lock is gone."""
    entries = [
        entry
        for number, width in tiles.spread(SIZE)
        for entry in tiles.unbundle((log.store / tiles.path("entries", number, width)).read_bytes())
    ]
    entries = change(entries)
    shutil.rmtree(log.store / "tile")
    files = tiles.grow(0, [tree.leaf_hash(each) for each in entries], lambda *_: [])
    for number, width in tiles.spread(len(entries)):
        files[tiles.path("entries", number, width)] = tiles.bundle(entries[256 * number :][:width])
    for path, data in files.items():
        (log.store / path).parent.mkdir(parents=True, exist_ok=True)
        (log.store / path).write_bytes(data)


def test_a_record_taken_out_or_put_in_with_the_tiles(log: Places) -> None:
    """If this failed, records that stand there would be called missing, and an auditor be sent to the wrong ones."""
    rewritten(log, lambda entries: [*entries[:200], entries[200], *entries[200:]])
    report = check(log, raw=False)
    found = [each.where for each in report.problems]
    assert found[0] == "records 2 to 269"
    assert "record 270" in found
    assert not [each for each in report.problems if "its entry is missing" in each.text]


def test_a_record_taken_out_with_the_tiles(log: Places) -> None:
    """If this failed, the last record would be called the one that is missing."""
    rewritten(log, lambda entries: [*entries[:200], *entries[201:]])
    log.lock.unlink()
    problem = check(log, raw=False).problems[0]
    assert problem.where == "record 269"
    assert "If one before was taken out, all behind it have moved up" in problem.text


def test_the_lock_narrows_it_once(log: Places) -> None:
    """If this failed, records behind the one that was changed would be blamed, too."""
    rewritten(log, lambda entries: [*entries[:100], entries[99], *entries[101:]])
    blamed = [each.where for each in check(log, raw=False).problems if "entries were signed" in each.text]
    assert blamed == ["records 2 to 151"]


def test_an_old_checkpoint_of_a_log_that_grew(tmp_path: Path) -> None:
    """If this failed, the first records would be called missing where the newest were cut off."""
    places = building.make(tmp_path, 6)
    (places.store / "checkpoint").write_bytes((places.store / "checkpoints/2").read_bytes())
    for level in ("0", "entries"):
        (places.store / f"tile/{level}/000.p/2").unlink()  # As in a bundle, which holds the widest alone.
    report = check(places, raw=False)
    assert "records 2 to 7" in where(report)
    assert not where(report) & {"record 0", "record 1"}


@pytest.mark.parametrize("path", ["raw/zz", "tile/7", "private/x001", "stamps/old", "tile/0/x001", "raw/00/x"])
def test_empty_folders(path: str, log: Places) -> None:
    """If this failed, something could stand in a store, and nobody would know."""
    (log.store / path).mkdir(parents=True)
    assert where(check(log)) == {path}


def test_folders_that_may_be_empty(log: Places) -> None:
    """If this failed, a purge or a crash would look like an intrusion."""
    for path in ("raw/ff", "tmp", "stamps", "tile/0/000.p"):
        (log.store / path).mkdir(parents=True, exist_ok=True)
    assert check(log).problems == []


def test_a_path_is_said_once(log: Places) -> None:
    """If this failed, a person would read each path twice."""
    path = next((log.store / "raw").rglob("*.zst"))
    for each in (path, log.store / "checkpoint"):
        each.unlink()
        os.mkfifo(each)
    shutil.rmtree(log.store / "checkpoints")
    (log.store / "checkpoints").touch()
    texts = [f"{each.where}: {each.text}" for each in check(log).problems]
    assert "checkpoints: cannot be listed (Not a directory)" in texts
    assert "checkpoint: is no regular file" in texts
    assert [text for text in texts if text.count(path.name) > 1 or text.count("checkpoint:") > 1] == []


def test_a_kept_checkpoint_that_nobody_stamped(log: Places, tmp_path: Path) -> None:
    """If this failed, a time stamp could be taken away without a word."""
    with Writer(log) as writer:
        stamping.ask(writer)
    report = check(log)
    assert not report.problems
    assert any(f"checkpoints/{SIZE} is kept" in each for each in report.remarks)
    assert not any("checkpoints/2 is kept" in each for each in report.remarks), "the first key came with it"


def test_a_checkpoint_of_another_name(tmp_path: Path) -> None:
    """If this failed, a key could sign for a log that its owner never named."""
    places = building.make(tmp_path, 1)
    path = places.store / "checkpoint"
    note = Note.parse(path.read_bytes())
    text = f"x{note.text}"
    line = note.lines[0]
    signer = keys.load(places.keys, line.name, line.id)
    path.write_bytes(Note(text, (Line(line.name, line.id, signer.sign(text)),)).render())
    places.lock.unlink()
    for known in ([], [signer.key]):
        assert any("another name" in each.text for each in check(places, keys=known).problems)


def test_a_nonce_that_was_used_twice(tmp_path: Path) -> None:
    """If this failed, who is given one record could open another, and nobody would say so."""
    places = building.make(tmp_path)
    with Writer(places, random=bytes) as writer:
        writer.append([building.keep(writer, number) for number in range(2)])
        writer.checkpoint()
    report = check(places)
    assert not report.problems
    assert any("Nonces that were used before: 1" in each for each in report.remarks)


@pytest.mark.parametrize("name", ["private/staging.db", "private/staging.db-journal", "lock", "lock-journal"])
def test_a_fifo_in_the_place_of_a_database(name: str, log: Places) -> None:
    """If this failed, the check would wait for ever, or not say that what waits is gone."""
    path = Path(f"{log.lock}{name.removeprefix('lock')}") if name.startswith("lock") else log.store / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert any("no regular file" in each.text for each in check(log).problems)
