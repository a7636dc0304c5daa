"""Retention, holds and purges: nothing goes early, and what goes leaves proof."""

from pathlib import Path

import pytest
from tests.evidence import building
from tests.evidence.building import DAY, START, said

from abm_trace.evidence import blobs, retention, tiles, tree
from abm_trace.evidence.errors import RefusedError
from abm_trace.evidence.files import Folder
from abm_trace.evidence.note import parse_proof_file
from abm_trace.evidence.places import Places
from abm_trace.evidence.published import Published
from abm_trace.evidence.store import Writer


def purge(places: Places, day: float, *ranges: tuple[int, int]) -> list[int]:
    """Purge on the n-th day."""
    with Writer(places) as writer:
        return retention.purge(writer, ranges, now=START + int(day * DAY), actor="ann", reason="due")


def state(places: Places, day: float, kind: str, **fields: object) -> int:
    """State something on the n-th day."""
    with Writer(places) as writer:
        return retention.state(writer, said(kind, START + int(day * DAY), **fields))


def kept(places: Places) -> set[str]:
    """The inputs that are there."""
    return {path.name for path in (places.store / "raw").rglob("*.zst")}


def test_day_89_and_day_91(tmp_path: Path) -> None:
    """If this failed, evidence would go early, or stay for ever, or go without proof."""
    places = building.make(tmp_path, 5)
    for day in (0, 1, 89, 89.99):
        with pytest.raises(RefusedError, match="kept for 90 days"):
            purge(places, day, (2, 4))
    assert len(kept(places)) == 5
    before = Published(Folder(places.store)).bundle(0, 7)
    assert purge(places, 91, (2, 4)) == [7]
    assert len(kept(places)) == 2
    lines = Published(Folder(places.store)).private(0)
    assert [line == blobs.NOTHING for line in lines] == [True] * 5 + [False] * 2 + [True]
    # The entries stay, and each is still in the tree that is signed today.
    published = Published(Folder(places.store))
    assert published.bundle(0, 8)[:7] == before
    head = published.checkpoint()
    assert head is not None
    for index, entry in enumerate(before):
        found, proof, note = parse_proof_file(published.proof(index))
        assert (found, note) == (index, head[1])
        assert tree.includes(index, head[0].size, tree.leaf_hash(entry), proof, head[0].root)
    report = building.check(places)
    assert (report.problems, report.kept, report.purged) == ([], 2, 3)


def test_a_clock_that_was_set_back(tmp_path: Path) -> None:
    """If this failed, a record of today could be dated back and purged at once."""
    places = building.make(tmp_path)
    state(places, 100, "config", days_min=90)
    building.add(places, range(1), at=START)
    with pytest.raises(RefusedError, match="kept for 90 days"):
        purge(places, 100, (3, 3))
    assert len(kept(places)) == 1


def test_nonces_leave_no_trace(tmp_path: Path) -> None:
    """If this failed, a serial number could be guessed from its entry after the purge."""
    places = building.make(tmp_path, 3)
    secrets = [blobs.Secret.parse(line) for line in Published(Folder(places.store)).private(0)[2:]]
    needles = [each.nonce.hex().encode() for each in secrets if each] + [b"F9FXQ00000", building.line(0)]
    purge(places, 91, (2, 4))
    for path in places.store.parent.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert not any(needle in data for needle in needles), path


def test_holds(tmp_path: Path) -> None:
    """If this failed, evidence under a legal hold would be deleted, or one person could lift it."""
    places = building.make(tmp_path, 5)
    held = state(places, 10, "hold", ranges=((3, 3),), reason="case 12")
    with pytest.raises(RefusedError, match=r"hold of record 7 \(case 12\)"):
        purge(places, 91, (2, 4))
    assert purge(places, 91, (2, 2)) == [8]
    for second in ("ann", " Ann ".strip(), "A N N"):
        with pytest.raises(RefusedError, match="second person"):
            state(places, 92, "release", hold=held, actor="bob", second=second)
    with pytest.raises(RefusedError, match="second person"):
        state(places, 92, "release", hold=held, actor="bob", second="BOB")
    with pytest.raises(RefusedError, match="no hold that stands"):
        state(places, 92, "release", hold=2, second="bob")
    everything = state(places, 92, "hold")
    state(places, 92, "release", hold=held, second="bob")
    with pytest.raises(RefusedError, match="hold of record 9"):
        purge(places, 93, (3, 4))
    state(places, 92, "release", hold=everything, second="bob")
    purge(places, 93, (3, 4))
    assert not building.check(places).problems
    assert len(kept(places)) == 2


def test_policy(tmp_path: Path) -> None:
    """If this failed, the minimum could be set below 90 days."""
    places = building.make(tmp_path, 2)
    with pytest.raises(RefusedError, match="90 at least"):
        state(places, 1, "config", days_min=89)
    with pytest.raises(RefusedError, match="below the minimum"):
        state(places, 1, "config", days_min=120, days_max=100)
    state(places, 1, "config", days_min=120, days_max=365)
    with pytest.raises(RefusedError, match="kept for 120 days"):
        purge(places, 91, (2, 2))
    with Writer(places) as writer:
        ledger = retention.ledger(writer)
    assert ledger.older(START + 364 * DAY, 365) == []
    assert ledger.older(START + 365 * DAY, 365) == [(2, 3)]
    purge(places, 366, (2, 3))
    with Writer(places) as writer:
        assert retention.ledger(writer).older(START + 999 * DAY, 365) == []


def test_what_another_entry_still_needs_stays(tmp_path: Path) -> None:
    """If this failed, purging an old copy of an input would take a younger one with it."""
    places = building.make(tmp_path, 1)
    building.add(places, range(1), at=START + 50 * DAY)
    purge(places, 91, (2, 2))
    assert len(kept(places)) == 1
    report = building.check(places)
    assert (report.problems, report.kept, report.purged) == ([], 1, 1)


def test_a_purge_that_was_cut_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a crash would leave bytes that the log says are gone."""
    places = building.make(tmp_path, 3)
    remove = Folder.remove

    def cut(folder: Folder, path: str) -> None:
        if path.startswith("raw/"):
            raise KeyboardInterrupt
        remove(folder, path)

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "remove", cut)
        with pytest.raises(KeyboardInterrupt):
            purge(places, 91, (2, 3))
    assert len(kept(places)) == 3
    report = building.check(places)
    assert not report.problems
    assert any("not yet deleted" in each for each in report.remarks)
    Writer(places).close()
    assert len(kept(places)) == 1
    assert not building.check(places).problems


def test_purge_across_bundles(tmp_path: Path) -> None:
    """If this failed, a purge would stop at the end of a tile, or blank a line too many."""
    places = building.make(tmp_path, 600)
    purge(places, 91, (200, 299), (512, 520))
    report = building.check(places)
    assert (report.problems, report.kept, report.purged) == ([], 600 - 109, 109)
    assert tiles.WIDTH == 256
    with pytest.raises(RefusedError, match="not in the log"):
        purge(places, 91, (600, 700))
