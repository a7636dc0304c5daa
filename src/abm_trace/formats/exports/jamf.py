"""Jamf Pro: its list of ADE devices, its inventory, prestage scopes and syncs, the webhooks it sent, and its CSV.

Shapes: developer.jamf.com/jamf-pro/reference (v1/device-enrollments, v2/mobile-devices/detail, v3/computers-inventory,
v2/mobile-device-prestages; of the Classic API mobiledevices and computers, one device or the list) and
developer.jamf.com/developer-guide/docs/webhooks.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    DepRecord,
    Entry,
    dep_facts,
    dep_word,
    epoch,
    flag,
    flat,
    hint,
    inventory,
    keys,
    moment,
    of_a_device,
    postures,
    sample,
    untold,
)

FORMAT = Format(
    id="jamf",
    title="Jamf Pro (ADE devices, inventory, prestages, webhooks; JSON, NDJSON, CSV)",
    reference="https://developer.jamf.com/jamf-pro/reference",
    covers=("dep", "mdm"),
)

_ADE = frozenset({"deviceEnrollmentProgramInstanceId", "profileStatus"})
_SERVER = frozenset({"tokenExpirationDate", "serverUuid"})
_SCOPE = frozenset({"assignmentDate", "userAssigned"})
_FLAT = frozenset({
    "enrollmentMethodPrestage", "lastEnrolledDate", "lastEnrollmentTimestamp", "enrolledViaAutomatedDeviceEnrollment",
    "isManaged", "managed", "remoteManagement",
})  # fmt: skip
_LISTED = frozenset({"serialNumber", "udid", "managementId", "modelIdentifier"})
"""What a record of v2/mobile-devices has; only its detail says whether the device is managed, and since when."""
_GENERAL = _FLAT | {"mdmProfileExpiration", "mdmProfileExpirationDate", "jamfBinaryVersion", "managementId"}
_COLUMNS = frozenset({
    "last enrollment", "managed", "last inventory update", "jamf pro id", "jamf pro mobile device id", "mdm capability",
    "enrolled via automated device enrollment", "jamf pro computer id",
})  # fmt: skip

_ATTRS = {
    "serial": ("serialNumber", "serial number", "serial_number"),
    "udid": ("udid",),
    "model": ("model", "modelIdentifier"),
    "os_version": ("osVersion", "os version", "operating system version"),
    "imei": ("imei",),
    "wifi_mac": ("wifiMacAddress", "macAddress", "wi-fi mac address", "mac address"),
    "ethernet_mac": ("altMacAddress",),
    "contact_at": ("lastContactTime", "lastInventoryUpdateDate", "lastInventoryUpdateTimestamp"),
}
_ENROLLED_AT = ("lastEnrolledDate", "lastEnrollmentTimestamp", "last enrollment")
_CREATED_AT = ("initialEntryDate", "initialEntryTimestamp", "initial entry date")
_MANAGED = ("managed", "isManaged")
_METHODS = ("enrollmentMethod", "enrollment method")
_METHOD_COLUMN = "enrollment method: "
"""How the columns begin of which a table has one for each way to enrol: `Enrollment Method: PreStage enrollment`."""

_AUTOMATED = ("enrolledViaAutomatedDeviceEnrollment", "enrolled via automated device enrollment")
_POSTURES = {
    "supervision": ("supervised", "isSupervised"),
    "passcode": ("passcodePresent", "passcode status"),
    "firewall": ("firewallEnabled", "firewall enabled"),
}
_DISK = {"NOT_ENCRYPTED": "false", "ALL_ENCRYPTED": "true", "BOOT_ENCRYPTED": "true", "ENCRYPTED": "true"}

# {"mobile_device":{"general":{…},"location":{…}}}, {"computers":[{"id":148,"name":"…"}]}, <computer><general>…
_CLASSIC_JSON: Final = re.compile(rb'\s*\{\s*"(?:mobile_device|computer)s?"\s*:\s*[{\[]')
_CLASSIC_XML: Final = re.compile(rb"\s*(?:<\?xml[^<>]{0,200}\?>\s*)?<(?:mobile_device|computer)s?>")
_CLASSIC: Final = {
    "serial_number": ("serial_number",),
    "udid": ("udid",),
    "model": ("model", "model_identifier"),
    "osVersion": ("os_version",),
    "imei": ("imei",),
    "wifiMacAddress": ("wifi_mac_address", "mac_address"),
    "remoteManagement": ("remote_management",),
    "managed": ("managed",),
    "supervised": ("supervised",),
    "enrollmentMethod": ("enrollment_method",),
    "lastEnrolledDate": ("last_enrollment_utc", "last_enrolled_date_utc"),
    "initialEntryDate": ("initial_entry_date_utc",),
    "passcodePresent": ("passcode_present",),
}
"""What a field of the Pro API is called in one device's record of the Classic API."""

