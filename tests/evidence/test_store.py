"""The writer: what it acknowledges survives, what it signed is never contradicted, what is no log is refused."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.evidence import building
from tests.evidence.building import ORIGIN

from abm_trace.evidence import store, tiles
from abm_trace.evidence.errors import EvidenceError, RefusedError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.lock import Lock
from abm_trace.evidence.note import Note
from abm_trace.evidence.places import Places
from abm_trace.evidence.published import Published
from abm_trace.evidence.staging import Staging
from abm_trace.evidence.store import Writer

CRASHES = {
    "steps": "between each of the write steps",
    "kill": "at each fsync and rename",
    "full": "on a disk that is full at each of them",
    "broken": "on a disk that fails at each of them",
    "random": "at random moments",
}


@pytest.mark.slow
@pytest.mark.parametrize("mode", CRASHES)
def test_a_crash_costs_nothing(mode: str, tmp_path: Path) -> None:
    """If this failed, a crash would lose what was acknowledged, or leave a log that contradicts what it signed."""
    words = [sys.executable, "-m", "tests.evidence.crash", mode, str(tmp_path), "100"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{CRASHES[mode]}: {done.stdout}{done.stderr}"
    crashes = int(done.stdout.split()[0])
    assert crashes >= {"steps": 14, "random": 100}.get(mode, 20), "the crashes did not happen"


def test_entries_come_back(tmp_path: Path) -> None:
    """If this failed, the log would not hold what was put into it."""
    places = building.make(tmp_path, 600, batch=250)
    published = Published(Folder(places.store))
    entries = dict(published.entries(602))
    assert [entries[0].kind, entries[1].kind] == ["key", "config"]
    assert [entries[index].size_bytes for index in range(2, 602)] == [len(building.line(n)) for n in range(600)]
    assert not building.check(places).problems


def test_partial_tiles_go_when_they_are_full(tmp_path: Path) -> None:
    """If this failed, a log would keep every width that each tile ever had."""
    places = building.make(tmp_path, 300, batch=100)
    assert (places.store / tiles.path(0, 0)).exists()
    assert not (places.store / "tile/0/000.p").exists()
    assert (places.store / tiles.path(0, 1, 46)).exists()


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """If this failed, two writers would give one index to two entries."""
    places = building.make(tmp_path)
    with Writer(places):
        with pytest.raises(EvidenceError, match="another writer"):
            Writer(places)
        assert not building.check(places).problems, "the check needs no leave of the writer"
    Writer(places).close()


def copied(places: Places, to: Path) -> Path:
    """A backup of the store."""
    shutil.copytree(places.store, to)
    return to


def restore(places: Places, backup: Path) -> None:
    """Put a backup in the place of the store."""
    shutil.rmtree(places.store)
    shutil.copytree(backup, places.store)


def test_old_backup_is_refused_and_named(tmp_path: Path) -> None:
    """If this failed, a restored backup would let the log sign another history."""
    places = building.make(tmp_path, 20)
    backup = copied(places, tmp_path / "backup")
    building.add(places, range(20, 30))
    restore(places, backup)
    with pytest.raises(RefusedError, match="records 22 to 31"):
        Writer(places)
    report = building.check(places)
    assert building.where(report) == {"records 22 to 31"}


def test_a_copy_with_the_same_lock_is_refused(tmp_path: Path) -> None:
    """If this failed, two copies of a log could each go on, and both would be signed."""
    places = building.make(tmp_path, 5)
    other = Places(copied(places, tmp_path / "other"), places.lock, places.keys)
    with Writer(other) as writer, Writer(places) as first:
        first.append([building.keep(first, 1)])
        first.checkpoint()
        writer.append([building.keep(writer, 2)])
        with pytest.raises(RefusedError, match="not the one that this store goes on from"):
            writer.checkpoint()
    assert not building.check(places).problems
    assert building.where(building.check(other)) == {"record 7"}


@pytest.mark.parametrize("lost", ["lock", "checkpoint", "tile/0/000.p/7", "tile/entries/000.p/7", "private/000"])
def test_a_cut_store_is_refused(lost: str, tmp_path: Path) -> None:
    """If this failed, the log would go on from what is not there."""
    places = building.make(tmp_path, 5)
    (places.lock if lost == "lock" else places.store / lost).unlink()
    if lost == "checkpoint":  # The staged files are gone with the publication: there is nothing to make it from.
        with pytest.raises(RefusedError, match="rolled back"):
            Writer(places)
        return
    with pytest.raises(RefusedError, match=r"signed 0|missing"):
        Writer(places)


@pytest.mark.parametrize("path", ["tile/0/000.p/7", "tile/entries/000.p/7", "checkpoint"])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_a_file_cut_anywhere_is_refused(path: str, kept: float, tmp_path: Path) -> None:
    """If this failed, a cut file would be gone on from."""
    places = building.make(tmp_path, 5)
    file = places.store / path
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * kept)])
    with pytest.raises(EvidenceError):
        Writer(places)


def test_a_key_that_others_can_read_signs_nothing(tmp_path: Path) -> None:
    """If this failed, a key that may have been copied would go on signing."""
    places = building.make(tmp_path, 1)
    (pem,) = places.keys.glob("*.pem")
    pem.chmod(0o644)
    before = (places.store / "checkpoint").read_bytes()
    with Writer(places) as writer:
        with pytest.raises(RefusedError, match="mode 0644"):
            writer.append([building.keep(writer, 1)])
        assert writer.size == 3
    with Writer(places) as writer:
        pem.chmod(0o600)
        writer.append([building.keep(writer, 1)])
        pem.chmod(0o644)
        with pytest.raises(RefusedError, match="mode 0644"):
            writer.checkpoint()
    assert (places.store / "checkpoint").read_bytes() == before
    pem.chmod(0o600)
    with Writer(places) as writer:
        assert writer.size == 3, "what was refused does not happen later"
    assert not building.check(places).problems


def test_an_error_takes_back_what_is_not_signed(tmp_path: Path) -> None:
    """If this failed, a command that was cut short by an error would go on with the next one."""
    places = building.make(tmp_path, 1)
    writer = Writer(places)
    writer.append([building.keep(writer, 1)])
    writer.close()  # As a crash: this one is acknowledged, and stands.

    def cut_short() -> None:
        with Writer(places) as writer:
            writer.append([building.keep(writer, 2)], erasing=[(2, 2)])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_short()
    with Writer(places) as writer:
        assert writer.size == 4
        writer.checkpoint()
    report = building.check(places)
    assert (report.problems, report.kept) == ([], 2)


def test_what_is_signed_stands_and_is_said_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a command would look refused whose record is signed and comes out with the next one."""
    places = building.make(tmp_path, 1)

    def fail(*_: object) -> None:
        raise EvidenceError("the disk is full")

    with monkeypatch.context() as patch, Writer(places) as writer:
        patch.setattr(writer, "_publish_checkpoint", fail)
        writer.append([building.keep(writer, 1)])
        with pytest.raises(EvidenceError, match="full; record 3 was taken into the log, and signed"):
            writer.checkpoint()
    with monkeypatch.context() as patch, Writer(places) as writer:
        patch.setattr(writer, "_sign", fail)
        patch.setattr(Staging, "take_back", fail)
        writer.append([building.keep(writer, 1), building.keep(writer, 2)])
        assert writer.size == 6
        with pytest.raises(EvidenceError, match="full; records 4 to 5 were taken into the log, though not signed"):
            writer.checkpoint()
    with Writer(places) as writer:
        writer.checkpoint()
    report = building.check(places)
    assert (report.problems, report.kept) == ([], 4)


