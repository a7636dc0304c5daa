"""The enrolment service's side, in the shapes of its documented answers."""

import json
from collections.abc import Callable

from abm_lab.apple import dep
from abm_lab.apple.life import Life
from abm_lab.apple.pieces import Page
from abm_lab.apple.unit import Unit
from abm_lab.moments import SECOND, rfc3339_whole

Make = Callable[..., Unit]


def _records(unit: Unit, until: int) -> list[dict[str, object]]:
    return [json.loads(piece.content) for piece in dep.pieces(unit, until)]


def test_a_fetch_tells_the_last_state(make_unit: Make, as_of: int, boot_at: int) -> None:
    """A fetch would tell of a push before it was, or carry keys that only a sync has."""
    unit = make_unit(Life(pushed_s=60), dep="fetch")
    (record,) = _records(unit, as_of)
    assert (record["profile_status"], record["profile_push_time"]) == ("pushed", rfc3339_whole(boot_at + 60 * SECOND))
    assert "op_type" not in record
    (before,) = _records(unit, boot_at)
    assert (before["profile_status"], before.get("profile_push_time")) == ("assigned", None)


def test_a_sync_tells_every_change(make_unit: Make, as_of: int) -> None:
    """A change would be missing, or the later one would not win."""
    records = _records(make_unit(Life(profile="removed", pushed_s=60), dep="sync"), as_of)
    assert [(each["op_type"], each["profile_status"]) for each in records] == [
        ("added", "assigned"),
        ("modified", "pushed"),
        ("modified", "removed"),
    ]
    dates = [str(each["op_date"]) for each in records]
    assert dates == sorted(dates)
    gone = _records(make_unit(Life(org="unassigned", profile="deleted"), dep="sync"), as_of)
    assert [each["op_type"] for each in gone] == ["added", "deleted"]


def test_webhooks_name_their_server(make_unit: Make, as_of: int) -> None:
    """The events of two syncers would mix."""
    (event,) = _records(make_unit(Life(profile="empty")), as_of)
    inner = event["device_response_event"]
    assert isinstance(inner, dict)
    assert inner["dep_name"] == "mdm-main"
    (record,) = inner["device_response"]["devices"]
    assert record["profile_status"] == "empty"
    assert "profile_uuid" not in record


def test_what_was_never_synced_is_not_told(make_unit: Make, as_of: int) -> None:
    """A server in trouble would still know its devices."""
    assert _records(make_unit(Life(profile="unsynced")), as_of) == []
    assert _records(make_unit(Life(pushed_s=60), "intune", "none"), as_of) == []
    (answer,) = _records(make_unit(Life(profile="throttled")), as_of)
    assert answer["devices"] == {"F9F00ABC11": "THROTTLED"}


def test_a_page_says_how_far_it_reaches(make_unit: Make, as_of: int) -> None:
    """Nobody could know whether a missing push was never there or not yet read."""
    (piece,) = dep.pieces(make_unit(Life(), dep="fetch"), as_of)
    assert piece.wrap is not None
    head, tail = piece.wrap(Page(0, is_last=True, count=1))
    page = json.loads(head + piece.content.decode() + tail)
    assert (page["fetched_until"], page["more_to_follow"]) == (rfc3339_whole(as_of), False)
