"""The device list of ABM."""

import json

from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import abm_devices

ROW = {
    "device_id": "dev_1",
    "serial_number": "F9FXQ1ABCD",
    "status": "registered",
    "status_since": "2026-05-17T08:47:12Z",
    "region": "us-east",
    "token_id": "tok_1",
}
ATTRS = {"serial": "F9FXQ1ABCD", "device_id": "dev_1", "region": "us-east", "token_id": "tok_1"}


def test_a_hit() -> None:
    """If this fails, what ABM's own list shows is not known."""
    rows = [ROW, {**ROW, "status": "pending"}, {**ROW, "status": "retired"}]
    data = json.dumps({"devices": rows, "captured_at": "2026-05-18T00:00:00Z"}).encode()
    facts, skipped = read(abm_devices, data)
    assert abm_devices.score(head(data)) > 0.8
    assert said(facts) == [
        ("registered", "2026-05-17T08:47:12Z", "", ATTRS),
        ("pending", "2026-05-17T08:47:12Z", "", ATTRS),
        ("known", "2026-05-17T08:47:12Z", "retired", ATTRS),
        ("coverage", "2026-05-18T00:00:00Z", "abm", {}),
    ]
    assert [thing.reason for thing in skipped] == ["a status is none of those that are known: retired"]


def test_an_empty_list_still_says_when_it_was_made() -> None:
    """If this fails, a list without devices is as good as no list."""
    data = b'{"exported_at":"2026-05-18T00:00:00Z","devices":[]}'
    assert abm_devices.score(head(data)) > 0.3
    assert said(read(abm_devices, data)[0]) == [("coverage", "2026-05-18T00:00:00Z", "abm", {})]


def test_a_miss() -> None:
    """If this fails, a lifecycle or an event is taken for a row of the list."""
    for data in (b'{"device_id":"dev_1","registrationStatus":{},"status":1}', b'{"event_type":"x"}', b"serial\nA\n"):
        assert abm_devices.score(head(data)) == 0


def test_other_lists_of_devices_are_none_of_abm() -> None:
    """If this fails, a package.json or a list of lamps says that ABM does not know a device."""
    for data in (
        b'{"name":"x","version":"1.0.0","devices":[],"scripts":{}}',
        b'{"devices":[{"device_id":"d1","status":"online","serial":"SN12345678"}]}',
        b'[{"device_id":7,"status":"offline"}]',
    ):
        assert abm_devices.score(head(data)) == 0
    for data in (
        b'{"devices":[],"next":null}',
        b'{"devices":[{"device_id":"x","status":"Pending"}]}',
        b'[{"device_id":"dev_9","status":"retired"}]',
        b"device_id,status\nx,online\n",
    ):
        assert abm_devices.score(head(data)) >= 0.4


def test_wrong_types_are_named() -> None:
    """If this fails, a row of the wrong types breaks the list or vanishes silently."""
    data = b'{"devices": [null, 1, [], {"serial_number": []}, ' + json.dumps(ROW).encode() + b"]}"
    facts, skipped = read(abm_devices, data)
    assert len(facts) == 1
    assert len(skipped) == 5
