"""What somebody had Apple do with devices (`/v1/orgDeviceActivities`): assign, unassign, release, and how it ended.

From: developer.apple.com/documentation/applebusinessapi/orgdeviceactivity. Which devices it was is not in the answer.
"""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, hint, paged, resource, types

FORMAT = Format(
    id="org-activities",
    title="Apple Business and School API: orgDeviceActivities (JSON, NDJSON)",
    reference="docs/facts.md#org-activities",
)

_KINDS = frozenset({"orgDeviceActivities", "orgDeviceActivities+", "/orgDeviceActivities"})
# `downloadUrl` is a link that opens by itself: it is not kept.
_ATTRS = {"activity_id": ("id",)}
_SAID = {"status": ("status",), "sub_status": ("subStatus",), "completed_at": ("completedDateTime",)}


def score(head: Head) -> float:
    """Sure of rows of this type, and of an empty page whose own link says so."""
    return 0.93 + hint(head, "activit") if not types(head).isdisjoint(_KINDS) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `audit_event` an activity; its value is the activity's type, where the answer repeats it."""
    return paged(content, FORMAT, _say)


def _say(entry: Entry) -> Iterable[Fact]:
    row, _ = resource(entry)
    if row.text("type") != "orgDeviceActivities":
        entry.skip("a record is no orgDeviceActivities row and is not used", row.text("type"))
        return
    said = row.inside("attributes")
    attrs = row.attrs(_ATTRS) | said.attrs(_SAID)
    event = said.text("activityType") or "ORG_DEVICE_ACTIVITY"
    yield Fact("audit_event", said.instant("createdDateTime"), "audit", event, attrs, entry.origin)
