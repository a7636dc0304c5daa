"""SimpleMDM: resources of its API, flat records, and webhooks."""

from collections.abc import Sequence

import pytest
from tests.formats.exports.products import (
    Record,
    check_exclusive,
    check_order,
    check_shapes,
    check_wrong_types,
    dumps,
    named,
    reaches,
    told,
)
from tests.formats.exports.reading import head, read

from abm_trace.formats.exports import simplemdm

AT, FIRST = "2026-05-17T08:47:12Z", "2026-05-15T08:00:00Z"


def page(records: Sequence[Record]) -> object:
    """A page of the API."""
    return {"data": list(records), "has_more": False}


def device(number: int, serial: str, status: str, **more: object) -> Record:
    """A device resource."""
    attributes = {"serial_number": serial, "unique_identifier": f"U-{serial}", "status": status, "name": "n", **more}
    group = {"device_group": {"data": {"type": "device_group", "id": 1}}}
    return {"type": "device", "id": number, "attributes": attributes, "relationships": group}


def test_devices_in_every_shape() -> None:
    """If this fails, a device that waits counts as enrolled, or a page is not read."""
    records = [
        device(1, "F9F", "enrolled", enrolled_at="2026-05-17T01:47:12.000-07:00", is_supervised=True),
        device(2, "F9G", "awaiting enrollment", enrolled_at=None),
        device(3, "F9H", "unenrolled", enrolled_at=AT),
        device(4, "F9J", "enrolled", enrolled_at=AT, is_dep_enrollment=False),
    ]
    serials = ["F9F", "F9G", "F9H", "F9J"]
    base = [{"serial": s, "udid": f"U-{s}", "mdm_id": f"simplemdm/{n}"} for n, s in enumerate(serials, 1)]
    rows = [{**each, "mdm": "simplemdm"} for each in base]
    check_shapes(simplemdm, records, page, [
        ("enrolled", AT, "", {**rows[0], "supervised": "yes"}),
        ("posture", None, "supervision on", {**base[0], "item": "supervision", "state": "on"}),
        ("mdm_row", None, "awaiting enrollment", rows[1]),
        ("mdm_row", None, "unenrolled", rows[2]),
        ("enrolled_by_hand", AT, "", rows[3]),
    ])  # fmt: skip
    assert reaches(read(simplemdm, dumps(page(records)))[0]) == [("dep", None)]


def test_postures() -> None:
    """If this fails, a Mac whose firewall is off is not shown as exposed."""
    more = {"filevault_enabled": True, "firewall": {"enabled": False}, "passcode_present": None}
    facts, _ = read(simplemdm, dumps(page([device(1, "F9F", "enrolled", **more)])))
    assert [fact.value for fact in facts if fact.kind == "posture"] == ["FileVault on", "firewall off"]


def test_an_ade_device_with_simplemdm_s_own_times() -> None:
    """If this fails, a list of SimpleMDM has no date at all, and a device of years ago is judged as of now."""
    attributes = {"serial_number": "F9F", "profile_status": "assigned", "discovered_at": FIRST, "last_assigned_at": AT}
    facts, _ = read(simplemdm, dumps(page([{"type": "dep_device", "id": 1, "attributes": attributes}])))
    assert {(kind, at) for kind, at, *_ in told(facts)} >= {("assigned", FIRST), ("synced", AT)}


def test_ade_devices_and_servers() -> None:
    """If this fails, what Apple knows of a device is lost."""
    attributes = {"serial_number": "F9F", "model": "iPad", "profile_status": "pushed", "device_assigned_date": FIRST}
    pushed = {"profile_push_time": AT, "profile_uuid": "P"}
    records = [{"type": "dep_device", "id": 1, "attributes": {**attributes, **pushed}}]
    server = {"server_name": "Clinics", "last_synced_at": FIRST, "token_expires_at": AT}
    attrs = {
        "serial": "F9F",
        "model": "iPad",
        "profile_uuid": "P",
        "phase": "list",
        "assigned_at": FIRST,
        "pushed_at": AT,
    }
    facts, skipped = read(simplemdm, dumps(page([*records, {"type": "dep_server", "id": 1, "attributes": server}])))
    who = {"server": "Clinics", "mdm": "simplemdm"}
    assert told(facts) == sorted([
        ("dep_record", None, "pushed", attrs),
        ("assigned", FIRST, "", attrs),
        ("synced", None, "", attrs),
        ("pushed", AT, "", attrs),
        ("sync_ok", FIRST, "", who),
        ("server_token", None, "", {**who, "expires_at": AT}),
    ], key=repr)  # fmt: skip
    assert not skipped
    assert reaches(facts) == [("mdm", None)]


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("device.enrolled", "enrolled"),
        ("device.unenrolled", "checked_out"),
        ("abm.device.added", "synced"),
        ("device.lock.enabled", ""),
    ],
)
def test_webhooks(event: str, kind: str) -> None:
    """If this fails, an event is lost."""
    hook = {
        "type": event,
        "at": "2026-05-17T01:47:12.000-07:00",
        "data": {"device": {"serial_number": "F9F", "udid": "U"}},
    }
    data = dumps(hook) + b"\n" + dumps(hook) + b"\n"
    assert simplemdm.score(head(data)) > 0.9
    facts, skipped = read(simplemdm, data)
    attrs = {"serial": "F9F", "udid": "U", "event": event} | ({} if kind == "synced" else {"mdm": "simplemdm"})
    assert told(facts) == ([(kind, AT, "", attrs)] * 2 if kind else [])
    assert ("dep", None) in reaches(facts)
    assert not skipped


