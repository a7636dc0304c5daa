"""The tree above the records."""

import pytest
from tests.evidence.building import check, where
from tests.evidence.verify.damage import SIZE, flipped, rewritten

from abm_trace.evidence import tiles
from abm_trace.evidence.places import Places


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
