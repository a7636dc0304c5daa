"""Time stamps and the store."""

import contextlib
import hashlib
import random
import sqlite3
from pathlib import Path

import pytest
from cryptography import x509
from tests.evidence import building
from tests.evidence.authority import Authority

from abm_trace.core import instants
from abm_trace.evidence import stamp, stamping
from abm_trace.evidence.errors import EvidenceError, RefusedError
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Writer


def stamped(places: Places, authority: Authority, *, ahead: int = 0) -> None:
    """Have the newest checkpoint stamped."""
    with Writer(places) as writer:
        answer = authority.answer(stamp.question(stamping.ask(writer), 7))
        now = stamp.parse(answer).at + ahead
        stamping.keep(writer, answer, x509.load_pem_x509_certificates(authority.root.read_bytes()), now=now)


def clock(places: Places) -> int:
    """The time of the newest stamp."""
    anchor = building.check(places).anchor
    assert anchor is not None
    return anchor[0].at


def test_stamps_anchor_the_log(tmp_path: Path) -> None:
    """If this failed, a log that was written anew would look as old as it says."""
    authority = Authority(tmp_path / "tsa")
    roots = x509.load_pem_x509_certificates(authority.root.read_bytes())
    places = building.make(tmp_path, 5)
    stamped(places, authority)
    building.add(places, range(5, 8), at=clock(places))
    report = building.check(places, roots=roots)
    assert not report.problems
    assert report.anchor is not None
    assert report.anchor[1:] == (7, True)
    unverified = building.check(places).anchor
    assert unverified is not None
    assert unverified[2] is False
    other = building.check(places, roots=x509.load_pem_x509_certificates(Authority(tmp_path / "x").root.read_bytes()))
    assert other.anchor is None
    assert other.problems
    path = places.store / "checkpoints/7"
    path.write_bytes(path.read_bytes() + b"\xe2\x80\x94 w AAAAAAA=\n")
    assert any("no checkpoint that the store keeps" in each.text for each in building.check(places).problems)


def test_answers_to_other_questions(tmp_path: Path) -> None:
    """If this failed, a stamp over something else would be kept as an anchor of this log."""
    authority = Authority(tmp_path / "tsa")
    roots = x509.load_pem_x509_certificates(authority.root.read_bytes())
    places = building.make(tmp_path, 1)
    with Writer(places) as writer:
        stamping.ask(writer)
        with pytest.raises(RefusedError, match="no checkpoint of this log"):
            stamping.keep(writer, authority.answer(stamp.question(b"x", 7)), roots, now=building.START)
        with pytest.raises(EvidenceError, match="no time stamp answer"):
            stamping.keep(writer, b"<html>hanging</html>", roots, now=building.START)
    assert not (places.store / "stamps").exists()


def test_a_clock_that_was_set_ahead_is_found(tmp_path: Path) -> None:
    """If this failed, evidence could be purged early by setting the clock ahead for a moment."""
    authority = Authority(tmp_path / "tsa")
    places = building.make(tmp_path, 2)
    building.add(places, range(2, 3), at=building.START + 9_999 * building.DAY)
    building.add(places, range(3, 4))
    with Writer(places) as writer:
        answer = authority.answer(stamp.question(stamping.ask(writer), 7))
        roots = x509.load_pem_x509_certificates(authority.root.read_bytes())
        with pytest.raises(RefusedError, match="older than the newest entry"):
            stamping.keep(writer, answer, roots, now=building.START + 10_000 * building.DAY)
        name = hashlib.sha256(answer).hexdigest()[:8]
        writer.folder.put({f"stamps/6.{name}.tsr": answer})  # As a writer that was changed would.
    assert building.where(building.check(places)) == {"record 4"}
    report = building.check(places, now=building.START + building.DAY)
    assert "dated later than now" in report.problems[0].text, "also where nobody stamped it"


def test_records_behind_a_stamp_are_not_older(tmp_path: Path) -> None:
    """If this failed, a record could be dated back to before an anchor that was there already, to be purged early."""
    authority = Authority(tmp_path / "tsa")
    places = building.make(tmp_path, 2)
    stamped(places, authority)
    at = clock(places)
    building.add(places, range(2, 3), at=at - 100 * building.DAY)
    building.add(places, range(3, 4), at=at - instants.SECOND)
    stamped(places, authority)
    building.add(places, range(4, 5), at=at)
    report = building.check(places, now=at)
    assert building.where(report) == {"record 4"}
    assert "dated before stamps/4." in report.problems[0].text


def test_a_log_that_grew_before_it_was_stamped(tmp_path: Path) -> None:
    """If this failed, a question that was sent late would make good records look like such that were dated back."""
    authority = Authority(tmp_path / "tsa")
    roots = x509.load_pem_x509_certificates(authority.root.read_bytes())
    places = building.make(tmp_path, 2)
    with Writer(places) as writer:
        data = stamping.ask(writer)
    building.add(places, range(2, 3))
    answer = authority.answer(stamp.question(data, 7))
    with Writer(places) as writer, pytest.raises(RefusedError, match="that is not under it"):
        stamping.keep(writer, answer, roots, now=stamp.parse(answer).at)
    stamped(places, authority)
    assert not building.check(places).problems


@pytest.mark.parametrize("gone", ["stamps", "both"])
def test_a_stamp_that_vanished(gone: str, tmp_path: Path) -> None:
    """If this failed, whoever takes a stamp away, with the checkpoint under it, could write the log anew unseen."""
    places = building.make(tmp_path, 1)
    stamped(places, Authority(tmp_path / "tsa"))
    (path,) = (places.store / "stamps").iterdir()
    path.unlink()
    if gone == "both":
        (places.store / "checkpoints/3").unlink()
    report = building.check(places)
    assert building.where(report) == {f"stamps/{path.name}"}
    assert f"{places.lock} remembers" in report.problems[0].text
    places.lock.rename(tmp_path / "elsewhere")
    assert not building.check(places).problems, "without the lock nothing says that it was there"


def test_a_lock_of_before(tmp_path: Path) -> None:
    """If this failed, a log that was begun before stamps were remembered would be a broken one."""
    places = building.make(tmp_path, 1)
    with contextlib.closing(sqlite3.connect(places.lock)) as database:
        database.execute("DROP TABLE stamped")
    assert not building.check(places).problems
    stamped(places, Authority(tmp_path / "tsa"))
    assert not building.check(places).problems


def test_any_bit_of_any_file(tmp_path: Path) -> None:
    """If this failed, some file of a log could be changed, or be gone, and the log would still be called whole."""
    authority = Authority(tmp_path / "tsa")
    roots = x509.load_pem_x509_certificates(authority.root.read_bytes())
    places = building.make(tmp_path, 300, batch=100)
    stamped(places, authority)
    building.add(places, range(300, 320), at=clock(places))
    keys = building.check(places).signers
    assert not building.check(places, roots=roots, keys=keys).problems
    rng = random.Random(1)
    files = [path for path in sorted(places.store.rglob("*")) if path.is_file() and "staging" not in path.name]
    for path in rng.sample(files, 60) + [path for path in files if "raw" not in path.parts]:
        before = path.read_bytes()
        changed = bytearray(before)
        changed[rng.randrange(len(before))] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
        assert building.check(places, roots=roots, keys=keys).problems, path
        path.unlink()
        found = building.check(places, roots=roots, keys=keys).problems
        # Kept checkpoints of this key, and widths that a tile had earlier, leave the log as it is.
        spare = path.parent.name == "checkpoints" or (".p/" in str(path) and path.name not in {"66", "1"})
        assert found or spare, path
        path.write_bytes(before)
