"""Devices of Apple's own device management."""

import json

import pytest
from tests.formats.exports.apple import assert_hostile, claims
from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import mdm_devices

ROW = {"type": "mdmDevices", "id": "F9FXQ1ABCD", "attributes": {"serialNumber": "F9FXQ1ABCD", "productFamily": "Mac"}}
DETAILS = {
    "type": "mdmDeviceDetails", "id": "F9FXQ1ABCE", "attributes": {
        "serialNumber": "F9FXQ1ABCE", "deviceModel": "MacBook Pro", "osVersion": "15.4.1", "imei": ["356938035643809"],
        "meid": None, "ethernetMacAddress": [], "isFileVaultEnabled": True, "isFirewallEnabled": False,
        "lastCheckInDateTime": "2026-06-01T12:00:00Z",
    },
}  # fmt: skip
LINK = "https://api-business.apple.com/v1/mdmDevices"


def page(*rows: object) -> bytes:
    """A page as Apple writes it."""
    return json.dumps({"data": rows, "links": {"self": LINK}, "meta": {"paging": {"limit": 100}}}).encode()


def test_rows_and_details() -> None:
    """If this fails, who manages devices with Apple's own service has no MDM."""
    for data in (page(ROW, DETAILS), page(ROW) + b"\n" + json.dumps({"data": DETAILS}).encode()):
        assert claims(data) == "mdm-devices"
        facts, skipped = read(mdm_devices, data)
        attrs = {
            "serial": "F9FXQ1ABCE",
            "model": "MacBook Pro",
            "os_version": "15.4.1",
            "imei": "356938035643809",
            "mdm": "apple",
        }
        value = "in Apple's own device management"
        assert said(facts)[:2] == [
            ("enrolled", None, value, {"serial": "F9FXQ1ABCD", "mdm": "apple"}), ("enrolled", None, value, attrs),
        ]  # fmt: skip
        assert [fact.value for fact in facts[2:]] == ["FileVault on", "firewall off"]
        assert {fact.source for fact in facts} == {"mdm"}
        assert not skipped
    assert claims(page()) == "mdm-devices"


@pytest.mark.parametrize("value", [None, 1, True, "", "x" * 100_000, [], {}, [1], [{}], ["x"]])
@pytest.mark.parametrize("name", [*DETAILS["attributes"], "type", "id", "attributes"])
def test_wrong_types(name: str, value: object) -> None:
    """If this fails, a value of an unexpected type breaks the reader or is lost without a word."""
    attributes = DETAILS["attributes"]
    assert isinstance(attributes, dict)
    row = {**DETAILS, name: value} if name in DETAILS else {**DETAILS, "attributes": {**attributes, name: value}}
    facts, skipped = read(mdm_devices, page(row))
    assert facts or skipped


def test_hostile_and_misses() -> None:
    """If this fails, damage breaks the reader, or the organisation's own list is taken for this one."""
    assert_hostile(mdm_devices, json.loads(page(ROW, DETAILS)))
    for data in (b"", b'{"data":[{"type":"orgDevices","id":"F"}]}', b'{"note":"mdmDevices"}'):
        assert mdm_devices.score(head(data)) == 0
