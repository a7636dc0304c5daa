"""Tests of abm_trace.identity.shelves: each device gets its facts, packed or not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm_trace.core.nouns import Fact, Origin
from abm_trace.identity import shelves
from abm_trace.identity.shelves import Many, Shelves, decoded

KEYS = [f"F9F{number}" for number in range(5)]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few facts fill a shelf."""
    monkeypatch.setattr(shelves, "SHELF_DEVICES", 2)
    monkeypatch.setattr(shelves, "OPEN_FACTS_MAX", 3)
    monkeypatch.setattr(shelves, "MANY_FACTS", 7)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 5))), st.booleans())
def test_each_device_gets_its_facts_in_order(added: list[tuple[str, int]], packing: bool) -> None:
    """A fact would be another device's, or two of the same time be cited in another order."""
    found = Shelves(KEYS, packing=packing)
    wanted: dict[str, list[Fact]] = {key: [] for key in KEYS}
    for number, (key, count) in enumerate(added):
        facts = [Fact("booted", None, "log", "", {}, Origin("a.log", "x", number, each)) for each in range(count)]
        found.add(key, facts)
        wanted[key] += facts
    assert {key: list(facts) for key, facts in found.items()} == wanted
    if packing:
        given = [(key, [decoded(fact) for fact in facts]) for shelf in found.emptied() for key, facts in shelf]
        assert given == list(wanted.items())
        assert not any(list(facts) for _, facts in found.items())


def test_little_is_at_hand_where_it_is_packed() -> None:
    """All facts of a large fleet would be in memory at once."""
    found = Shelves(KEYS, packing=True)
    for number in range(100):
        found.add(KEYS[number % 5], [Fact("booted", number, "log", "", {}, Origin("a.log", "x"))])
        assert sum(map(len, found._open)) <= 3


def test_of_very_many_facts_of_one_device_a_block_is_at_hand() -> None:
    """All facts of a device that says the same for weeks would be in memory at once."""
    found = Shelves(KEYS, packing=True)
    for number in range(100):
        found.put(2, Fact("booted", number, "log", "", {}, Origin("a.log", "x")))
    facts = next(each for shelf in found.emptied() for key, each in shelf if key == KEYS[2])
    assert isinstance(facts, Many)
    assert len(facts) == 100
    assert [decoded(each).at for each in facts] == list(range(100))
    kept = next(iter(facts))
    assert kept in facts
    assert len(facts._facts) <= 7 + 3, "those from before it had many"


def test_of_long_facts_fewer_are_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """30,000 facts of 8 kB would take 240 MB before any is packed."""
    monkeypatch.setattr(shelves, "OPEN_FACTS_MAX", 100)
    found = Shelves(KEYS, packing=True)
    fact = Fact("known", None, "manifest", "", {"notes": "n" * 8000}, Origin("a.csv", "x"))
    found.add(KEYS[0], [fact] * 20)
    assert sum(map(len, found._open)) < 20
    assert {key: len(list(facts)) for key, facts in found.items()}[KEYS[0]] == 20
