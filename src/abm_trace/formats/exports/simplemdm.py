"""SimpleMDM: devices, ADE devices and servers as its API gives them (`data[].attributes`), and the webhooks it sent.

Shapes: api.simplemdm.com. A device is enrolled, awaiting enrollment, or unenrolled.
"""

from collections.abc import Iterable, Iterator, Mapping

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
    is_bare,
    keys,
    moment,
    of_a_device,
    postures,
    sample,
    untold,
)

FORMAT = Format(
    id="simplemdm",
    title="SimpleMDM (devices, ADE devices, webhooks; JSON, NDJSON)",
    reference="https://api.simplemdm.com",
    covers=("dep", "mdm"),
)

_TYPES = frozenset({"device", "dep_device", "dep_server"})
_HOOKS = ("device.", "abm.device.")
_FLAT = frozenset({
    "unique_identifier", "is_dep_enrollment", "enrollment_channels", "dep_enrolled", "dep_assigned", "last_seen_ip",
    "available_device_capacity", "passcode_compliant",
})  # fmt: skip

_ATTRS = {
    "serial": ("serial_number",),
    "udid": ("unique_identifier", "udid"),
    "model": ("product_name", "model"),
    "os_version": ("os_version",),
    "build": ("build_version",),
    "contact_at": ("last_seen_at",),
    "imei": ("imei",),
    "meid": ("meid",),
    "wifi_mac": ("wifi_mac",),
}
_POSTURES = {
    "FileVault": ("filevault_enabled",),
    "SIP": ("system_integrity_protection_enabled",),
    "supervision": ("is_supervised",),
    "passcode": ("passcode_present",),
}
# A webhook's type → the kind of fact that it is.
_EVENTS = {
    "device.enrolled": ("enrolled", "mdm"),
    "device.unenrolled": ("checked_out", "mdm"),
    "abm.device.added": ("synced", "dep"),
}


def score(head: Head) -> float:
    """Sure of resources of its types and of its webhooks, and of flat records with names that only SimpleMDM has."""
    names = keys(head)
    found = 0.0
    if any(_is_resource(record) or _is_webhook(record) for record in sample(head)):
        found = 0.97
    elif "serial_number" in names and len(names & _FLAT) > 1:
        found = 0.95
    elif "data" in names and b'"has_more"' in head.data and is_bare(head, "data"):
        found = 0.45
    return min(found + hint(head, "simplemdm"), 1.0) if found else 0.0


def _is_resource(fields: Mapping[str, object]) -> bool:
    if isinstance(inner := fields.get("data"), dict):
        fields = inner
    kind = fields.get("type")
    return isinstance(kind, str) and kind in _TYPES and isinstance(fields.get("attributes"), dict)


def _is_webhook(fields: Mapping[str, object]) -> bool:
    kind, data = fields.get("type"), fields.get("data")
    return isinstance(kind, str) and kind.startswith(_HOOKS) and isinstance(data, dict)


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What each resource or event says."""
    return inventory(content, FORMAT, _say, columns=("serial_number",))


def _say(entry: Entry) -> Iterable[Fact]:
    if _is_webhook(entry.fields):
        return _webhook(entry)
    if isinstance(entry.fields.get("data"), dict):  # One resource by itself.
        entry = entry.inside("data")
    kind = entry.word("type")
    record = flat(entry, "attributes")
    if kind == "dep_server":
        return _server(record)
    if kind == "dep_device":
        return _ade(record)
    if kind in {"", "device"} or "attributes" not in entry.fields:
        return _device(record)
    entry.skip("a record is not used, it is of no kind that is known", kind)
    return ()


def _ade(entry: Entry) -> Iterator[Fact]:
    """A device of an ADE server."""
    attrs = entry.attrs({"serial": ("serial_number",), "model": ("model",), "profile_uuid": ("profile_uuid",)})
    if of_a_device(attrs, entry):
        record = DepRecord(
            attrs,
            "list",
            dep_word(entry, "profile_status"),
            assigned_at=moment(entry, "device_assigned_date", "assigned_at", "discovered_at"),
            profile_assigned_at=moment(entry, "profile_assign_time", "profile_assigned_at", "last_assigned_at"),
            pushed_at=moment(entry, "profile_push_time", "profile_pushed_at"),
        )
        yield from dep_facts(entry, record)


def _server(entry: Entry) -> Iterator[Fact]:
    """An ADE server: when it last synced with Apple, and until when its token is valid."""
    attrs = entry.attrs({"server": ("server_name",), "server_id": ("server_uuid",)}) | {"mdm": "simplemdm"}
    synced_at = moment(entry, "last_synced_at")
    if synced_at is not None:
        yield Fact("sync_ok", synced_at, "dep", "", attrs, entry.origin)
    expires_at = moment(entry, "token_expires_at")
    if expires_at is not None:
        held = attrs | {"expires_at": instants.render(expires_at)}
        yield Fact("server_token", None, "token", "", held, entry.origin)


def _device(entry: Entry) -> Iterator[Fact]:
    """A device: enrolled, by hand where the record says that it was not by ADE, or not enrolled."""
    attrs = entry.attrs(_ATTRS)
    if not of_a_device(attrs, entry):
        return
    attrs["mdm"] = "simplemdm"
    if "attributes" in entry.fields and (number := entry.word("id")):
        attrs["mdm_id"] = f"simplemdm/{number}"
    supervised = flag(entry, "is_supervised")
    if supervised is not None:
        attrs["supervised"] = "yes" if supervised else "no"
    status = entry.word("status")
    at = moment(entry, "enrolled_at")
    unsaid = "status" in entry.fields and entry.fields["status"] is None  # Such as one that is given twice.
    if unsaid or entry.fields.keys().isdisjoint(("status", "enrolled_at")):
        yield from untold(entry, attrs, "status")
    elif status.lower() == "enrolled" or (not status and at is not None):
        kind = "enrolled_by_hand" if flag(entry, "is_dep_enrollment") is False else "enrolled"
        yield Fact(kind, at, "mdm", "", attrs, entry.origin)
    else:
        yield Fact("mdm_row", moment(entry, "created_at"), "mdm", status, attrs, entry.origin)
    yield from postures(entry, attrs, _POSTURES)
    wall = entry.fields.get("firewall")
    if isinstance(wall, dict):
        yield from postures(entry.inside("firewall"), attrs, {"firewall": ("enabled",)})


def _webhook(entry: Entry) -> Iterator[Fact]:
    """An event that SimpleMDM sent; those that say nothing of enrolment give no fact."""
    name = entry.word("type")
    kind, source = _EVENTS.get(name, ("", ""))
    if not kind:
        return
    data = entry.inside("data")
    record = data.inside("device") if "device" in data.fields else data
    attrs = record.attrs(_ATTRS) | {"event": name}
    if of_a_device(attrs, record):
        if source == "mdm":
            attrs["mdm"] = "simplemdm"
        yield Fact(kind, moment(entry, "at"), source, "", attrs, entry.origin)
