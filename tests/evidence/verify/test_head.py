"""What the checkpoint claims: no more is looked at than there are files for."""

from pathlib import Path

from tests.evidence import building
from tests.evidence.building import check, where
from tests.evidence.verify.damage import SIZE

from abm_trace.evidence.note import VerifierKey
from abm_trace.evidence.places import Places


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


def test_an_old_checkpoint_of_a_log_that_grew(tmp_path: Path) -> None:
    """If this failed, the first records would be called missing where the newest were cut off."""
    places = building.make(tmp_path, 6)
    (places.store / "checkpoint").write_bytes((places.store / "checkpoints/2").read_bytes())
    for level in ("0", "entries"):
        (places.store / f"tile/{level}/000.p/2").unlink()  # As in a bundle, which holds the widest alone.
    report = check(places, raw=False)
    assert "records 2 to 7" in where(report)
    assert not where(report) & {"record 0", "record 1"}


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