def test_a_webhook_of_an_empty_list_is_named() -> None:
    """If this fails, an event that lost its device passes for an empty page."""
    hook = {"type": "device.enrolled", "at": AT, "data": {"device": {"serial_number": "F9F", "udid": "U"}}}
    empty = {**hook, "data": []}
    for data in (dumps(hook) + b"\n" + dumps(empty) + b"\n", dumps([hook, empty])):
        facts, skipped = read(simplemdm, data)
        assert [fact.kind for fact in facts if fact.kind != "coverage"] == ["enrolled"]
        assert [thing.reason for thing in skipped] == ["a record is not used, all that it holds is an empty list"]


def test_one_resource_and_flat_records() -> None:
    """If this fails, the answer about one device, or a table of attributes, is not read."""
    for data in (
        dumps({"data": device(1, "F9F", "enrolled", enrolled_at=AT)}),
        b"serial_number,unique_identifier,status,enrolled_at,dep_enrolled\nF9F,U,enrolled,2026-05-17 08:47:12,true\n",
    ):
        assert simplemdm.score(head(data)) > 0.9
        facts, skipped = read(simplemdm, data)
        assert [fact[:3] for fact in told(facts)] == [("enrolled", AT, "")]
        assert not skipped


def test_more_pages() -> None:
    """If this fails, the first page proves that the other devices are not there."""
    first = {"data": [device(1, "F9F", "enrolled")], "has_more": True}
    facts, skipped = read(simplemdm, dumps(first))
    assert set(reaches(facts)) == {("dep", None), ("mdm", None)}
    assert "more pages follow" in named(skipped)
    facts, skipped = read(simplemdm, dumps(first) + b"\n" + dumps(page([device(2, "F9G", "enrolled")])) + b"\n")
    assert reaches(facts) == [("dep", None)]
    assert not skipped


def test_other_resources_are_named() -> None:
    """If this fails, a list of apps is read as devices."""
    data = dumps(page([{"type": "app", "id": 1, "attributes": {"name": "x"}}]))
    facts, skipped = read(simplemdm, data)
    assert not told(facts)
    assert "no kind that is known: app" in named(skipped)


def test_laws() -> None:
    """If this fails, the order of the pages, or a wrong value in one record, changes what the others say."""
    records = [device(1, "F9F", "enrolled", enrolled_at=AT), device(2, "F9G", "unenrolled")]
    check_order(simplemdm, records, page)
    check_wrong_types(simplemdm, device(1, "F9F", "enrolled", enrolled_at=AT, firewall={"enabled": True}), page)


def test_it_claims_its_own_alone() -> None:
    """If this fails, another product's export, or the guide's own table, is read as SimpleMDM's."""
    check_exclusive(simplemdm)


def test_a_cut_page_proves_no_absence() -> None:
    """If this fails, a file that breaks off proves that the devices behind the break are not there."""
    data = dumps(page([device(1, "F9F", "enrolled"), device(2, "F9G", "enrolled")]))
    facts, skipped = read(simplemdm, data[:-40])
    assert [fact.attrs["serial"] for fact in facts if fact.kind == "enrolled"][:1] == ["F9F"]
    assert set(reaches(facts)) == {("dep", None), ("mdm", None)}
    assert "cut off" in named(skipped)


def test_a_device_of_which_nothing_is_told_is_not_one_that_never_came() -> None:
    """If this fails, a healthy device in a list without its status is wiped."""
    bare: Record = {"type": "device", "id": 1, "attributes": {"serial_number": "F9F"}}
    facts, skipped = read(simplemdm, dumps(page([bare, device(2, "F9G", "")])))
    assert [(fact.kind, fact.attrs["serial"]) for fact in facts if fact.kind not in {"coverage", "posture"}] == [
        ("enrolment_untold", "F9F"), ("mdm_row", "F9G"),
    ]  # fmt: skip
    assert "it has no status" in named(skipped)


def test_a_status_that_is_given_twice_says_nothing() -> None:
    """Two words for "not enrolled" would leave the time alone, and that would be a confirmation."""
    text = dumps(page([device(1, "F9F", "enrolled", enrolled_at=AT)])).replace(
        b'"status": "enrolled"', b'"status": "unenrolled", "status": "awaiting enrollment"'
    )
    facts, skipped = read(simplemdm, text)
    assert {fact.kind for fact in facts} & {"enrolled", "mdm_row"} == set()
    assert any("repeated" in thing.reason for thing in skipped)


def test_an_empty_list_is_named() -> None:
    """If this fails, an empty list counts as one of devices, or nobody is told why the MDM was not read."""
    facts, skipped = read(simplemdm, dumps(page([])))
    assert set(reaches(facts)) == {("dep", None), ("mdm", None)}
    assert "an empty list is not known to be one of devices" in named(skipped)
