"""Tests of abm_trace.pipeline.told: what an export says, once it says very much."""

import pytest
from tests.pipeline.building import fact

from abm_trace.core.nouns import Fact, Origin
from abm_trace.core.packed import Packed
from abm_trace.core.spill import Spill
from abm_trace.pipeline import told
from abm_trace.pipeline.told import Said, Told, as_held, packed_facts


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few facts are very many."""
    monkeypatch.setattr(told, "REPEATS_FROM", 6)
    monkeypatch.setattr(told, "BLOCK_FACTS", 4)


def test_few_facts_are_at_hand_as_they_came() -> None:
    """A small export would lose what it says twice, and with it what may be cited."""
    found = Told()
    for at in (5, 3, 3, None, 9):
        found.add(fact("booted", at))
    facts = found.facts()
    assert isinstance(facts, tuple)
    assert [each.at for each in facts] == [5, 3, 3, None, 9]
    assert (found.first_at, found.last_at) == (3, 9)
    assert found.last == facts[-1]


def test_very_many_are_packed_and_repeats_left_out() -> None:
    """A flood of one row would fill the memory, or hide the row behind it."""
    found = Told()
    for at in (*[1] * 50, *range(40), *[2] * 50, None, None):
        found.add(fact("booted", at))
    facts = found.facts()
    assert isinstance(facts, Packed)
    assert [each.at for each in facts] == [1, 0, *range(2, 40), None]
    assert len(found) == len(facts) == 41
    assert found.last is not None
    assert found.last.at is None


def test_where_it_matters_repeats_are_left_out_however_few_there_are() -> None:
    """A bomb of many small exports would pass for as many that say something."""
    found = Told()
    assert [found.add(fact("booted", at)) for at in (1, 1, 2)] == [True] * 3
    found.sharpen()
    assert [found.add(fact("booted", at)) for at in (1, 3, 3, 4)] == [False, True, False, True]
    assert [each.at for each in found.facts()] == [1, 2, 3, 4]


def test_beside_a_large_text_fewer_are_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The facts of an archive of 60 MB would take as much memory as the archive."""
    monkeypatch.setattr(told, "PACK_FROM", 3)
    found = Told()
    found.large = True
    for at in range(4):
        found.add(fact("booted", at))
    assert isinstance(found.facts(), Packed)
    assert [each.at for each in found.facts()] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("times", "until"),
    [((1, 3, 2, 5), 5), ((5, 2, 1), None), ((5, 5), None), ((), None), ((1, None, 4), 4), ((1, 4, None), None)],
)
def test_what_is_lost_behind_events_in_order_of_time_is_later(times: tuple[int | None, ...], until: int | None) -> None:
    """A cut audit export would prove nothing at all, or that what it lost never happened."""
    found = Told()
    for at in times:
        found.add(fact("registered", at, "audit"))
    assert found.read_until("audit") == until
    assert found.read_until("mdm") is None
    found.add(fact("coverage", 9, "audit"))
    found.add(fact("registered", 9, "audit"))
    assert found.read_until("audit") is None


def test_what_differs_in_any_word_is_no_repeat() -> None:
    """Two statements would count as one."""
    found = Told()
    said = [
        fact("booted", 1),
        fact("known", 1),
        fact("booted", 1, "mdm"),
        fact("booted", 1, serial="A"),
        fact("booted", 2),
    ]
    for each in said * 9:
        found.add(each)
    assert list(found.facts()) == said


def test_only_so_many_statements_are_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four million rows that all differ would fill the memory with their digests."""
    monkeypatch.setattr(told, "_SAID_MAX", 3)
    said = Said()
    assert [said.before(each) for each in (1, 2, 1, 3, 2)] == [False, False, True, False, True]
    assert [said.before(each) for each in (4, 4, 1)] == [False, True, False]


def test_facts_are_held_as_those_before() -> None:
    """A yearless log of a large fleet would be unpacked for good."""
    facts = [fact("booted", at) for at in range(9)]
    assert as_held(iter(facts), (), Spill()) == tuple(facts)
    again = as_held(iter(facts), packed_facts([]), Spill())
    assert isinstance(again, Packed)
    assert list(again) == facts


def long(attrs: dict[str, str], value: str = "", number: int = 0) -> Fact:
    """A fact of a record of 100 kB."""
    origin = Origin("x.csv", "manifest", number * 100_000, 100_000, number + 2, number, "5e")
    return Fact("known", None, "manifest", value, attrs, origin)


def test_what_is_too_long_of_a_fact_is_named_and_not_kept() -> None:
    """1,400 rows with a field of 60 kB each would take 300 MB, or go without the field and nobody know."""
    found = Told("x.csv")
    found.add(long({"notes": "n" * 1025, "serial": "F9F1", "site": "s" * 1024}, "v" * 1030))
    (fact,) = found.facts()
    assert fact.attrs == {"serial": "F9F1", "site": "s" * 1024}
    assert fact.value == "v" * 1024
    assert [(each.line, each.offset, each.reason) for each in found.notes] == [
        (2, 0, "a field is too long to be kept: notes, 1,025 characters"),
        (2, 0, "the rest of a text is not kept: known, 1,030 characters"),
    ]


def test_of_very_much_the_short_fields_are_kept() -> None:
    """A row of 200 long fields would be held whole, or its serial number be left out for them."""
    found = Told("x.csv")
    found.add(long({**{f"c{number}": "x" * 1000 for number in range(20)}, "serial": "F9F1"}))
    (fact,) = found.facts()
    assert list(fact.attrs) == [*(f"c{number}" for number in range(8)), "serial"]
    assert len(list(found.notes)) == 12


def test_a_long_field_of_a_record_is_named_once() -> None:
    """Four facts of one row would name it four times, or the same field of the next row not at all."""
    found = Told("x.csv")
    for number in range(2):
        fact = long({"notes": "n" * 2000}, number=number)
        for _ in range(4):
            found.add(fact)
    assert [each.line for each in found.notes] == [2, 3]
