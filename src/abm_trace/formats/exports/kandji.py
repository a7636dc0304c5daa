"""Iru (Kandji): its ADE devices with their profile status, its devices, and the CSV of both.

Shapes: api-docs.kandji.io (integrations/apple/ade/devices, devices, devices/{id}/details). The ADE list says both what
Apple knows and whether the device is enrolled; its `pushed` has a time in some versions only.
"""

from collections.abc import Iterable, Iterator

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    DepRecord,
    Entry,
    dep_facts,
    dep_word,
    flag,
    flat,
    hint,
    inventory,
    keys,
    moment,
    of_a_device,
    of_apple,
    postures,
    untold,
)

FORMAT = Format(
    id="kandji",
    title="Iru (Kandji) ADE devices and devices (JSON, NDJSON, CSV)",
    reference="https://api-docs.kandji.io",
    covers=("dep", "mdm"),
)

_ADE = frozenset({"profile_status", "is_enrolled", "dep_account", "mdm_device", "use_blueprint_routing"})
_OWN = frozenset({"is_enrolled", "dep_account", "mdm_device", "use_blueprint_routing", "failed_assignment_attempts"})
_DEVICE = frozenset({
    "first_enrollment", "last_enrollment", "mdm_enabled", "agent_installed", "is_missing", "is_removed",
    "blueprint_name",
})  # fmt: skip
_DETAILS = frozenset({"automated_device_enrollment", "kandji_agent", "hardware_overview"})
_SECTIONS = ("general", "hardware_overview", "hardware", "mdm", "filevault", "security_information", "security")
_INTEGRATION = frozenset({"access_token_expiry", "days_left", "last_device_sync"})
_COLUMNS = frozenset({"blueprint", "blueprint name"})

_ATTRS = {
    "serial": ("serial_number", "serial number"),
    "udid": ("udid",),
    "mdm_id": ("device_id", "device id"),
    "model": ("model", "model_name"),
    "os_version": ("os_version", "os version"),
    "contact_at": ("last_check_in",),
}
_ENROLLED_AT = (
    *("last_enrollment", "last enrollment", "enrolled_at", "enrollment date", "first_enrollment", "first enrollment"),
)
_ENROLLED = ("is_enrolled", "is enrolled", "enrolled")
_MANAGED = ("mdm_enabled", "mdm enabled")
_REMOVED = ("is_removed", "is removed")
_SUPERVISED = ("is_supervised", "supervised")
_POSTURES = {
    "FileVault": ("filevault_enabled", "filevault enabled"),
    "firewall": ("firewall_enabled",),
    "supervision": _SUPERVISED,
    "passcode": ("passcode_present",),
}


def score(head: Head) -> float:
    """Sure of records with names that only Iru has; of a CSV, of one with a blueprint."""
    names = keys(head)
    found = 0.0
    if "serial number" in names:
        found = 0.94 if names & _COLUMNS else 0.0
    elif (
        ("serial_number" in names and (names & _OWN or len(names & _DEVICE) > 1))
        or len(names & _DETAILS) > 1
        or len(names & _INTEGRATION) > 1
        or ({"serial_number", "device_id"} <= names and names & (_DEVICE | {"last_check_in", "blueprint_id"}))
    ):
        found = 0.98
    return min(found + hint(head, "kandji", "iru"), 1.0) if found else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """An ADE record says its DEP facts and whether it is enrolled, a device the latter alone."""
    return inventory(content, FORMAT, _say, columns=("serial_number", "serial number"))


def _say(entry: Entry) -> Iterable[Fact]:
    names = entry.fields.keys()
    if _INTEGRATION & names and "serial_number" not in names:
        return _integration(entry)
    if _ADE & names or {"profile status", "is enrolled"} & names:
        return _ade(entry)
    return _device(flat(entry, *_SECTIONS))


