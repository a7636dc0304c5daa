"""Checkpoints: whoever did not sign them, and whatever they are not of, is named."""

from pathlib import Path

from tests.evidence import building
from tests.evidence.building import check, where
from tests.evidence.verify.damage import flipped

from abm_trace.evidence import keys
from abm_trace.evidence.note import Line, Note
from abm_trace.evidence.places import Places


def test_each_byte_of_the_checkpoint(log: Places) -> None:
    """If this failed, a byte of the checkpoint could be changed without anyone noticing."""
    path = log.store / "checkpoint"
    for at in range(path.stat().st_size):
        assert "checkpoint" in where(flipped(path, at, lambda: check(log, raw=False))), at


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


def test_signature_lines_that_are_nobodys(log: Places) -> None:
    """If this failed, a checkpoint could be changed behind the lines that count."""
    for name in ("checkpoint", "checkpoints/2"):
        path = log.store / name
        right = path.read_text()
        for more in ("— x AAAAAAA=\n", right.splitlines(keepends=True)[-1]):
            path.write_text(right + more)
            assert where(check(log, raw=False)) == {name}
        path.write_text(right)


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
