"""The device list of ABM: which devices it shows, and since when as what."""

from collections.abc import Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, facts, hint, is_bare, keys, named, sample

FORMAT = Format(
    id="abm-devices",
    title="ABM device list (JSON, NDJSON, CSV)",
    reference="docs/facts.md#abm-devices",
    covers=("abm",),
)

_ATTRS = {
    "serial": ("serial_number", "serial"),
    "udid": ("udid",),
    "device_id": ("device_id",),
    "region": ("region",),
    "token_id": ("token_id",),
}

_STATES = frozenset({"registered", "pending"})
_DEP = frozenset(
    {"profile_status", "device_assigned_date", "cursor", "more_to_follow"}
)  # Apple's own lists of devices.


def score(head: Head) -> float:
    """Sure of records with `status_since`; likely where they have a `device_id` and a `status` as ABM writes them."""
    names = keys(head)
    if "status_since" in names:
        return 0.9 + hint(head, "abm", "device")
    rows = sample(head)
    if {"device_id", "status"} <= names and "registrationStatus" not in names:
        known = [row for row in rows if "status" in row]
        return 0.7 + hint(head, "abm", "device") if not known or any(_is_row(row) for row in known) else 0.0
    if "devices" not in names or names & _DEP or any(isinstance(each.get("devices"), dict) for each in rows):
        return 0.0
    return 0.4 + hint(head, "abm", "device") if is_bare(head, "devices") else 0.0


def _is_row(row: dict[str, object]) -> bool:
    """Whether a record could be ABM's; where it is longer than the head, its names alone are known."""
    status, device_id = row.get("status"), row.get("device_id")
    return (
        (status is None and device_id is None)
        or (isinstance(status, str) and status.strip().lower() in _STATES)
        or (isinstance(device_id, str) and device_id.startswith("dev_"))
    )


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One fact a row: `registered` or `pending`, else `known` with its status."""
    return facts(content, FORMAT, _say, columns=("status_since", "device_id"), covers="abm")


def _say(entry: Entry) -> Iterator[Fact]:
    attrs = entry.attrs(_ATTRS)
    if named(attrs, entry):
        status = entry.text("status").lower()
        known = status not in {"registered", "pending"}
        if known:
            entry.skip("a status is none of those that are known", status)
        at = entry.instant("status_since")
        yield Fact("known" if known else status, at, "abm", status if known else "", attrs, entry.origin)
