"""Zentral: the DEP devices and the enrolled devices of its MDM.

Shapes: zentral/contrib/mdm/serializers.py (DEPDeviceSerializer, EnrolledDeviceSerializer), /api/mdm/dep/devices/ and
/api/mdm/devices/. A device has a record from its first check-in on.
"""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    DepRecord,
    Entry,
    dep_facts,
    dep_word,
    flag,
    hint,
    inventory,
    keys,
    moment,
    of_a_device,
    postures,
)

FORMAT = Format(
    id="zentral",
    title="Zentral DEP devices and MDM devices (JSON, NDJSON)",
    reference="https://docs.zentral.com/apps/mdm/",
    covers=("dep", "mdm"),
)

_DEP = frozenset({"virtual_server", "last_op_type", "last_op_date", "disowned_at"})
_DEVICE = frozenset({
    "awaiting_configuration", "dep_enrollment", "user_enrollment", "declarative_management", "blueprint",
    "user_approved_enrollment", "bootstrap_token_escrowed", "cert_not_valid_after",
})  # fmt: skip
_OPERATIONS = frozenset({"added", "modified", "deleted"})
_ATTRS = {
    "serial": ("serial_number",),
    "udid": ("udid",),
    "model": ("model",),
    "os_version": ("os_version",),
    "build": ("build_version",),
    "contact_at": ("last_seen_at",),
}
_POSTURES = {"FileVault": ("filevault_enabled",), "supervision": ("supervised",)}


def score(head: Head) -> float:
    """Sure of records with names that only Zentral has."""
    names = keys(head)
    found = 0.98 if "serial_number" in names and (len(names & _DEP) > 1 or len(names & _DEVICE) > 1) else 0.0
    return min(found + hint(head, "zentral"), 1.0) if found else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """A DEP device says its DEP facts, an enrolled device how it enrolled."""
    return inventory(content, FORMAT, _say)


def _say(entry: Entry) -> Iterable[Fact]:
    return _ade(entry) if not _DEP.isdisjoint(entry.fields) else _device(entry)


def _ade(entry: Entry) -> Iterator[Fact]:
    """A device of one of Zentral's DEP servers; one that was disowned is there no more."""
    attrs = entry.attrs({name: _ATTRS[name] for name in ("serial", "model")} | {"profile_uuid": ("profile_uuid",)})
    if not of_a_device(attrs, entry):
        return
    server = entry  # The API gives its number, an event an object.
    if isinstance(entry.fields.get("virtual_server"), dict):
        server = entry.inside("virtual_server")
        attrs |= server.attrs({"server": ("name",)})
    if number := server.word("virtual_server", "pk"):
        attrs["server_id"] = f"zentral/{number}"
    disowned_at = moment(entry, "disowned_at")
    record = DepRecord(
        attrs,
        "list",
        dep_word(entry, "profile_status"),
        operation=dep_word(entry, "last_op_type", _OPERATIONS) if disowned_at is None else "deleted",
        operated_at=moment(entry, "last_op_date") if disowned_at is None else disowned_at,
        assigned_at=moment(entry, "device_assigned_date"),
        profile_assigned_at=moment(entry, "profile_assign_time"),
        pushed_at=moment(entry, "profile_push_time"),
        seen_at=moment(entry, "updated_at", "created_at"),
    )
    yield from dep_facts(entry, record)


def _device(entry: Entry) -> Iterator[Fact]:
    """An enrolled device; one that checked out is enrolled no more."""
    attrs = entry.attrs(_ATTRS)
    if not of_a_device(attrs, entry):
        return
    attrs["mdm"] = "zentral"
    if number := entry.word("id"):
        attrs["mdm_id"] = f"zentral/{number}"
    waits = flag(entry, "awaiting_configuration")
    if waits is not None:
        attrs["awaiting_configuration"] = "yes" if waits else "no"
    supervised = flag(entry, "supervised")
    if supervised is not None:
        attrs["supervised"] = "yes" if supervised else "no"
    at = moment(entry, "created_at")
    left_at = moment(entry, "checkout_at")
    if left_at is not None:
        yield Fact("checked_out", left_at, "mdm", "", attrs, entry.origin)
        yield Fact("mdm_row", at, "mdm", "checked out", attrs, entry.origin)
    elif flag(entry, "dep_enrollment") is False or flag(entry, "user_enrollment"):
        yield Fact("enrolled_by_hand", at, "mdm", "", attrs, entry.origin)
    else:
        yield Fact("enrolled", at, "mdm", "", attrs, entry.origin)
        if waits is False:
            yield Fact("configured", None, "mdm", "", attrs, entry.origin)
    yield from postures(entry, attrs, _POSTURES)
