"""The devices of Apple's own, built-in device management (`/v1/mdmDevices` and their details): each is enrolled in it.

From: developer.apple.com/documentation/applebusinessapi. Devices of any other MDM server are not in it, and it says
neither when nor how a device enrolled.
"""

from collections.abc import Iterator
from typing import Final

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, hint, of_a_device, paged, postures, resource, types

FORMAT = Format(
    id="mdm-devices",
    title="Apple Business API: mdmDevices and their details (JSON, NDJSON)",
    reference="docs/facts.md#mdm-devices",
)

_ATTRS: Final = {
    "serial": ("serialNumber",),
    "model": ("deviceModel",),
    "os_version": ("osVersion",),
    "wifi_mac": ("wifiMacAddress",),
    "bluetooth_mac": ("bluetoothMacAddress",),
}
_LISTS: Final = {"imei": "imei", "meid": "meid", "ethernet_mac": "ethernetMacAddress"}
_TYPES: Final = frozenset({"mdmDevices", "mdmDeviceDetails"})
_POSTURES: Final = {"FileVault": ("isFileVaultEnabled",), "firewall": ("isFirewallEnabled",)}


def score(head: Head) -> float:
    """Sure of rows of these types, and of an empty page whose own link says so."""
    found = types(head)
    own = any(kind.rstrip("+") in _TYPES for kind in found) or "/mdmDevices" in found
    return 0.93 + hint(head, "device") if own else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """`enrolled` for each row, and how the device is protected where the details say it."""
    return paged(content, FORMAT, _say)


def _say(entry: Entry) -> Iterator[Fact]:
    row, _ = resource(entry)
    if row.text("type") not in _TYPES:
        entry.skip("a record is no mdmDevices row and is not used", row.text("type"))
        return
    said = row.inside("attributes")
    attrs = said.attrs(_ATTRS)
    if "serial" not in attrs and not said.fields.get("serialNumber"):
        attrs |= row.attrs({"serial": ("id",)})
    for name, field in _LISTS.items():
        value = said.fields.get(field)
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, str) and first.strip():
            attrs[name] = first.strip()
    if of_a_device(attrs, entry):
        attrs["mdm"] = "apple"
        yield Fact("enrolled", None, "mdm", "in Apple's own device management", attrs, entry.origin)
        yield from postures(said, attrs, _POSTURES)
