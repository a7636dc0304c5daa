"""Microsoft Intune over Graph: managed devices, imported Apple identities, DEP tokens, and failed enrolments; its CSV.

Shapes: learn.microsoft.com/graph/api/resources (managedDevice, importedAppleDeviceIdentity, depOnboardingSetting,
enrollmentTroubleshootingEvent). Graph writes 0001-01-01 where there is no time. PowerShell (`Get-MgDeviceManagement… |
ConvertTo-Json`) writes each name with a capital, and a time as `/Date(1715935200000)/`.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    DepRecord,
    Entry,
    dep_facts,
    flag,
    hint,
    inventory,
    is_dated,
    keys,
    moment,
    of_a_device,
    of_apple,
    postures,
    sample,
    untold,
)

FORMAT = Format(
    id="intune",
    title="Microsoft Intune (Graph pages, NDJSON, CSV)",
    reference="https://learn.microsoft.com/graph/api/resources/intune-devices-manageddevice",
    covers=("mdm",),
)

_DEVICE = frozenset({"deviceEnrollmentType", "enrolledDateTime", "managedDeviceOwnerType", "managementAgent"})
_IDENTITY = frozenset({
    "requestedEnrollmentProfileId", "requestedEnrollmentProfileAssignmentDateTime", "discoverySource",
})  # fmt: skip
_TOKEN = frozenset({"lastSyncErrorCode", "lastSuccessfulSyncDateTime", "tokenExpirationDateTime", "appleIdentifier"})
_FAILURE = frozenset({"failureCategory", "failureReason"})
_COLUMNS = frozenset({
    "enrollment date", "enrolled date", "device enrollment type", "enrollment type", "management name",
})  # fmt: skip
_ROW_COLUMNS = frozenset({"serialnumber", "deviceenrollmenttype", "enrolleddatetime"})
_PAGES = (b"managedDevices", b"importedAppleDeviceIdentities", b"depOnboardingSettings", b"troubleshootingEvents")

_ATTRS = {
    "serial": ("serialNumber", "serial number", "serialnumber"),
    "udid": ("udid",),
    "model": ("model",),
    "os_version": ("osVersion", "os version", "osversion"),
    "imei": ("imei",),
    "meid": ("meid",),
    "wifi_mac": ("wiFiMacAddress", "wi-fi mac", "wifimacaddress"),
    "ethernet_mac": ("ethernetMacAddress", "ethernet mac", "ethernetmacaddress"),
    "mdm_id": ("id", "device id", "deviceid"),
    "contact_at": ("lastSyncDateTime",),
}
_ENROLLED_AT = ("enrolledDateTime", "enrollment date", "enrolled date", "enrolleddatetime")
_TYPES = ("deviceEnrollmentType", "device enrollment type", "enrollment type", "deviceenrollmenttype")
_SYSTEMS = ("operatingSystem", "os", "platform", "operatingsystem")
_SUPERVISED = ("isSupervised", "supervised", "issupervised")
_POSTURES = {"supervision": _SUPERVISED, "disk encryption": ("isEncrypted", "encrypted", "isencrypted")}
_SHELL = frozenset({
    "DeviceEnrollmentType", "EnrolledDateTime", "EnrollmentState", "RequestedEnrollmentProfileId", "FailureCategory",
    "LastSyncErrorCode",
})  # fmt: skip
"""Names of Graph as PowerShell writes them."""
_GRAPH = {
    name.lower(): name
    for name in (
        *_DEVICE, *_IDENTITY, *_TOKEN, *_FAILURE, *(names[0] for names in _ATTRS.values()), _SYSTEMS[0],
        _SUPERVISED[0], "isEncrypted", "enrollmentState", "isDeleted", "createdDateTime", "tokenName",
        "lastSyncTriggeredDateTime", "managedDeviceIdentifier", "deviceId", "eventDateTime",
    )
}  # fmt: skip
_SHELL_DATE = re.compile(r"/Date\((-?[0-9]{1,15})\)/")
_WAITING = frozenset({"pendingreset", "failed", "notcontacted", "blocked"})


def score(head: Head) -> float:
    """Sure of records with names that only Intune has; likely of its CSV and its empty pages."""
    one = (each["value"] for each in sample(head) if isinstance(each.get("value"), dict))
    names = keys(head).union(*(value for value in one if isinstance(value, dict)))
    found = 0.0
    if "serial number" in names:
        found = 0.92 if names & _COLUMNS and not names & {"blueprint", "blueprint name"} else 0.0
    elif (
        len(names & _DEVICE) > 1
        or "deviceEnrollmentType" in names
        or len(names & _IDENTITY) > 1
        or {"serialNumber", "enrollmentState"} <= names
        or len(names & _TOKEN) > 1
        or names >= _FAILURE
        or names >= _ROW_COLUMNS
        or _is_shell(names)
    ):
        found = 0.96
    elif "value" in names and b"@odata" in head.data and any(page in head.data for page in _PAGES):
        found = 0.9
    return min(found + hint(head, "intune"), 1.0) if found else 0.0


def _is_shell(names: AbstractSet[str]) -> bool:
    """Whether these are Graph's names with capitals."""
    return not names.isdisjoint(_SHELL) and not names.isdisjoint({"SerialNumber", "Id"})


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What each record says, by the shape that it has."""
    return inventory(content, FORMAT, _say, columns=("serial number", "serialnumber"), of="managedDevices")


def _say(entry: Entry) -> Iterable[Fact]:
    if isinstance(entry.fields.get("value"), dict):  # The answer about one, `{"@odata.context":…,"value":{…}}`.
        entry = entry.inside("value")
    if _is_shell(entry.fields.keys()):
        entry = _of_graph(entry)
    names = entry.fields.keys()
    if _FAILURE & names:
        return _failure(entry)
    if _IDENTITY & names or {"serialNumber", "enrollmentState"} <= names:
        return _identity(entry)
    if _TOKEN & names and "serialNumber" not in names:
        return _token(entry)
    return _device(entry)


def _of_graph(entry: Entry) -> Entry:
    """The entry in Graph's own names and times."""
    fields = {
        _GRAPH.get(name.lower(), name): _shell_date(value) if isinstance(value, str) else value
        for name, value in entry.fields.items()
    }
    return entry._replace(fields=fields)