def _ade(entry: Entry) -> Iterator[Fact]:
    """A device of an ADE integration. The record's own id is that of the integration's row, not the device's."""
    attrs = entry.attrs({"serial": _ATTRS["serial"], "model": ("model",)})
    if not of_a_device(attrs, entry):
        return
    account = entry.fields.get("dep_account")
    server = entry.inside("dep_account").word("server_name", "name") if isinstance(account, dict) else ""
    if server:
        attrs["server"] = server
    field = "profile status" if "profile status" in entry.fields else "profile_status"
    status = dep_word(entry, field)
    record = DepRecord(
        attrs,
        "list",
        status,
        assigned_at=moment(entry, "device_assigned_date"),
        profile_assigned_at=moment(entry, "profile_assign_time"),
        pushed_at=moment(entry, "profile_push_time"),
    )
    yield from dep_facts(entry, record)
    if entry.word("last_assignment_status").upper() in {"FAILED", "NOT_ACCESSIBLE"}:
        said = entry.word("last_assignment_status").upper()
        yield Fact("assign_failed", moment(entry, "assignment_status_received_at"), "dep", said, attrs, entry.origin)
    yield from _enrolment_of(entry, attrs, status)


def _integration(entry: Entry) -> Iterator[Fact]:
    """An ADE integration: when it last synced with Apple, and until when its token is valid."""
    attrs = entry.attrs({"server": ("server_name",), "server_id": ("server_uuid",)}) | {"mdm": "kandji"}
    synced_at = moment(entry, "last_device_sync")
    if synced_at is not None:
        yield Fact("sync_ok", synced_at, "dep", "", attrs, entry.origin)
    expires_at = moment(entry, "access_token_expiry")
    if expires_at is not None:
        held = attrs | {"expires_at": instants.render(expires_at)}
        yield Fact("server_token", None, "token", "", held, entry.origin)


def _enrolment_of(entry: Entry, attrs: dict[str, str], status: str) -> Iterator[Fact]:
    """Whether the MDM has the device of an ADE record; a record that does not say so gives no fact."""
    row = attrs | {"mdm": "kandji"}
    device = entry.inside("mdm_device")
    enrolled = flag(entry, *_ENROLLED)
    if enrolled is None and "mdm_device" in entry.fields:
        enrolled = moment(device, "enrolled_at") is not None and flag(device, "is_removed") is not True
    if device_id := device.word("id"):
        row["mdm_id"] = device_id
    if enrolled:
        yield Fact("enrolled", moment(device, "enrolled_at"), "mdm", "", row, entry.origin)
    elif enrolled is False:
        yield Fact("mdm_row", None, "mdm", status, row, entry.origin)


def _device(entry: Entry) -> Iterator[Fact]:
    """A device of the inventory; its details say whether it enrolled by itself."""
    if not of_apple(entry, "platform"):
        return
    attrs = entry.attrs(_ATTRS)
    if not of_a_device(attrs, entry):
        return
    attrs |= {"mdm": "kandji"} | entry.inside("network").attrs({"wifi_mac": ("mac_address",)})
    # Empty, it says neither that the device could come by ADE nor that it did.
    ade = entry.inside("automated_device_enrollment")
    automatic = False if entry.fields.get("automated_device_enrollment") == {} else flag(ade, "auto_enrolled")
    supervised = flag(entry, *_SUPERVISED)
    if supervised is not None:
        attrs["supervised"] = "yes" if supervised else "no"
    at = moment(entry, *_ENROLLED_AT)
    managed = flag(entry, *_MANAGED)
    removed = flag(entry, *_REMOVED)
    if not removed and entry.fields.keys().isdisjoint((*_MANAGED, *_ENROLLED_AT)):
        yield from untold(entry, attrs, _MANAGED[0])
    elif removed or managed is False or (managed is None and at is None):
        yield Fact("mdm_row", at, "mdm", "removed" if managed is not False else "MDM off", attrs, entry.origin)
    elif automatic is False:
        yield Fact("enrolled_by_hand", at, "mdm", "", attrs, entry.origin)
    else:
        yield Fact("enrolled", at, "mdm", "", attrs, entry.origin)
    yield from postures(entry, attrs, _POSTURES)
