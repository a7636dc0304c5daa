"""Apple's own audit events."""

import json

import pytest
from tests.formats.exports.apple import assert_hostile, assert_split, claims
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats.exports import apple_audit

LINK = "https://api-business.apple.com/v1/auditEvents?filter[startTimestamp]=2026-05-01T00:00:00Z"


def event(kind: str, key: str = "", data: dict[str, object] | None = None, **others: object) -> dict[str, object]:
    """An event as Apple writes it."""
    said_: dict[str, object] = {
        "eventDateTime": "2026-05-17T08:00:00Z",
        "type": kind,
        "category": "DEVICE_INVENTORY",
        "actorName": "A Person",
        "subjectType": "DEVICE",
        "subjectId": "device-xyz789",
        "subjectName": "MacBook Pro",
        "outcome": "SUCCESS",
        "eventDataPropertyKey": key,
        key: data or {},
    }
    return {"type": "auditEvents", "id": "event-1", "attributes": said_ | others}


ADDED = event("DEVICE_ADDED_TO_ORG", "eventDataDeviceAddedToOrg", {"serialNumber": "F9FXQ1ABCD"})
ASSIGNED = event(
    "DEVICE_ASSIGNED_TO_SERVER",
    "eventDataDeviceAssignedToServer",
    {"serialNumber": "F9FXQ1ABCD", "targetServerName": "Corp MDM"},
)
UNASSIGNED = event(
    "DEVICE_UNASSIGNED_FROM_SERVER", "eventDataDeviceUnassignedFromServer", {"serialNumber": "F9FXQ1ABCD"}
)
REMOVED = event("DEVICE_REMOVED_FROM_ORG", "eventDataDeviceRemovedFromOrg", {"serialNumber": "F9FXQ1ABCD"})


def page(*rows: object) -> dict[str, object]:
    """A page as Apple writes it."""
    return {"data": list(rows), "links": {"self": LINK}, "meta": {"paging": {"limit": 100}}}


@pytest.mark.parametrize(
    ("one", "kind", "attrs"),
    [
        (ADDED, "known", {}),
        (ASSIGNED, "assigned", {"server": "Corp MDM"}),
        (UNASSIGNED, "unassigned", {}),
        (REMOVED, "released", {}),
    ],
)
def test_what_an_event_proves(one: dict[str, object], kind: str, attrs: dict[str, str]) -> None:
    """If this fails, what Apple recorded of a device is lost."""
    data = json.dumps(page(one)).encode()
    assert claims(data) == "apple-audit"
    facts, skipped = read(apple_audit, data)
    event_type = one["attributes"]["type"]  # type: ignore[index]
    assert said(facts) == [(kind, "2026-05-17T08:00:00Z", event_type, {"serial": "F9FXQ1ABCD"} | attrs)]
    assert {fact.source for fact in facts} == {"audit"}
    assert not skipped


def test_a_failed_event_proves_nothing() -> None:
    """If this fails, an assignment that Apple refused counts as one."""
    one = event("DEVICE_ASSIGNED_TO_SERVER", "k", {"serialNumber": "F9FXQ1ABCD"}, outcome="FAILURE")
    facts, _ = read(apple_audit, json.dumps(page(one)).encode())
    assert [(fact.kind, fact.attrs["outcome"]) for fact in facts] == [("audit_event", "FAILURE")]


@pytest.mark.parametrize(
    ("others", "serial"),
    [
        ({"subjectId": "F9FXQ1ABCD"}, "F9FXQ1ABCD"),
        ({"subjectName": "F9FXQ1ABCD"}, "F9FXQ1ABCD"),
        ({"subjectId": "F9FXQ1ABCD", "subjectType": "USER"}, None),
        ({"subjectName": "CONFERENCE"}, None),
        ({}, None),
    ],
)
def test_a_subject_counts_where_it_is_like_a_serial_number(others: dict[str, str], serial: str | None) -> None:
    """If this fails, an erased device belongs to nobody, or a name makes a device that nobody has."""
    erased = event("DEVICE_IS_ERASED", "eventDataDeviceIsErased", None, **others)
    facts, skipped = read(apple_audit, json.dumps(page(erased)).encode())
    assert [(fact.kind, fact.value, fact.attrs.get("serial")) for fact in facts] == [
        ("audit_event", "DEVICE_IS_ERASED", serial)
    ]
    assert not skipped


def test_an_event_without_a_device_is_named() -> None:
    """If this fails, an event that should be a device's is silently nobody's."""
    facts, skipped = read(
        apple_audit, json.dumps(page(event("DEVICE_ADDED_TO_ORG", "k"), {"type": "auditEvents"})).encode()
    )
    assert [fact.kind for fact in facts] == ["audit_event"]
    assert [reason for _, reason in reasons(skipped)] == [
        "an event names no device: DEVICE_ADDED_TO_ORG",
        "a record is not used, it has no type of event",
    ]


def test_it_covers_nothing() -> None:
    """If this fails, a device of which Apple's audit log is silent passes for one that did not enrol."""
    assert apple_audit.FORMAT.covers == ()


def test_splitting_and_hostile() -> None:
    """If this fails, a verdict depends on how somebody saved the pages, or a wrong value breaks the reader."""
    assert_split(apple_audit, [page(ADDED, ASSIGNED), page(), page(UNASSIGNED), page(REMOVED, event("X", "k"))])
    assert_hostile(apple_audit, page(ASSIGNED))


def test_an_empty_page_and_a_miss() -> None:
    """If this fails, a quiet time is not recognised, or the guide's events are taken for Apple's."""
    assert claims(json.dumps(page()).encode()) == "apple-audit"
    assert claims(json.dumps(page(ADDED), sort_keys=True).encode()) == "apple-audit"
    for data in (b'{"data":[]}', b'{"events":[{"event_type":"device_registered"}]}', b"type\nauditEvents\n"):
        assert apple_audit.score(head(data)) == 0
