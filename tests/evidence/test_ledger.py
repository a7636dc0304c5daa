"""What entries add up to."""

import time
from typing import Final

import pytest
from tests.evidence.building import DAY, START, said

from abm_trace.core import instants
from abm_trace.evidence.entry import Entry
from abm_trace.evidence.ledger import Ledger, joined
from abm_trace.evidence.note import VerifierKey

KEPT: Final = Entry(1, instants.render(START), "raw")
KEYS = [VerifierKey("log.example", bytes([number]) * 32) for number in range(3)]


def test_keys_come_and_go() -> None:
    """If this failed, a retired key would count, or the last one could be retired."""
    ledger = Ledger()
    for number, act in ((0, "add"), (1, "add"), (0, "retire")):
        ledger.take(said("key", START, act=act, key=str(KEYS[number])))
    assert list(ledger.active.values()) == [KEYS[1]]
    assert [index for index, _ in ledger.added] == [0, 1]
    assert not ledger.problems
    for act, key in (("retire", KEYS[1]), ("retire", KEYS[2]), ("add", KEYS[1]), ("add", VerifierKey("x", bytes(32)))):
        assert ledger.refusal(said("key", START, act=act, key=str(key)))
    assert ledger.refusal(said("key", START, act="add", key="nonsense"))
    assert not ledger.refusal(said("key", START, act="add", key=str(KEYS[2])))


def test_broken_rules_are_told_by_index() -> None:
    """If this failed, an entry that a changed writer signed would pass."""
    ledger = Ledger()
    ledger.take(said("hold", START))
    ledger.skip()
    ledger.take(said("config", START, days_min=1))
    ledger.take(said("release", START, hold=0, second="ann"))
    ledger.take(said("purge", START + 91 * DAY, ranges=((0, 1),), policy="x", holds=ledger.holds_digest()))
    assert [index for index, _ in ledger.problems] == [2, 3, 4]
    assert (ledger.policy.days_min, list(ledger.holds)) == (90, [0]), "what breaks a rule has no effect"


def test_age_counts_from_the_newest_entry() -> None:
    """If this failed, a clock set back for a moment would make a record old enough to purge."""
    ledger = Ledger()
    ledger.take(said("config", START + 100 * DAY, days_min=90))
    ledger.take(KEPT)
    assert "by the newest entry" in ledger.refusal_of_purge([(1, 1)], START + 100 * DAY)
    assert ledger.older(START + 189 * DAY, 90) == []
    assert ledger.older(START + 190 * DAY, 90) == [(1, 1)]
    ledger.take(said("purge", START + 101 * DAY, ranges=((1, 1),), policy="x", holds=ledger.holds_digest()))
    assert [index for index, _ in ledger.problems] == [2], "the check says so, too"


def test_many_purges_and_holds() -> None:
    """If this failed, a log of 20 MB would keep the check busy for minutes."""
    ledger = Ledger()
    begun = time.process_time()
    for index in range(5_000):
        ledger.take(KEPT)
        ledger.take(said("hold", START, ranges=((10_000_000 + 2 * index, 10_000_000 + 2 * index),)))
    digest = ledger.holds_digest()
    for index in range(1, 8_000):
        ledger.take(said("purge", START + 91 * DAY, ranges=((0, index),), policy="x", holds=digest))
    assert time.process_time() - begun < 5
    assert not ledger.problems
    assert ledger.is_purged(0)
    assert not ledger.is_purged(1)


def test_which_hold_is_named() -> None:
    """If this failed, a record under a hold would be purged where holds overlap."""
    ledger = Ledger()
    for index, ranges in enumerate((((0, 2), (8, 9)), ((1, 4),), ())):
        ledger.take(KEPT)
        ledger.take(said("hold", START, ranges=ranges))
        assert "hold of record 1" in ledger.refusal_of_purge([(0, 0)], START + 99 * DAY), index
    assert "hold of record" in ledger.refusal_of_purge([(5, 5)], START + 99 * DAY)
    ledger.take(said("release", START, hold=5, second="bob"))
    assert ledger.refusal_of_purge([(5, 5)], START + 99 * DAY) == ""
    assert "hold of record 3" in ledger.refusal_of_purge([(3, 5)], START + 99 * DAY)


@pytest.mark.parametrize(
    ("indexes", "ranges"), [([], []), ([3], [(3, 3)]), ([1, 2, 3, 5, 7, 8], [(1, 3), (5, 5), (7, 8)])]
)
def test_joined(indexes: list[int], ranges: list[tuple[int, int]]) -> None:
    """If this failed, a purge would name other entries than it was asked to."""
    assert joined(indexes) == ranges
