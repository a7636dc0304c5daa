"""Zentral: DEP devices and MDM devices."""

from collections.abc import Sequence

import pytest
from tests.formats.exports.products import (
    Record,
    check_exclusive,
    check_order,
    check_shapes,
    check_wrong_types,
    dumps,
    reaches,
    told,
)
from tests.formats.exports.reading import read

from abm_trace.formats.exports import zentral

AT, FIRST = "2026-05-17T08:47:12Z", "2026-05-15T08:00:00Z"


def page(records: Sequence[Record]) -> object:
    """A page of the API."""
    return {"count": len(records), "next": None, "previous": None, "results": list(records)}


def dep(serial: str, **more: object) -> Record:
    """A DEP device."""
    return {
        "id": 1, "virtual_server": 3, "serial_number": serial, "last_op_type": "added", "last_op_date": FIRST,
        "profile_status": "empty", "profile_uuid": None, "disowned_at": None, "updated_at": AT, **more,
    }  # fmt: skip


def device(serial: str, **more: object) -> Record:
    """An enrolled device."""
    return {
        "id": 2, "udid": f"U-{serial}", "serial_number": serial, "blueprint": 1, "awaiting_configuration": None,
        "dep_enrollment": True, "user_enrollment": None, "created_at": AT, **more,
    }  # fmt: skip


def test_dep_devices_in_every_shape() -> None:
    """If this fails, what Zentral's list knows of Apple's side is lost."""
    attrs = [{"serial": s, "server_id": "zentral/3", "phase": "list", "op_type": "added"} for s in ("F9F", "F9G")]
    pushed = {**attrs[1], "pushed_at": AT, "profile_uuid": "P"}
    gone = {"serial": "F9H", "server_id": "zentral/3", "phase": "list", "op_type": "deleted"}
    records = [
        dep("F9F"),
        dep("F9G", profile_status="pushed", profile_push_time=AT, profile_uuid="P"),
        dep("F9H", disowned_at=AT),
    ]
    check_shapes(zentral, records, page, [
        ("dep_record", FIRST, "empty", attrs[0]), ("assigned", None, "", attrs[0]), ("synced", FIRST, "", attrs[0]),
        ("dep_record", FIRST, "pushed", pushed), ("assigned", None, "", pushed), ("synced", FIRST, "", pushed),
        ("pushed", AT, "", pushed),
        ("dep_record", AT, "deleted", gone),
    ])  # fmt: skip
    assert reaches(read(zentral, dumps(page(records)))[0]) == [("mdm", None)]


@pytest.mark.parametrize(
    ("server", "attrs"),
    [
        (3, {"server_id": "zentral/3"}),
        ({"pk": 3, "name": "Clinics"}, {"server_id": "zentral/3", "server": "Clinics"}),
        ({}, {}),
    ],
)
def test_the_server_of_an_event_is_an_object(server: object, attrs: dict[str, str]) -> None:
    """If this fails, the devices of an event belong to no server, and what holds of all of its devices not of them."""
    facts, skipped = read(zentral, dumps([dep("F9F", virtual_server=server)]))
    found = next(fact.attrs for fact in facts if fact.kind == "dep_record")
    assert {name: value for name, value in found.items() if name.startswith("server")} == attrs
    assert not skipped


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ({}, ["enrolled"]),
        ({"dep_enrollment": None}, ["enrolled"]),
        ({"awaiting_configuration": False}, ["enrolled", "configured"]),
        ({"awaiting_configuration": True}, ["enrolled"]),
        ({"dep_enrollment": False}, ["enrolled_by_hand"]),
        ({"user_enrollment": True, "dep_enrollment": None}, ["enrolled_by_hand"]),
        ({"checkout_at": AT}, ["checked_out", "mdm_row"]),
        ({"filevault_enabled": False}, ["enrolled", "posture"]),
    ],
)
def test_devices(more: Record, kinds: list[str]) -> None:
    """If this fails, a device that left counts as enrolled, or one enrolled by hand as enrolled by ADE."""
    facts, skipped = read(zentral, dumps(page([device("F9F", **more)])))
    assert sorted(fact[0] for fact in told(facts)) == sorted(kinds)
    assert {fact.attrs["mdm_id"] for fact in facts if fact.kind != "coverage"} == {"zentral/2"}
    assert reaches(facts) == [("dep", None)]
    assert not skipped


def test_laws() -> None:
    """If this fails, the order of the pages, or a wrong value in one record, changes what the others say."""
    check_order(zentral, [dep("F9F"), dep("F9G", profile_status="pushed"), device("F9H")], page)
    check_wrong_types(zentral, dep("F9F", profile_push_time=AT), page)
    check_wrong_types(zentral, device("F9F", filevault_enabled=True), page)


def test_it_claims_its_own_alone() -> None:
    """If this fails, another product's export is read as Zentral's, or the reverse."""
    check_exclusive(zentral)
