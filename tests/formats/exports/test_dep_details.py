"""Details of devices that the MDM asked the DEP service for."""

import json

from tests.formats.exports.apple import assert_hostile, assert_split, bare, claims
from tests.formats.exports.reading import head, read, reasons, said
from tests.samples import sample

from abm_trace.formats.exports import dep_details

RECORD = {
    "serial_number": "F9FXQ1ABCD",
    "model": "iPad",
    "profile_status": "pushed",
    "profile_push_time": "2026-05-17T08:00:00Z",
    "device_assigned_date": "2026-05-15T09:00:00Z",
    "response_status": "SUCCESS",
}


def answer(*serials: str) -> dict[str, object]:
    """An answer about these devices."""
    return {"devices": {serial: RECORD | {"serial_number": serial} for serial in serials}}


def test_a_hit() -> None:
    """If this fails, what DEP said of a device that was asked for is lost."""
    data = json.dumps(answer("F9FXQ1ABCD")).encode()
    assert claims(data) == "dep-details"
    facts, skipped = read(dep_details, data)
    assert [(kind, at, value) for kind, at, value, _ in said(facts)] == [
        ("dep_record", None, "pushed"),
        ("assigned", "2026-05-15T09:00:00Z", ""),
        ("synced", None, ""),
        ("pushed", "2026-05-17T08:00:00Z", ""),
    ]
    assert facts[0].attrs["phase"] == "fetch"
    assert not skipped


def test_it_proves_no_silence() -> None:
    """If this fails, a device that nobody asked for passes for one that DEP does not know."""
    assert dep_details.FORMAT.covers == ()


def test_a_device_that_apple_refused_is_named() -> None:
    """If this fails, a device that the server may not see is said to be assigned to it."""
    data = json.dumps({"devices": {"A1": {"response_status": "NOT_ACCESSIBLE"}, "B2": RECORD, "C3": 4}}).encode()
    facts, skipped = read(dep_details, data)
    assert {fact.attrs["serial"] for fact in facts} == {"F9FXQ1ABCD"}
    assert reasons(skipped) == [
        (1, "Apple gave no details of a device: A1 NOT_ACCESSIBLE"),
        (1, "a record is not used, it is no object: C3"),
    ]


def test_splitting_and_hostile() -> None:
    """If this fails, a verdict depends on how answers were saved, or a wrong value breaks the reader."""
    assert_split(dep_details, [answer("A1", "B2"), answer("C3"), answer("D4", "E5", "F6")])
    assert_hostile(dep_details, answer("F9FXQ1ABCD"))
    one = bare(read(dep_details, json.dumps(answer("A1")).encode())[0])
    record = {name: value for name, value in RECORD.items() if name != "serial_number"}
    assert bare(read(dep_details, json.dumps({"devices": {"A1": record}}).encode())[0]) == one


def test_an_empty_answer_and_a_miss() -> None:
    """If this fails, an answer about no device is taken for ABM's list, or a list for an answer."""
    assert claims(b'{"devices":{}}') == "dep-details"
    assert read(dep_details, b'{"devices":{}}') == ([], [])
    for data in (b'{"devices":[]}', b'{"devices":{"A1":"SUCCESS"}}', b'{"device":{}}', b""):
        assert dep_details.score(head(data)) == 0


def test_sample() -> None:
    """If this fails, what Apple really sent is not read."""
    data = sample("dep/device_details_response.json")
    assert claims(data) == "dep-details"
    facts, skipped = read(dep_details, data)
    assert [fact.value for fact in facts if fact.kind == "dep_record"] == ["assigned"]
    assert not skipped