@pytest.mark.parametrize("error", [EvidenceError("the disk went away"), KeyboardInterrupt()])
def test_what_the_lock_holds_is_never_taken_back(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this failed, an error just behind the signature would leave a log that can never be added to."""
    places = building.make(tmp_path, 1)
    swap = Lock.swap

    def cut_short() -> None:
        with Writer(places) as writer:
            writer.append([building.keep(writer, 1)])
            writer.checkpoint()

    def swapped(*arguments: object) -> None:
        swap(*arguments)  # type: ignore[arg-type]  # As it came.
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Lock, "swap", swapped)
        with pytest.raises(EvidenceError, match="record 3 was taken into the log, and signed"):
            cut_short()
    with Writer(places) as writer:
        assert writer.size == 4
    report = building.check(places)
    assert (report.problems, report.kept) == ([], 2)


def test_a_lost_lock_leaves_no_new_one(tmp_path: Path) -> None:
    """If this failed, a refused command would leave an empty lock that looks like one."""
    places = building.make(tmp_path, 1)
    places.lock.unlink()
    with pytest.raises(RefusedError, match=r"log\.lock: is missing"):
        Writer(places)
    assert not places.lock.exists()


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    """If this failed, a wrong folder would be written into."""
    (tmp_path / "x").mkdir()
    with pytest.raises(EvidenceError, match="no evidence log"):
        Writer(Places.of(tmp_path / "x"))
    (tmp_path / "x" / "file").write_text("somebody's")
    with pytest.raises(EvidenceError, match="no evidence log"):
        store.create(Places.of(tmp_path / "x"), ORIGIN, building.first)
    places = building.make(tmp_path)
    with pytest.raises(EvidenceError, match="already"):
        store.create(places, ORIGIN, building.first)
    shutil.rmtree(places.store)
    with pytest.raises(RefusedError, match="has signed before"):
        store.create(places, ORIGIN, building.first)


def test_every_checkpoint_that_went_out_stands_in_the_lock(tmp_path: Path) -> None:
    """If this failed, the log could not know what it has promised."""
    places = building.make(tmp_path, 4, batch=1)
    lock = Lock(places.lock)
    assert [size for size, _ in lock.history()] == [2, 3, 4, 5, 6]
    newest = lock.newest()
    assert newest is not None
    assert newest[1] == Note.parse((places.store / "checkpoint").read_bytes())
    lock.close()


@pytest.mark.parametrize("lock", [None, b""], ids=["no lock", "an empty lock"])
@pytest.mark.parametrize("gone", ["checkpoint", "checkpoint tile", "checkpoint tile checkpoints"])
def test_records_that_no_lock_knows(gone: str, lock: bytes | None, tmp_path: Path) -> None:
    """If this failed, a second history would be signed over a part of a log, and the nonces of the first be lost."""
    places = building.make(tmp_path, 3)
    nonces = (places.store / "private/000").read_bytes()
    for name in gone.split():
        path = places.store / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    places.lock.unlink()
    if lock is not None:
        places.lock.write_bytes(lock)
    with pytest.raises(RefusedError, match="holds records that were signed"):
        Writer(places)
    with pytest.raises(RefusedError, match="holds records that were signed"):
        store.create(places, building.ORIGIN, building.first)
    assert (places.store / "private/000").read_bytes() == nonces
    assert places.lock.exists() == (lock is not None)


def test_a_log_without_a_key(tmp_path: Path) -> None:
    """If this failed, what a crash left of making a log would look like a fault of the program."""
    places = building.make(tmp_path)
    shutil.rmtree(places.store)
    places.store.mkdir()
    places.lock.unlink()
    (places.store / "format").write_bytes(b"abm-trace/evidence/1\n")
    Folder(places.store).make("private")
    with Writer(places) as writer, pytest.raises(EvidenceError, match="no key yet"):
        _ = writer.origin
