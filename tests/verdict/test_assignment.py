"""Where a device stands: the latest statement wins, whatever the order in which they are told."""

from itertools import permutations

import pytest
from tests.verdict.apple import added, record, released, row, unassigned

from abm_trace.core.nouns import Fact
from abm_trace.verdict import assignment
from abm_trace.verdict.assignment import Assignment


def of(*facts: Fact) -> Assignment:
    """The assignment of these facts, the same in each order."""
    found = []
    for order in permutations(facts):
        kinds: dict[str, list[Fact]] = {}
        for fact in order:
            kinds.setdefault(fact.kind, []).append(fact)
        found.append(assignment.of(kinds))
    first, *others = ((each.released, each.unassigned, each.row, each.record, each.server) for each in found)
    assert all(other == first for other in others)
    return found[0]


def test_nothing_is_known_of_a_device_without_such_facts() -> None:
    """If this failed, a guide-dialect device would be in no organisation."""
    assert of() == Assignment()
    assert not of(added()).listed


def test_the_later_record_wins() -> None:
    """CASE.md: across fetch and sync."""
    assert of(record("pushed", 10), record("empty", 20), record("assigned", 5)).record == record("empty", 20)


@pytest.mark.parametrize(
    ("facts", "lost"),
    [
        ((row(0), unassigned(10)), True),
        ((row(10), unassigned(0)), False),
        ((row(None), unassigned(10)), False),
        ((record("assigned", 0), record("deleted", 10)), True),
        ((record("deleted", 0), record("assigned", 10, "mdm-two")), False),
        ((record("deleted", 0), record("assigned", 0, "mdm-two")), False),
        ((record("assigned", None), unassigned(10)), True),
    ],
)
def test_the_last_word_on_the_assignment(facts: tuple[Fact, ...], *, lost: bool) -> None:
    """If this failed, a re-assigned device would be told as unassigned, or the reverse."""
    assert bool(of(*facts).unassigned) is lost


def test_the_server_of_the_last_assignment() -> None:
    """If this failed, another server's silence would count for the device."""
    assert of(row(0, "mdm-one"), record("assigned", 10, "mdm-two")).server == "mdm-two"
    assert of(row(0, "mdm-one"), record("deleted", -10, "mdm-two")).server == "mdm-one"
    assert of(row(0, "mdm-one"), unassigned(10)).server == ""


def test_what_its_server_knows_of_it() -> None:
    """A record of the server that the device left is no sync of its new one."""
    assert not of(row(10, "mdm-two"), record("assigned", 0, "mdm-one")).synced
    assert of(row(10, "mdm-one"), record("assigned", 0, "mdm-one")).synced


def test_added_again_after_a_release() -> None:
    """If this failed, a device that came back would stay released."""
    assert of(released(0), added(-10)).released
    assert not of(released(0), added(10)).released


def test_a_server_that_deletes_a_device_speaks_of_itself_alone() -> None:
    """If this failed, a device that moved to another server would be told to be assigned to none."""
    moved = (record("assigned", 0, "mdm-one"), row(10, "mdm-two"), record("deleted", 20, "mdm-one"))
    assert of(*moved).unassigned is None
    assert of(*moved).server == "mdm-two"
    assert (
        of(record("assigned", 0, "mdm-one"), record("assigned", 10, "mdm-two"), record("deleted", 20, "mdm-one")).server
        == "mdm-two"
    )
    assert of(row(0, "mdm-one"), record("deleted", 20, "")).unassigned
    assert of(row(0, ""), record("deleted", 20, "mdm-one")).unassigned
    assert of(record("assigned", 0, "mdm-one"), unassigned(20)).unassigned
    assert of(
        record("assigned", 0, "mdm-one"), record("assigned", 10, "mdm-two"), record("deleted", 20, "mdm-two")
    ).unassigned
