"""Apple's own audit events (`/v1/auditEvents`): devices that came, went, or were given to a server; none enrols.

From: developer.apple.com/documentation/applebusinessapi/get-audit-events.
"""

import re
from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, hint, paged, resource, types

FORMAT = Format(
    id="apple-audit",
    title="Apple Business API: auditEvents (JSON, NDJSON)",
    reference="docs/facts.md#apple-audit",
)

_KINDS = {
    "DEVICE_ADDED_TO_ORG": "known",
    "DEVICE_ASSIGNED_TO_SERVER": "assigned",
    "DEVICE_UNASSIGNED_FROM_SERVER": "unassigned",
    "DEVICE_REMOVED_FROM_ORG": "released",
}
# A serial number as Apple writes it, not an id of the API (`device-xyz789`) nor a name (`MacBook Pro`).
_SERIAL = re.compile(r"(?=[A-Z]*[0-9])[A-Z0-9]{8,14}")


def score(head: Head) -> float:
    """Sure of rows of this type, and of an empty page whose own link says so."""
    found = types(head)
    return 0.93 + hint(head, "audit") if not found.isdisjoint({"auditEvents", "auditEvents+", "/auditEvents"}) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One fact an event: `known`, `assigned`, `unassigned`, `released`; any other, or a failed one, `audit_event`."""
    return paged(content, FORMAT, _say)


def _say(entry: Entry) -> Iterable[Fact]:
    row, _ = resource(entry)
    if row.text("type") != "auditEvents":
        entry.skip("a record is no auditEvents row and is not used", row.text("type"))
        return
    said = row.inside("attributes")
    event = said.text("type")
    if not event:
        entry.skip("a record is not used, it has no type of event")
        return
    at = said.instant("eventDateTime")
    if at is None:
        entry.skip("an event has no time")
    attrs = _attrs(said)
    kind = _KINDS.get(event.upper(), "audit_event")
    outcome = said.word("outcome")
    if outcome.upper() not in {"", "SUCCESS"}:
        kind = "audit_event"
        attrs["outcome"] = outcome
    if kind != "audit_event" and "serial" not in attrs:
        entry.skip("an event names no device", event)
        kind = "audit_event"
    yield Fact(kind, at, "audit", event, attrs, entry.origin)


def _attrs(said: Entry) -> dict[str, str]:
    """`serial` and `server` of an event, from its own data, else from its subject."""
    key = said.text("eventDataPropertyKey")
    data = said.inside(key) if key else said._replace(fields={})
    attrs = data.attrs({"serial": ("serialNumber",), "server": ("targetServerName",)})
    if "\ufffd" in attrs.get("serial", ""):
        said.skip("a serial number is not used, it is damaged", attrs.pop("serial"))
    if "serial" not in attrs and said.text("subjectType").upper() == "DEVICE":
        for name in ("subjectId", "subjectName"):
            if _SERIAL.fullmatch(text := said.text(name)):
                attrs["serial"] = text
                break
    return attrs