_XML: Final = (
    "an answer of the Classic API in XML is not read: save the Pro API's inventory"
    " (/api/v2/mobile-devices/detail?section=GENERAL, /api/v3/computers-inventory?section=GENERAL), or ask for this one"
    " as JSON (the header Accept: application/json)"
)

# A webhook's event → the kind of fact that it is.
_EVENTS = {
    "MobileDeviceEnrolled": ("enrolled", "mdm"),  # How, it does not say.
    "ComputerAdded": ("enrolled", "mdm"),
    "MobileDeviceUnEnrolled": ("checked_out", "mdm"),
    "DeviceAddedToDEP": ("synced", "dep"),
}
_GOOD = frozenset({"success", "successful", "successfully", "succeeded", "complete", "completed", "ok"})
_BAD = ("fail", "error", "expired", "denied", "invalid", "t_c_not_signed", "unauthorized", "terms", "exhausted")
_CAUSES = {"T_C_NOT_SIGNED": "terms_not_accepted", "TOKEN_EXPIRED": "token_expired", "EXPIRED_CURSOR": "cursor_expired"}


def score(head: Head) -> float:
    """Sure of records with names that only Jamf Pro has, and of its webhooks; likely of its CSV and its empty pages."""
    names = keys(head)
    found = 0.0
    if "serial number" in names:
        found = 0.9 if names & _COLUMNS and not names & {"blueprint", "blueprint name"} else 0.0
    elif (
        names >= _ADE
        or {"serialNumber", "profileStatus"} <= names
        or "serialsByPrestageId" in names
        or names >= _SERVER
        or {"prestageId", "assignments"} <= names
        or {"syncState", "timestamp"} <= names
        or (names >= _SCOPE and "serialNumber" in names)
        or {"mobileDeviceId", "hardware"} <= names
        or {"mobileDeviceId", "general"} <= names
        or (names & _FLAT and names & {"serialNumber", "udid"})
        or names >= _LISTED
    ) or any(_is_webhook(record) or _is_general(record) or _classic(record) for record in sample(head)):
        found = 0.96
    elif {"webhookEvent", "eventTimestamp"} <= names or ({"general", "udid"} <= names and names & _GENERAL):
        found = 0.9  # The record is longer than the head, its first names stand for it.
    elif _CLASSIC_XML.match(head.data) or _CLASSIC_JSON.match(head.data):
        found = 0.6
    elif "results" in names and b'"totalCount"' in head.data:
        found = 0.5
    return min(found + hint(head, "jamf"), 1.0) if found else 0.0


def _is_webhook(record: dict[str, object]) -> bool:
    hook = record.get("webhook")
    return isinstance(hook, dict) and "webhookEvent" in hook


def _is_general(record: dict[str, object]) -> bool:
    """Whether a record is one of an inventory whose fields stand in sections."""
    general = record.get("general")
    return isinstance(general, dict) and not _GENERAL.isdisjoint(general) and "hardware_overview" not in record


def _classic(record: Mapping[str, object]) -> str:
    """Under which name a record holds one device of the Classic API; "" where it is none."""
    for name in ("mobile_device", "computer"):
        inner = record.get(name)
        if isinstance(inner, dict) and ("general" in inner or "serial_number" in inner):
            return name
    return ""


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What each record says, by the shape that it has."""
    if _CLASSIC_XML.match(content.header or content.data):
        if not content.offset:
            yield Skipped(content.path, _XML, 1)
        return
    above: list[Fact] = []

    def say(entry: Entry) -> Iterator[Fact]:
        if "serial number" in entry.fields and not entry.word("serial number", "udid"):
            more = _more(entry, above)
            yield from [more] if more else _say(entry)
            return
        above.clear()
        for fact in _say(entry):
            if fact.kind in {"enrolled", "enrolled_by_hand"}:
                above.append(fact)
            yield fact

    yield from inventory(content, FORMAT, say, columns=("serial number",))


def _more(entry: Entry, above: list[Fact]) -> Fact | None:
    """How the device of the row above enrolled, by a row without one: what a device may have several of, follows it."""
    method = _method(entry)
    if not (method and above):
        return None
    kind = "enrolled" if _by_ade(entry, method) else "enrolled_by_hand"
    return replace(above[-1], kind=kind, attrs=above[-1].attrs | {"method": method}, origin=entry.origin)


def _say(entry: Entry) -> Iterable[Fact]:
    names = entry.fields.keys()
    if kind := _classic(entry.fields):
        return _device(_as_pro(entry.inside(kind), kind))
    if "webhook" in names:
        return _webhook(entry)
    if "serialsByPrestageId" in names:
        return _scopes(entry)
    if _ADE & names and "serialNumber" in names:
        return _ade(entry)
    if _SCOPE & names and "serialNumber" in names:
        return _scoped(entry)
    if "syncState" in names:
        return _sync(entry)
    if _SERVER & names or "tokenExpirationDate" in names:
        return _server(entry)
    record = flat(entry, "general", "hardware", "security", "operatingSystem", "ios", "tvos")
    if record.fields.keys() & {*_FLAT, "serialNumber", "serial number", "udid"}:
        return _device(record)
    entry.skip("a record is not used, it is of no kind that is known")
    return ()


def _instance(entry: Entry, *names: str) -> dict[str, str]:
    """The server's id, told from those of other products and of Apple."""
    text = entry.word(*names)
    return {"server_id": f"jamf/{text}"} if text else {}


