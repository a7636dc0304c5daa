"""Mosyle: the devices that `listdevices` answers with (`response[].devices`), and the same as CSV.

Shapes: the Mosyle API (businessapi.mosyle.com/v1, managerapi.mosyle.com/v2). Times are seconds since 1970, as text.
"""

from collections.abc import Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    Entry,
    epoch,
    flag,
    hint,
    inventory,
    keys,
    of_a_device,
    of_apple,
    postures,
)

FORMAT = Format(
    id="mosyle",
    title="Mosyle listdevices (JSON, NDJSON, CSV)",
    reference="https://mybusiness.mosyle.com",
    covers=("mdm",),
)

_OWN = frozenset({"deviceudid", "date_enroll", "date_last_beat", "enrollment_type"})
_ATTRS = {
    "serial": ("serial_number",),
    "udid": ("deviceudid",),
    "model": ("device_model_name", "device_model", "model"),
    "os_version": ("osversion",),
    "imei": ("imei",),
    "wifi_mac": ("wifi_mac_address",),
    "ethernet_mac": ("ethernet_mac_address",),
}
_BY_HAND = frozenset({"manual", "byod", "ota", "user enrollment", "userenrollment", "manual enrollment"})
_POSTURES = {
    "supervision": ("is_supervised",),
    "FileVault": ("filevault_enabled", "is_filevault_enabled"),
    "passcode": ("passcode_present", "PasscodePresent"),
}


def score(head: Head) -> float:
    """Sure of devices with names that only Mosyle has, and of its answers; likely of an empty one."""
    names = keys(head)
    found = 0.0
    if "deviceudid" in names or ("serial_number" in names and len(names & _OWN) > 1) or _is_dated(names):
        found = 0.97
    elif {"status", "response"} <= names and "url" not in names and b'"devices"' in head.data:
        found = 0.95 if any(b'"%b"' % name.encode() in head.data for name in _OWN) else 0.6
    return min(found + hint(head, "mosyle"), 1.0) if found else 0.0


def _is_dated(names: frozenset[str]) -> bool:
    """Whether records have Mosyle's own date of enrolment."""
    return {"serial_number", "date_enroll"} <= names


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One fact a device: enrolled where it has a date of enrolment, else a row."""
    return inventory(content, FORMAT, _say, columns=("serial_number", "deviceudid"))


def _say(entry: Entry) -> Iterator[Fact]:
    if not of_apple(entry, "os"):
        return
    attrs = entry.attrs(_ATTRS)
    if not of_a_device(attrs, entry):
        return
    attrs["mdm"] = "mosyle"
    method = entry.word("enrollment_type")
    if method:
        attrs["method"] = method
    supervised = flag(entry, "is_supervised")
    if supervised is not None:
        attrs["supervised"] = "yes" if supervised else "no"
    if entry.word("date_enroll") in {"", "0"}:
        yield Fact("mdm_row", None, "mdm", entry.word("status"), attrs, entry.origin)
    else:
        kind = "enrolled_by_hand" if method.lower() in _BY_HAND else "enrolled"
        yield Fact(kind, epoch(entry, "date_enroll"), "mdm", "", attrs, entry.origin)
    yield from postures(entry, attrs, _POSTURES)
