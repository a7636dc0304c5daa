"""The world as at an instant."""

import json
from pathlib import Path

from abm_lab.case import make_plan
from abm_lab.moments import DAY, HOUR
from abm_lab.serve.clock import Clock
from abm_lab.serve.lab import Lab
from abm_lab.serve.world import Row, World, between


def test_between_includes_both_ends() -> None:
    """A poller that asks from its last event on would lose those of the same instant."""
    rows = [Row("A", at, b"") for at in (1, 2, 2, 3, 5)]
    assert [row.at for row in between(rows, 2, 3)] == [2, 2, 3]
    assert between(rows, 6, 9) == []


def test_serials_are_found_however_they_are_spelled(mixed: Lab) -> None:
    """A scanned barcode would be a device that the lab does not know."""
    world = mixed.world
    serial = next(serial for serial in world.truths if "0" in serial or "1" in serial)
    confused = serial.replace("0", "o").replace("1", "i").lower()
    assert {world.serial(text) for text in (serial, f"S{serial}", f" {confused} ")} == {serial}
    assert world.serial("NOBODY") is None


def test_the_guides_record_is_completed_by_the_enrolment(mixed: Lab) -> None:
    """An MDM would know of an enrolment before it happened."""
    world = mixed.world
    created_at, enrolled_at, record = next(each for each in world._inventory if each[2].enrolled_at)
    for at, expected in ((created_at - 1, []), (created_at, [None]), (enrolled_at, [record.enrolled_at])):
        rows = [json.loads(row.content) for row in world.inventory(at) if row.serial == record.serial_number]
        assert [row["enrolled_at"] for row in rows] == expected


def test_snapshots_are_the_same_again_and_few(mixed: Lab) -> None:
    """A client that pages slowly would get another listing in its middle, or a running world fill the memory."""
    world, end = mixed.world, mixed.clock.end
    first = world.org(end - DAY)["org-devices"]
    for hour in range(10):
        world.org(end - hour)
    assert world.org(end - DAY)["org-devices"] == first
    assert len(world._snapshots["org"]) <= 4


def test_a_source_that_lags_is_told_as_far_as_it_reaches(tmp_path: Path) -> None:
    """The servers would know more than the case's old exports, and the truth would not hold."""
    plan = make_plan(tmp_path, "old-inventory", 60, 3, 1, 1)
    world = World(plan, Clock(10**15, 10**15, 0))
    assert plan.scenario.coverage.mdm > 0
    assert world.mdm_until() == 10**15 - plan.scenario.coverage.mdm * HOUR
    assert world.dep_until() == 10**15 - plan.scenario.coverage.dep * HOUR
