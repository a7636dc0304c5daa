"""Tests of abm_trace.verdict.thinning: of very many facts the first and the last of each kind are judged."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from tests.verdict.facts import asked, booted, judged, log, recorded

from abm_trace.core.nouns import Fact
from abm_trace.verdict import thinning
from abm_trace.verdict.thinning import thinned

MANY = 40


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "FACTS_MAX", MANY)


def requests(count: int, begin: float = 5) -> list[Fact]:
    """Requests a minute apart."""
    return [recorded(begin + 60 * number, f"req_{number}", "aa") for number in range(count)]


def few(facts: list[Fact]) -> list[Fact]:
    """Those that are judged."""
    return [each for each in thinned("F9F", facts)[0] if isinstance(each, Fact)]


def test_what_is_not_very_much_stays() -> None:
    """A device would lose facts that there is room for, or a file be named of which everything is judged."""
    facts = requests(MANY)
    assert thinned("F9F", facts) == (facts, None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.integers(MANY + 1, 300), some.integers(0, 3), some.booleans())
def test_the_first_and_the_last_of_each_kind_stay(count: int, others: int, encoded: bool) -> None:
    """What happened once would be lost among what happened often, or memory grow with it."""
    rare = [booted(), *(log("identifier", 7 + each, device_identifier="bb") for each in range(others))]
    many = requests(count)
    facts = [*many, *rare]
    held = [msgspec.Raw(msgspec.msgpack.encode(each)) for each in facts] if encoded else facts
    found, said = thinned("F9F", held)
    kept = [msgspec.msgpack.decode(each, type=Fact) if isinstance(each, msgspec.Raw) else each for each in found]
    assert [each for each in kept if each in rare] == rare
    note = kept.pop()
    assert (note.kind, note.origin.path) == ("left_out", many[0].origin.path)
    assert len(kept) <= MANY
    assert many[0] in kept
    assert many[-1] in kept
    assert kept == [each for each in facts if each in kept]
    assert said is not None
    assert said.path == many[0].origin.path
    assert said.reason == f"F9F: {note.value}"
    assert f"{len(facts) - len(kept):,} of its {len(facts):,} facts" in note.value


def test_the_verdict_stays() -> None:
    """A device that says the same for weeks would be judged by something else than when it says it twice."""
    facts = [booted(), *requests(500)]
    whole, part = judged(*facts), judged(*few(facts))
    for name in ("verdict", "layer", "cause", "last_rung", "last_rung_at", "first_seen", "last_seen", "journeys"):
        assert getattr(part, name) == getattr(whole, name)
    assert [each.text for each in whole.findings if each.id == "facts-left-out"] == []
    assert ["lower bounds" in each.text for each in part.findings if each.id == "facts-left-out"] == [True]


def test_no_gap_opens_before_a_boot() -> None:
    """A boot in the midst of what was left out would begin a journey that was none."""
    boot = booted(60 * 250 * 60)
    facts = [booted(), *(asked(5 + 3600 * number) for number in range(500)), boot]
    assert judged(booted(), boot).journeys == 2
    assert judged(*facts).journeys == 1
    assert judged(*few(facts)).journeys == 1
