"""Iru (Kandji): ADE devices, integrations, devices and their details, tables."""

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
from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import kandji

AT, FIRST = "2026-05-17T08:47:12Z", "2026-05-15T08:00:00Z"
SERVER = {"id": "s", "server_name": "Clinics"}


def page(records: Sequence[Record]) -> object:
    """A page of ADE devices."""
    return {"count": len(records), "next": None, "previous": None, "results": list(records)}


def ade(serial: str, status: object, enrolled: object, **more: object) -> Record:
    """A device of an ADE integration."""
    return {
        "id": f"row-{serial}", "serial_number": serial, "model": "iPad", "dep_account": SERVER, "blueprint_id": "b",
        "profile_status": status, "is_enrolled": enrolled, **more,
    }  # fmt: skip


def test_the_ade_list_says_both_sides() -> None:
    """If this fails, a device that fetched its profile and never checked in is not told from one that did."""
    records = [ade("F9F", "pushed", False), ade("F9G", "assigned", True), ade("F9H", "empty", False)]
    expected = []
    for serial, status, kind in (
        ("F9F", "pushed", "mdm_row"),
        ("F9G", "assigned", "enrolled"),
        ("F9H", "empty", "mdm_row"),
    ):
        attrs = {"serial": serial, "model": "iPad", "server": "Clinics"}
        dep = {**attrs, "phase": "list"}
        expected += [("dep_record", None, status, dep), ("assigned", None, "", dep), ("synced", None, "", dep)]
        expected += [("pushed", None, "", dep)] if status == "pushed" else []
        value = status if kind == "mdm_row" else ""
        expected.append((kind, None, value, {**attrs, "mdm": "kandji"}))
    check_shapes(kandji, records, page, expected)
    assert reaches(read(kandji, dumps(page(records)))[0]) == []


@pytest.mark.parametrize("status", [None, "", "None", "none", "  "])
def test_a_blank_status_is_none(status: object) -> None:
    """If this fails, a device without a status is named, or gets one that nobody gave it."""
    facts, skipped = read(kandji, dumps([ade("F9F", status, True), ade("F9G", status, None)]))
    assert [(fact.kind, fact.value) for fact in facts] == [
        *[(kind, "") for kind in ("dep_record", "assigned", "synced", "enrolled")],
        *[(kind, "") for kind in ("dep_record", "assigned", "synced")],
    ]
    assert not skipped


def test_times_and_the_device_behind_it() -> None:
    """If this fails, the times that newer versions give are lost."""
    more = {"device_assigned_date": FIRST, "profile_push_time": AT, "last_assignment_status": "FAILED"}
    device = {"id": "dev", "enrolled_at": AT, "is_removed": False}
    record = ade("F9F", "removed", None, **more, mdm_device=device)
    del record["is_enrolled"]
    facts, _ = read(kandji, dumps([record, ade("F9G", "empty", False)]))
    assert [(fact[0], fact[1]) for fact in said(facts)[:6]] == [
        ("dep_record", None),
        ("assigned", FIRST),
        ("synced", None),
        ("pushed", AT),
        ("assign_failed", None),
        ("enrolled", AT),
    ]
    assert facts[5].attrs["mdm_id"] == "dev"


def test_an_unknown_status_is_named() -> None:
    """If this fails, a word of the user interface is taken for Apple's."""
    facts, skipped = read(kandji, dumps([ade("F9F", "Pending", False)]))
    assert facts[0].value == ""
    assert "profile_status" in named(skipped)


def device(serial: str, **more: object) -> Record:
    """A device of `/api/v1/devices`."""
    return {
        "device_id": f"dev-{serial}", "device_name": "n", "serial_number": serial, "platform": "iPad",
        "blueprint_id": "b", "mdm_enabled": True, "is_removed": False, "is_missing": False, "os_version": "18.4",
        "first_enrollment": "2026-05-01 00:00:00+00:00", "last_enrollment": "2026-05-17 08:47:12.000000+00:00", **more,
    }  # fmt: skip


def test_devices() -> None:
    """If this fails, the inventory is not read, or a removed device counts as enrolled."""
    records = [device("F9F"), device("F9G", is_removed=1), device("F9H", mdm_enabled=0)]
    base = [{"serial": s, "mdm_id": f"dev-{s}", "os_version": "18.4", "mdm": "kandji"} for s in ("F9F", "F9G", "F9H")]
    check_shapes(kandji, records, list, [
        ("enrolled", AT, "", base[0]),
        ("mdm_row", AT, "removed", base[1]),
        ("mdm_row", AT, "MDM off", base[2]),
    ])  # fmt: skip
    assert reaches(read(kandji, dumps(records))[0]) == [("dep", None)]


