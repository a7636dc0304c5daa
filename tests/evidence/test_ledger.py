"""What entries add up to."""

import time
from typing import Final

import pytest
from tests.evidence.building import DAY, START, said

from abm_trace.core import instants
from abm_trace.evidence.entry import Entry
from abm_trace.evidence.ledger import Ledger, Policy, joined
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
    ledger.take(said("purge", START + 91 * DAY, ranges=((0, 1),), policy=str(Policy()), holds=ledger.holds_digest()))
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
    ledger.take(said("purge", START + 101 * DAY, ranges=((1, 1),), policy=str(Policy()), holds=ledger.holds_digest()))
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
        ledger.take(said("purge", START + 91 * DAY, ranges=((0, index),), policy=str(Policy()), holds=digest))
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


@pytest.mark.parametrize(
    ("days_min", "days_max"), [(10**18, None), (36_501, None), (365, 10**18), (89, None), (365, 364), (-1, None)]
)
def test_a_retention_that_cannot_be(days_min: int, days_max: int | None) -> None:
    """If this failed, a signed entry could end the check, or a log begin that can never be purged."""
    ledger = Ledger()
    ledger.take(said("config", START, days_min=days_min, days_max=days_max))
    ledger.take(KEPT)
    assert [index for index, _ in ledger.problems] == [0]
    assert ledger.policy == Policy()
    assert "90 days, this until 2026-04-01T00:00:00Z" in ledger.refusal_of_purge([(1, 1)], START)


def test_the_age_at_the_end_of_the_calendar() -> None:
    """If this failed, a record dated 9999 would end the check."""
    ledger = Ledger()
    ledger.take(Entry(1, "9999-12-31T23:59:59Z", "raw"))
    assert "this until 9999-12-31T23:59:59" in ledger.refusal_of_purge([(0, 0)], START)
    assert "record 0 is dated later" in ledger.refusal_of_purge([(0, 0)], START)


def test_retention_is_only_raised() -> None:
    """If this failed, what came in to be kept for a year could be purged after 90 days (SPEC E3)."""
    ledger = Ledger()
    ledger.take(said("config", START, days_min=365))
    ledger.take(KEPT)
    ledger.take(said("config", START, days_min=90))
    assert "only raised" in ledger.problems[0][1]
    ledger.take(said("config", START, days_min=400, days_max=500))
    assert ledger.policy == Policy(400, 500)
    later = START + 401 * DAY
    for policy in ("1 day", "400 days at least"):
        entry = said("purge", later, ranges=((1, 1),), policy=policy, holds=ledger.holds_digest())
        assert "it says that it went by" in ledger.refusal(entry)
    right = said("purge", later, ranges=((1, 1),), policy=str(ledger.policy), holds=ledger.holds_digest())
    assert not ledger.refusal(right)


def test_a_key_that_is_none_changes_nothing() -> None:
    """If this failed, a key entry of a changed writer would end the check."""
    ledger = Ledger()
    ledger.take(said("key", START, act="add", key=str(KEYS[0])))
    for key in ("foo+bar", str(VerifierKey("x", bytes(32)))):
        ledger.take(said("key", START, act="add", key=key))
    ledger.take(said("key", START, act="retire", key=str(KEYS[0])))
    assert [index for index, _ in ledger.problems] == [1, 2, 3]
    assert list(ledger.active.values()) == [KEYS[0]]


@pytest.mark.parametrize(
    "second",
    ["ANN", " a n n ", "\uff21nn", "ánn", "a\u0301nn", "a-n.n", "a\u200bnn", "\U0001d41ann", "\u0430nn", "ann\u3164"],
    ids=ascii,
)
def test_a_second_person_is_another(second: str) -> None:
    """If this failed, who placed a hold could lift it by writing the name in other letters."""
    ledger = Ledger()
    ledger.take(said("hold", START))
    assert "second person" in ledger.refusal(said("release", START, hold=0, actor="bob", second=second))
    assert not ledger.refusal(said("release", START, hold=0, actor="bob", second="anna"))
    assert "second person" in ledger.refusal(said("release", START, hold=0, actor="\u0430nna", second="anna"))