def _ade(entry: Entry) -> Iterator[Fact]:
    """A record of the ADE list, and that the profile could not be assigned to it, where it says so."""
    attrs = entry.attrs({"serial": ("serialNumber",), "model": ("model",)})
    if not of_a_device(attrs, entry):
        return
    attrs |= _instance(entry, "deviceEnrollmentProgramInstanceId")
    state = entry.inside("syncState")
    if profile := state.word("profileUUID", "profileUuid"):
        attrs["profile_uuid"] = profile
    record = DepRecord(
        attrs,
        "list",
        dep_word(entry, "profileStatus"),
        assigned_at=moment(entry, "deviceAssignedDate"),
        profile_assigned_at=moment(entry, "profileAssignTime"),
        pushed_at=moment(entry, "profilePushTime"),
    )
    yield from dep_facts(entry, record)
    status = state.word("syncStatus").upper()
    if status in {"FAILED", "NOT_ACCESSIBLE", "THROTTLED"}:
        kind = "throttled" if status == "THROTTLED" else "assign_failed"
        yield Fact(kind, None, "dep", status, attrs, entry.origin)


def _scoped(entry: Entry) -> Iterator[Fact]:
    """A device in a prestage's scope: only what was synced can be put there."""
    attrs = entry.attrs({"serial": ("serialNumber",)})
    if of_a_device(attrs, entry):
        yield Fact("synced", moment(entry, "assignmentDate"), "dep", "", attrs, entry.origin)


def _scopes(entry: Entry) -> Iterator[Fact]:
    """The scopes of all prestages, `{"serialsByPrestageId":{"SERIAL":"1"}}`."""
    for serial in entry.inside("serialsByPrestageId").fields:
        if serial.strip():
            yield Fact("synced", None, "dep", "", {"serial": serial.strip()}, entry.origin)


def _sync(entry: Entry) -> Iterator[Fact]:
    """How a sync with Apple ended, where its word leaves no doubt."""
    word = entry.word("syncState")
    lower = word.lower()
    at = moment(entry, "timestamp")
    attrs = _instance(entry, "instanceId") | {"mdm": "jamf", "status": word}
    if any(bad in lower for bad in _BAD):
        cause = next((cause for code, cause in _CAUSES.items() if code.lower() in lower), "")
        yield Fact("sync_failed", at, "dep", word, attrs, entry.origin, "L0" if cause else "", cause)
    elif not _GOOD.isdisjoint(re.split(r"[^a-z]+", lower)):
        yield Fact("sync_ok", at, "dep", "", attrs, entry.origin)
    else:
        entry.skip("a state of a sync is none of those that are known", word)


def _server(entry: Entry) -> Iterator[Fact]:
    """A DEP server that Jamf Pro holds a token of, and when that token expires."""
    attrs = entry.attrs({"server": ("serverName", "name")}) | _instance(entry, "id") | {"mdm": "jamf"}
    expires_at = moment(entry, "tokenExpirationDate")
    if expires_at is not None:
        attrs["expires_at"] = instants.render(expires_at)
        yield Fact("server_token", None, "token", "", attrs, entry.origin)


def _webhook(entry: Entry) -> Iterator[Fact]:
    """An event that Jamf Pro sent; those that say nothing of enrolment give no fact."""
    hook, event = entry.inside("webhook"), entry.inside("event")
    name = hook.word("webhookEvent")
    kind, source = _EVENTS.get(name, ("", ""))
    if not kind:
        if not name:
            entry.skip("a webhook is not used, it names no event")
        return
    record = flat(event, "computer")
    attrs = record.attrs(_ATTRS) | {"event": name}
    if not of_a_device(attrs, record):
        return
    at = epoch(hook, "eventTimestamp")
    if source == "dep":
        counted = isinstance(record.fields.get("deviceAssignedDate"), int)
        assigned_at = epoch(record, "deviceAssignedDate") if counted else None
        if not counted:
            assigned_at = moment(record, "deviceAssignedDate")
        attrs |= _instance(record, "deviceEnrollmentProgramInstanceId")
        yield Fact("assigned", assigned_at, "dep", "", attrs, entry.origin)
    else:
        attrs["mdm"] = "jamf"
    yield Fact(kind, at, source, "", attrs, entry.origin)


