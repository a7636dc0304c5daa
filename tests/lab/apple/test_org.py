"""ABM's side, in the shapes of Apple's interface."""

import json
from collections.abc import Callable

import pytest

from abm_lab.apple import org
from abm_lab.apple.life import Life
from abm_lab.apple.pieces import Page
from abm_lab.apple.unit import Unit
from abm_lab.moments import rfc3339_whole

Make = Callable[..., Unit]


def _told(unit: Unit, as_of: int) -> tuple[list[dict[str, object]], list[str]]:
    pieces = list(org.pieces(unit, as_of))
    rows = [json.loads(piece.content) for piece in pieces if piece.path == "abm/org-devices"]
    events = [json.loads(piece.content) for piece in pieces if piece.path == "abm/audit-events"]
    return rows, [event["attributes"]["type"] for event in events]


@pytest.mark.parametrize(
    ("state", "status", "last"),
    [
        ("assigned", "ASSIGNED", None),
        ("unassigned", "UNASSIGNED", "DEVICE_UNASSIGNED_FROM_SERVER"),
        ("released", "UNASSIGNED", "DEVICE_REMOVED_FROM_ORG"),
    ],
)
def test_rows_and_events_agree(state: str, status: str, last: str | None, make_unit: Make, as_of: int) -> None:
    """ABM's two sources would contradict each other."""
    unit = make_unit(Life(org=state))
    (row,), events = _told(unit, as_of)
    attributes = row["attributes"]
    assert isinstance(attributes, dict)
    assert (row["id"], attributes["serialNumber"], attributes["status"]) == ("F9F00ABC11", "F9F00ABC11", status)
    left = None if unit.left_at is None else rfc3339_whole(unit.left_at)
    assert attributes["releasedFromOrgDateTime"] == (left if state == "released" else None)
    assert events[0] == "DEVICE_ADDED_TO_ORG"
    assert last is None or events[-1] == last


def test_a_device_outside_the_organisation_is_nowhere(make_unit: Make, as_of: int) -> None:
    """ABM would know a device that never was in it."""
    assert list(org.pieces(make_unit(Life(org="absent")), as_of)) == []


def test_a_migration_names_both_servers(make_unit: Make, as_of: int) -> None:
    """Nothing would show from where the device moves."""
    (row,), events = _told(make_unit(Life(migration="STARTED")), as_of)
    attributes = row["attributes"]
    assert isinstance(attributes, dict)
    assert attributes["mdmMigrationStatus"] == "STARTED"
    assert events.count("DEVICE_ASSIGNED_TO_SERVER") == 2


def test_pages_are_json_with_links() -> None:
    """A page would be no JSON, or not say that another follows."""
    head, tail = org.wrap_devices(Page(0, is_last=False, count=1))
    page = json.loads(head + '{"type":"orgDevices"}' + tail)
    assert page["links"]["next"].endswith("&cursor=1")
    assert page["meta"]["paging"] == {"limit": 1000, "nextCursor": "1", "total": 1}
    head, tail = org.wrap_devices(Page(1, is_last=True, count=1))
    last = json.loads(head + tail)
    assert (last["links"]["next"], last["links"]["self"]) == (None, page["links"]["next"])
