"""What entries add up to."""

import pytest
from tests.evidence.building import DAY, START, said

from abm_trace.evidence.ledger import Ledger, joined
from abm_trace.evidence.note import VerifierKey

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


@pytest.mark.parametrize(
    ("indexes", "ranges"), [([], []), ([3], [(3, 3)]), ([1, 2, 3, 5, 7, 8], [(1, 3), (5, 5), (7, 8)])]
)
def test_joined(indexes: list[int], ranges: list[tuple[int, int]]) -> None:
    """If this failed, a purge would name other entries than it was asked to."""
    assert joined(indexes) == ranges
