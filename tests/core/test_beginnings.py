"""Tests of abm_trace.core.beginnings: what is seen of packed facts is what they say."""

from abm_trace.core.beginnings import beginnings
from abm_trace.core.nouns import Fact, Origin
from abm_trace.core.packed import Packed


def test_packed_facts_begin_as_others_do() -> None:
    """A device would be known by other names in a large export than in a small one."""
    facts = [Fact("known", n, "abm", "x", {"serial": f"F9F{n}"}, Origin("a.csv", "x", n), "L3", "c") for n in range(5)]
    assert beginnings(facts) is facts
    seen = [(each.kind, each.at, each.source, each.value, each.attrs) for each in facts]
    packed = beginnings(Packed.of(Fact, 2, facts))
    assert [(each.kind, each.at, each.source, each.value, each.attrs) for each in packed] == seen
