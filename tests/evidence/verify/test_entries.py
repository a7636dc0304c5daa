"""The records: whichever is changed, missing, reordered or against the rules is named."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.evidence import building, flips
from tests.evidence.building import START, check, where
from tests.evidence.verify.damage import SIZE, flipped

from abm_trace.core import instants
from abm_trace.evidence import tiles, tree
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Pending, Writer


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_each_byte_of_a_full_tile(part: int, log: Places) -> None:
    """If this failed, a byte of a tile could be changed, and another record, or none, would be named (R16)."""
    changed = flips.Flips(log, check(log, raw=False).signers)
    assert [at for at in range(part, 8192, 4) if not changed.is_found("tile/0/000", at)] == []


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


def test_rules_are_checked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a writer that was changed could purge early and sign it."""
    places = building.make(tmp_path, 3)
    early = building.said("purge", START, ranges=((2, 3),), policy="none", holds="0" * 64)
    with Writer(places) as writer:
        writer.append([Pending(early)], erasing=[(2, 3)])
        writer.checkpoint()
    assert where(check(places)) == {"record 5"}
    assert "90 days" in check(places).problems[0].text


def test_clock_that_was_set_back_is_told(tmp_path: Path) -> None:
    """If this failed, an entry could be dated back and nobody would be told."""
    places = building.make(tmp_path)
    building.add(places, range(1), at=START + instants.SECOND)
    building.add(places, range(1, 2), at=START)
    report = check(places)
    assert not report.problems
    assert any("record 3: earlier" in each for each in report.remarks)


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
