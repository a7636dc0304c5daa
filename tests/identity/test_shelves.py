"""Tests of abm_trace.identity.shelves: each device gets its facts, packed or not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm_trace.core.nouns import Fact, Origin
from abm_trace.identity import shelves
from abm_trace.identity.shelves import Shelves, decoded

KEYS = [f"F9F{number}" for number in range(5)]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few facts fill a shelf."""
    monkeypatch.setattr(shelves, "SHELF_DEVICES", 2)
    monkeypatch.setattr(shelves, "OPEN_FACTS_MAX", 3)


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
    assert dict(found.items()) == wanted
    if packing:
        given = [(key, [decoded(fact) for fact in facts]) for shelf in found.emptied() for key, facts in shelf]
        assert given == list(wanted.items())
        assert not any(facts for _, facts in found.items())


def test_little_is_at_hand_where_it_is_packed() -> None:
    """All facts of a large fleet would be in memory at once."""
    found = Shelves(KEYS, packing=True)
    for number in range(100):
        found.add(KEYS[number % 5], [Fact("booted", number, "log", "", {}, Origin("a.log", "x"))])
        assert sum(map(len, found._open)) <= 3