def _shell_date(text: str) -> str:
    """A time of Windows PowerShell (milliseconds since 1970) as RFC 3339; other texts as they are."""
    match = _SHELL_DATE.fullmatch(text) if text.startswith("/Date(") else None
    at = int(match[1]) * (instants.SECOND // 1000) if match else None
    return instants.render(at) if at is not None and instants.FIRST <= at <= instants.LAST else text


def _device(entry: Entry) -> Iterator[Fact]:
    """A managed device. Where the portal's table does not say how it was enrolled, that it was is all that is known.

    Graph gives what it was asked for, and PowerShell shows the rest as null: a record without its type proves nothing.
    """
    if not of_apple(entry, *_SYSTEMS):
        return
    attrs = entry.attrs(_ATTRS)
    if not of_a_device(attrs, entry):
        return
    attrs["mdm"] = "intune"
    method = entry.word(*_TYPES)
    if method:
        attrs["method"] = method
    supervised = flag(entry, *_SUPERVISED)
    if supervised is not None:
        attrs["supervised"] = "yes" if supervised else "no"
    at = moment(entry, *_ENROLLED_AT)
    dated = at is not None or is_dated(entry, *_ENROLLED_AT)
    if lacking := _lacking(entry, method, dated=dated):
        yield from untold(entry, attrs, lacking)
    elif not dated and not method.lower().startswith("applebulk"):
        yield Fact("mdm_row", None, "mdm", method, attrs, entry.origin)
    elif not method or method.lower().startswith("applebulk"):
        yield Fact("enrolled", at, "mdm", "", attrs, entry.origin)
    else:
        yield Fact("enrolled_by_hand", at, "mdm", "", attrs, entry.origin)
    yield from postures(entry, attrs, _POSTURES)


def _lacking(entry: Entry, method: str, *, dated: bool) -> str:
    """The field without which a record does not say whether its device is enrolled by ADE, "" if none lacks."""
    if entry.fields.keys().isdisjoint(_ENROLLED_AT) and not method.lower().startswith("applebulk"):
        return _ENROLLED_AT[0]
    portal = "serial number" in entry.fields
    typed = bool(method) or (not dated and not entry.fields.keys().isdisjoint(_TYPES))
    return "" if portal or typed else _TYPES[0]


def _identity(entry: Entry) -> Iterator[Fact]:
    """An identity of Intune's ADE list, which knows no push; one that an administrator typed in is none of Apple's.

    Its state `enrolled` is no record: the managed device alone says how it enrolled.
    """
    attrs = entry.attrs({"serial": _ATTRS["serial"]})
    if not of_a_device(attrs, entry):
        return
    state = entry.word("enrollmentState")
    row = attrs | {"mdm": "intune", "event": "identity"}  # It is no list of what is enrolled.
    typed_in = entry.word("discoverySource").lower() == "adminimport"
    if not typed_in:
        operation = "deleted" if flag(entry, "isDeleted") else ""
        seen_at = moment(entry, "createdDateTime")
        yield from dep_facts(entry, DepRecord(attrs, "list", operation=operation, seen_at=seen_at))
    if state.lower() in _WAITING:
        yield Fact("mdm_row", moment(entry, "createdDateTime"), "mdm", state, row, entry.origin)
    elif typed_in:
        entry.skip(
            "an identity is not used, an administrator typed it in and it does not wait", attrs.get("serial", "")
        )


def _token(entry: Entry) -> Iterator[Fact]:
    """What Intune's DEP token did last, and until when it is valid."""
    attrs = entry.attrs({"server": ("tokenName",)}) | {"mdm": "intune"}
    if number := entry.word("id"):
        attrs["server_id"] = f"intune/{number}"
    synced_at = moment(entry, "lastSuccessfulSyncDateTime")
    if synced_at is not None:
        yield Fact("sync_ok", synced_at, "dep", "", attrs, entry.origin)
    code = entry.word("lastSyncErrorCode")
    if code not in {"", "0"}:
        cause = {"401": "token_expired", "429": "throttled"}.get(code, "")
        at = moment(entry, "lastSyncTriggeredDateTime")
        failed = attrs | {"status": code}
        yield Fact("sync_failed", at, "dep", code, failed, entry.origin, "L0" if cause else "", cause)
    expires_at = moment(entry, "tokenExpirationDateTime")
    if expires_at is not None:
        held = attrs | {"expires_at": instants.render(expires_at)}
        yield Fact("server_token", None, "token", "", held, entry.origin)


def _failure(entry: Entry) -> Iterator[Fact]:
    """An enrolment that failed at Intune, as its troubleshooting events tell it."""
    if not of_apple(entry, "operatingSystem"):
        return
    attrs = entry.attrs({"mdm_id": ("managedDeviceIdentifier", "deviceId"), "os_version": ("osVersion",)})
    if of_a_device(attrs, entry):
        words = [word for name in ("failureCategory", "failureReason") if (word := entry.word(name))]
        attrs |= {"mdm": "intune", "event": "enrollmentTroubleshootingEvent"}
        yield Fact("mdm_error", moment(entry, "eventDateTime"), "mdm", ": ".join(words)[:500], attrs, entry.origin)
