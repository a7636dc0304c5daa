"""Mosyle: the devices that `listdevices` answers with (`response[].devices`), and the same as CSV.

Shapes: the Mosyle API (businessapi.mosyle.com/v1, managerapi.mosyle.com/v2). Times are seconds or
milliseconds since 1970, as text, or (some tenants) dates.
"""

import re
from collections.abc import Iterator

from abm_trace.core.instants import render
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    Entry,
    epoch,
    flag,
    hint,
    inventory,
    json_object,
    keys,
    moment,
    of_a_device,
    of_apple,
    postures,
    untold,
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
# {"status":"OK","response":[{"devices":[{"serial_number":
_ANSWER = re.compile(rb'\s*\{\s*"status"\s*:\s*"[A-Z]{1,20}"\s*,\s*"response"\s*:\s*[\[{]')
"""How an answer begins: of one on one line that breaks off no record is told apart before it is read."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?!\S)|[0-9]{4}-[0-9]{2}-[0-9]{2}T")
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
    if "enrolltype" in names:  # Jamf School's table, which has a DeviceUDID too.
        return 0.0
    if "deviceudid" in names or ("serial_number" in names and len(names & _OWN) > 1) or _is_dated(names):
        found = 0.97
    elif (({"status", "response"} <= names and "url" not in names) or (not names and _ANSWER.match(head.data))) and (
        b'"devices"' in head.data
    ):
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
    if entry.word("date_last_beat") not in {"", "0"} and (heard_at := _when(entry, "date_last_beat")) is not None:
        attrs["contact_at"] = render(heard_at)
    enrolled_at, left_at = (
        None if entry.word(name) in {"", "0"} else _when(entry, name) for name in ("date_enroll", "date_checkout")
    )
    left = left_at is not None and (enrolled_at is None or left_at >= enrolled_at)
    if "date_enroll" not in entry.fields:
        yield from untold(entry, attrs, "date_enroll")
    elif entry.word("date_enroll") in {"", "0"}:
        yield Fact("mdm_row", None, "mdm", entry.word("status"), attrs, entry.origin)
    elif left or flag(entry, "is_deleted"):
        yield Fact("mdm_row", left_at, "mdm", "removed", attrs, entry.origin)
    else:
        by_hand = method.lower() in _BY_HAND or _by_ade(entry) is False
        yield Fact("enrolled_by_hand" if by_hand else "enrolled", enrolled_at, "mdm", "", attrs, entry.origin)
    yield from postures(entry, attrs, _POSTURES)


def _when(entry: Entry, name: str) -> int | None:
    """A count of seconds or milliseconds since 1970, or a date as text, which some tenants are sent."""
    return moment(entry, name) if _DATE.match(entry.word(name)) else epoch(entry, name)


def _by_ade(entry: Entry) -> bool | None:
    """Whether `ManagementStatus`, an object or its text, says that the device came by ADE; None where it does not."""
    status = entry.fields.get("ManagementStatus")
    if isinstance(status, str):
        status = json_object(status)
    by_ade = status.get("EnrolledViaDEP") if isinstance(status, dict) else None
    return by_ade if isinstance(by_ade, bool) else None