def test_details_of_one_device() -> None:
    """If this fails, a Mac that was enrolled by hand, without FileVault, counts as enrolled by ADE and safe."""
    details = {
        "general": {"device_id": "dev", "last_enrollment": AT},
        "mdm": {"mdm_enabled": "True"},
        "hardware_overview": {"serial_number": "F9F", "udid": "U"},
        "automated_device_enrollment": {"auto_enrolled": "False"},
        "filevault": {"filevault_enabled": False},
    }
    assert kandji.score(head(dumps(details))) > 0.9
    facts, _ = read(kandji, dumps(details | {"automated_device_enrollment": {}}))
    assert facts[0].kind == "enrolled_by_hand"  # Iru's own reports read nothing there as: neither eligible nor by ADE.
    facts, _ = read(kandji, dumps(details))
    assert [(f.kind, f.value) for f in facts[:2]] == [("enrolled_by_hand", ""), ("posture", "FileVault off")]
    assert facts[0].attrs["udid"] == "U"
    assert set(reaches(facts)) == {("dep", None), ("mdm", None)}


def test_integrations() -> None:
    """If this fails, nobody is warned that the token has expired."""
    record = {"id": "s", "server_name": "Clinics", "access_token_expiry": AT, "last_device_sync": FIRST, "days_left": 3}
    assert kandji.score(head(dumps([record]))) > 0.9
    facts, _ = read(kandji, dumps([record]))
    attrs = {"server": "Clinics", "mdm": "kandji"}
    assert told(facts) == [("server_token", None, "", {**attrs, "expires_at": AT}), ("sync_ok", FIRST, "", attrs)]


def test_a_table() -> None:
    """If this fails, a report with a blueprint is read as another product's, or not at all."""
    data = b"Serial Number,Blueprint,Platform,Last Enrollment\nF9F,b,iPad,2026-05-17 08:47:12\nF9G,b,iPad,\n"
    facts, skipped = read(kandji, data)
    assert [(f.kind, f.attrs["serial"]) for f in facts if f.kind != "coverage"] == [
        ("enrolled", "F9F"),
        ("mdm_row", "F9G"),
    ]
    assert not skipped
    ade_table = b"serial_number,profile_status,is_enrolled\nF9F,pushed,False\nF9G,None,True\n"
    assert kandji.score(head(ade_table)) > 0.9
    facts, _ = read(kandji, ade_table)
    assert [fact.kind for fact in facts][3:5] == ["pushed", "mdm_row"]


def test_more_pages() -> None:
    """If this fails, the first page of 300 proves that the other devices are not there."""
    first = {**dict(page([ade("F9F", "pushed", True)])), "next": "https://x/?page=2"}  # type: ignore[call-overload]
    assert set(reaches(read(kandji, dumps(first))[0])) == {("dep", None), ("mdm", None)}
    assert reaches(read(kandji, dumps(first) + dumps(page([ade("F9G", "empty", False)])))[0]) == []


def test_laws() -> None:
    """If this fails, the order of the pages, or a wrong value in one record, changes what the others say."""
    records = [ade("F9F", "pushed", False), ade("F9G", "assigned", True), device("F9H")]
    check_order(kandji, records, page)
    check_wrong_types(kandji, ade("F9F", "pushed", True, mdm_device={"id": "d", "enrolled_at": AT}), page)
    check_wrong_types(kandji, device("F9F"), list)


def test_it_claims_its_own_alone() -> None:
    """If this fails, another product's export is read as Iru's, or the reverse."""
    check_exclusive(kandji)


@pytest.mark.parametrize("more", [{}, {"last_check_in": AT, "platform": "Mac"}, {"is_removed": False}])
def test_a_device_of_which_nothing_is_told_is_not_one_that_never_came(more: Record) -> None:
    """If this fails, a script's short list of healthy devices has them wiped, for it says not whether they enrolled."""
    bare: Record = {"device_id": "d", "serial_number": "F9F", "blueprint_id": "b", **more}
    facts, skipped = read(kandji, dumps([bare, {**bare, "serial_number": "F9G", "mdm_enabled": None}]))
    assert [(fact.kind, fact.attrs["serial"]) for fact in facts if fact.kind != "coverage"] == [
        ("enrolment_untold", "F9F"), ("mdm_row", "F9G"),
    ]  # fmt: skip
    assert "it has no mdm_enabled: export the list with that field: F9F" in named(skipped)
