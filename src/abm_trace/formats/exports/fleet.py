"""Fleet: its hosts with their MDM status, one host or many, the report of hosts as CSV, and its activities.

Shapes: fleetdm.com/docs/rest-api (hosts, activities). A host that Apple assigned and that never came is `Pending`.
"""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    DepRecord,
    Entry,
    dep_facts,
    flag,
    hint,
    inventory,
    is_bare,
    keys,
    moment,
    of_a_device,
    of_apple,
    postures,
    sample,
    untold,
)

FORMAT = Format(
    id="fleet",
    title="Fleet hosts and activities (JSON, NDJSON, CSV)",
    reference="https://fleetdm.com/docs/rest-api/rest-api",
    covers=("mdm",),
)

_ATTRS = {
    "serial": ("hardware_serial",),
    "model": ("hardware_model",),
    "os_version": ("os_version",),
    "build": ("build",),
    "wifi_mac": ("primary_mac",),
}
_STATUS = "mdm.enrollment_status"
_ENROLLED_AT = {"darwin": ("last_mdm_enrolled_at",)}
_ENROLLED_AT_OTHERS = ("last_mdm_enrolled_at", "last_enrolled_at")
"""When a host was enrolled. A Mac's `last_enrolled_at` is when its osquery was, another time altogether; of an iPad it
is the MDM's. From: fleetdm/fleet issues 20059, 17710."""

_STATES = {
    "on (automatic)": "enrolled",
    "on (company-owned)": "enrolled",
    "on (manual)": "enrolled_by_hand",
    "on (personal)": "enrolled_by_hand",
    "pending": "mdm_row",
    "off": "mdm_row",
    "": "mdm_row",
}
_ACTIVITIES = frozenset({"mdm_enrolled", "mdm_unenrolled"})
_OWN = frozenset({
    "mdm", "mdm.enrollment_status", "platform", "last_enrolled_at", "last_mdm_enrolled_at", "osquery_version",
    "team_id",
})  # fmt: skip
"""What Fleet's hosts have beside the serial; osquery's own tables and LoRaWAN have a `hardware_serial` too."""


def score(head: Head) -> float:
    """Sure of records with a hardware serial and Fleet's own names; likely of an empty page of hosts."""
    names = keys(head)
    found = 0.0
    if ("hardware_serial" in names and names & _OWN) or any(_is_own(record) for record in sample(head)):
        found = 0.97
    elif "host" in names and b'"hardware_serial"' in head.data:
        found = 0.9  # The host is longer than the head.
    elif "activities" in names and b'"host_serial"' in head.data:
        found = 0.95
    elif "hosts" in names and is_bare(head, "hosts"):
        found = 0.45
    return min(found + hint(head, "fleet"), 1.0) if found else 0.0


def _is_own(record: dict[str, object]) -> bool:
    """Whether a record is one host by itself, or an activity about a host's enrolment."""
    host, details = record.get("host"), record.get("details")
    if isinstance(host, dict):
        return "hardware_serial" in host
    kind = record.get("type")
    return isinstance(details, dict) and "host_serial" in details and isinstance(kind, str) and kind in _ACTIVITIES


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What each host or activity says; one line names all activities that are about something else."""
    others = 0
    last = Origin(content.path, FORMAT.id)

    def say(entry: Entry) -> Iterable[Fact]:
        nonlocal others, last
        if isinstance(entry.fields.get("host"), dict):
            return _host(entry.inside("host"))
        if isinstance(entry.fields.get("activity"), dict):
            entry = entry.inside("activity")
        if "details" not in entry.fields or "hardware_serial" in entry.fields:
            return _host(entry)
        if entry.word("type") in _ACTIVITIES:
            return _activity(entry)
        others += 1
        last = entry.origin
        return ()

    yield from inventory(content, FORMAT, say, columns=("hardware_serial",))
    if others:
        number = "1 activity says" if others == 1 else f"{others:,} activities say"
        reason = f"{number} nothing of an enrolment: not used, the last one here"
        yield Skipped(content.path, reason, last.line, last.offset)


def _host(entry: Entry) -> Iterator[Fact]:
    """A host: enrolled, by hand, pending (Apple assigned it, so it was synced) or off."""
    if not of_apple(entry, "platform"):
        return
    attrs = entry.attrs(_ATTRS)
    if uuid := entry.word("uuid"):  # A Mac's is that of its hardware, the UDID of the others.
        attrs["io_platform_uuid" if entry.word("platform").lower() == "darwin" else "udid"] = uuid
    if number := entry.word("id"):
        attrs["mdm_id"] = f"fleet/{number}"
    if not of_a_device(attrs, entry):
        return
    attrs["mdm"] = "fleet"
    mdm = entry.inside("mdm")
    word = mdm.word("enrollment_status") or entry.word(_STATUS)
    kind = _STATES.get(word.lower(), "")
    created_at = moment(entry, "created_at")
    if not _tells(entry):
        yield from untold(entry, attrs, _STATUS)
    elif not kind:
        entry.skip("an enrolment status is none of those that are known", word)
    elif kind == "mdm_row":
        yield Fact("mdm_row", created_at, "mdm", word, attrs, entry.origin)
    else:
        names = _ENROLLED_AT.get(entry.word("platform").lower(), _ENROLLED_AT_OTHERS)
        yield Fact(kind, moment(entry, *names), "mdm", "", attrs | {"method": word}, entry.origin)
    if word.lower() == "pending":
        yield Fact("synced", created_at, "dep", "", attrs, entry.origin)
    if flag(mdm, "dep_profile_error"):
        yield Fact("assign_failed", None, "dep", "FAILED", attrs, entry.origin)
        if word.lower() == "pending":  # It waits without a profile, and will set up as a consumer's device.
            yield from dep_facts(entry, DepRecord(attrs, "list", "empty"))
    if "disk_encryption_enabled" in entry.fields:
        yield from postures(entry, attrs, {"disk encryption": ("disk_encryption_enabled",)})


def _tells(entry: Entry) -> bool:
    """Whether a host says how it stands with the MDM; one without any (`"mdm": null`) says that it is in none."""
    if _STATUS in entry.fields:
        return True
    mdm = entry.fields.get("mdm")
    return "enrollment_status" in mdm if isinstance(mdm, dict) and mdm else "mdm" in entry.fields


def _activity(entry: Entry) -> Iterator[Fact]:
    """That a host was enrolled or taken out of the MDM."""
    name = entry.word("type")
    details = entry.inside("details")
    platform = details.word("mdm_platform").lower()
    attrs = details.attrs({"serial": ("host_serial",)}) | {"mdm": "fleet", "event": name}
    if platform not in {"", "apple"} or not of_a_device(attrs, entry):
        return
    by_ade = flag(details, "installed_from_dep")
    if by_ade:
        attrs["method"] = "installed_from_dep"
    kind = "checked_out" if name == "mdm_unenrolled" else "enrolled_by_hand" if by_ade is False else "enrolled"
    yield Fact(kind, moment(entry, "created_at", "timestamp"), "mdm", "", attrs, entry.origin)
