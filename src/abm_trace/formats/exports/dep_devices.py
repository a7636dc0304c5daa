"""Pages of the DEP service's device list, as Apple gave them to the MDM: `/server/devices` and `/devices/sync`.

From: developer.apple.com/documentation/devicemanagement/fetch-devices and sync-devices.
"""

from collections.abc import Iterable, Iterator, Mapping

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    MORE,
    Entry,
    dated,
    dep_facts,
    dep_record,
    dep_time,
    follows,
    glimpse,
    hint,
    named,
    paged,
)

FORMAT = Format(
    id="dep-devices",
    title="DEP device list, fetch and sync (JSON, NDJSON)",
    reference="docs/facts.md#dep-devices",
    covers=("dep",),
)

_PAGE = frozenset({"cursor", "more_to_follow"})
_RECORD = frozenset({
    "serial_number", "model", "description", "color", "asset_tag", "device_family", "os", "profile_status",
    "profile_uuid", "profile_assign_time", "profile_push_time", "device_assigned_date", "device_assigned_by", "op_type",
    "op_date", "mdm_migration_deadline", "response_status",
})  # fmt: skip
_SURE = frozenset({"profile_status", "device_assigned_date", "op_type", "profile_assign_time"})


def score(head: Head) -> float:
    """Sure of a page with its cursor, and of records with Apple's names alone; likely where there are others too."""
    for fields in [fields for fields in glimpse(head) if fields][:1]:
        if "serial_number" in fields and (sure := len(_SURE & fields.keys())):
            return (0.9 if fields.keys() <= _RECORD else 0.55 if sure == 1 else 0.8) + hint(head, "dep")
        if (isinstance(fields.get("devices"), list) and not _PAGE.isdisjoint(fields)) or _is_empty(fields):
            return 0.9 + hint(head, "dep")
    return 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What each record proves: `dep_record`, `assigned`, `synced`, `pushed`; dated by its op_date, else by its page."""
    return paged(content, FORMAT, _say, covers="dep", mend=dated)


def _say(entry: Entry) -> Iterable[Fact]:
    if _is_empty(entry.fields):
        return _empty(entry)
    record = dep_record(entry)
    return dep_facts(entry, record) if named(record.attrs, entry) else ()


def _is_empty(fields: Mapping[str, object]) -> bool:
    """Whether this is a page whose list of devices was left out, or written as null: a Go program's empty list."""
    return fields.keys() >= _PAGE and fields.get("devices") is None and "serial_number" not in fields


def _empty(entry: Entry) -> Iterator[Fact]:
    """How far an empty page reaches; nothing follows from one that others follow."""
    more = follows(entry)
    at = None if more else dep_time(entry, "fetched_until")
    if more:
        entry.skip(MORE)
    if more or at is not None:
        yield Fact("coverage", at, "dep", "dep", {}, entry.origin)
