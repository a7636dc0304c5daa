"""The ABM audit export: what ABM itself recorded of each device."""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, facts, hint, is_bare, keys, named

FORMAT = Format(
    id="audit", title="ABM audit export (JSON, NDJSON, CSV)", reference="docs/facts.md#audit", covers=("audit",)
)

_KINDS = {
    "device_enrollment_requested": "requested",
    "device_enrollment_registered": "registered",
    "device_registered": "registered",
    "profile_assigned": "profile",
    "enrollment_complete": "enrolled",
    "device_enrollment_rejected": "rejected",
    "dep_device_synced": "synced",
}
_ATTRS = {
    "serial": ("serial_number", "serial"),
    "udid": ("udid",),
    "device_id": ("device_id",),
    "request_id": ("request_id",),
    "device_identifier": ("device_identifier",),
    "region": ("region",),
    "token_id": ("token_id",),
}
_NAMES = frozenset(field for fields in _ATTRS.values() for field in fields)
"""Without one of them or its time, an `event_type` may be that of any program's events."""


def score(head: Head) -> float:
    """Sure of records with `event_type` and `occurred_at`; likely where they name a device; a page may be empty."""
    names = keys(head)
    if "event_type" in names and ("occurred_at" in names or names & _NAMES):
        return 0.6 + (0.3 if "occurred_at" in names else 0.0) + hint(head, "audit")
    return 0.4 + hint(head, "audit") if "events" in names and is_bare(head, "events") else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One fact an event; unknown types are kept as `audit_event`."""
    return facts(content, FORMAT, _say, columns=("event_type",), covers="audit")


def _say(entry: Entry) -> Iterable[Fact]:
    event = entry.text("event_type")
    if not event:
        entry.skip("a record is not used, it has no event_type")
        return ()
    kind = _KINDS.get(event, "audit_event")
    attrs = entry.attrs(_ATTRS)
    if kind == "audit_event":
        value = event
    elif not named(attrs, entry):
        return ()
    else:
        value = entry.text("reason") if kind == "rejected" else ""
    at = entry.instant("occurred_at")
    if at is None:
        entry.skip("an event has no time")
    return (Fact(kind, at, "audit", value, attrs, entry.origin),)