def _as_pro(entry: Entry, kind: str) -> Entry:
    """One device's record of the Classic API under the names of the Pro API's inventory."""
    record = flat(entry, "general", "hardware", "security", "network")
    fields: dict[str, object] = {}
    for name, olds in _CLASSIC.items():
        value = next((found for old in olds if (found := record.fields.get(old)) not in (None, "")), None)
        if value is not None:
            fields[name] = value
    if kind == "mobile_device":
        fields["mobileDeviceId"] = record.fields.get("id")
    else:
        fields |= {
            "id": record.fields.get("id"),
            _AUTOMATED[0]: record.inside("management_status").word("enrolled_via_dep"),
        }
    return record._replace(fields=fields)


def _device(entry: Entry) -> Iterator[Fact]:
    """A device of the inventory: enrolled by ADE, by hand, or not managed."""
    attrs = entry.attrs(_ATTRS)
    if not of_a_device(attrs, entry):
        return
    table = "serial number" in entry.fields
    attrs |= {"mdm": "jamf"} | _number(entry)
    managed = flag(entry.inside("remoteManagement"), "managed")
    if managed is None:
        managed = flag(entry, *_MANAGED)
    at = moment(entry, *_ENROLLED_AT)
    method = _method(entry)
    if method:
        attrs["method"] = method
    supervised = flag(entry, *_POSTURES["supervision"])
    if supervised is not None:
        attrs["supervised"] = "yes" if supervised else "no"
    automated = flag(entry, *_AUTOMATED)
    if "serial_number" in entry.fields and managed is not False and not method and automated is None:
        entry.skip(
            "a record of the Classic API does not say how the device was enrolled, the Pro API's inventory does",
            attrs.get("serial", attrs.get("udid", "")),
        )
        yield Fact("enrolment_untold", None, "mdm", "", attrs, entry.origin)
        return
    if managed is None:
        managed = at is not None and (table or _by_ade(entry, method) is True)
        if not managed and entry.fields.keys().isdisjoint(_ENROLLED_AT):
            yield from untold(entry, attrs, "general section (managed, lastEnrolledDate)")
            return
    if not managed:
        yield Fact("mdm_row", moment(entry, *_CREATED_AT), "mdm", "unmanaged", attrs, entry.origin)
    elif _by_ade(entry, method) or (table and not method and automated is None):
        yield Fact("enrolled", at, "mdm", "", attrs, entry.origin)
    else:
        yield Fact("enrolled_by_hand", at, "mdm", "", attrs, entry.origin)
    yield from postures(entry, attrs, _POSTURES)
    disk = _DISK.get(entry.word("fileVault2Status").upper())
    if disk:
        yield from postures(entry._replace(fields={"disk": disk}), attrs, {"FileVault": ("disk",)})


def _number(entry: Entry) -> dict[str, str]:
    """The number that Jamf Pro gives the device; computers and mobile devices are counted apart."""
    mobile = entry.word("mobileDeviceId", "jamf pro mobile device id")
    computer = entry.word("id", "jamf pro computer id") if _AUTOMATED[0] in entry.fields else ""
    if mobile or computer:
        return {"mdm_id": f"jamf/mobile/{mobile}" if mobile else f"jamf/computer/{computer}"}
    return {}


def _method(entry: Entry) -> str:
    """How the device was enrolled, in Jamf Pro's words."""
    for name in _METHODS:
        value = entry.fields.get(name)
        if isinstance(value, dict):
            inner = entry.inside(name)
            return " ".join(word for key in ("objectType", "objectName") if (word := inner.word(key)))
        if value is not None and (word := entry.word(name)):
            return word
    for name in entry.fields:
        if name.startswith(_METHOD_COLUMN) and (word := entry.word(name)):
            return f"{name.removeprefix(_METHOD_COLUMN)}: {word}"
    return ""


def _by_ade(entry: Entry, method: str) -> bool:
    """Whether a managed device came by Automated Device Enrollment."""
    prestage = entry.fields.get("enrollmentMethodPrestage")
    if isinstance(prestage, dict) and any(value not in (None, "") for value in prestage.values()):
        return True
    automated = flag(entry, *_AUTOMATED)
    return automated if automated is not None else "prestage" in method.lower()
