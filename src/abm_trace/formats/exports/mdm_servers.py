"""The MDM servers of an organisation as Apple's API lists them, with the time at which each last talked to Apple.

From: developer.apple.com/documentation/applebusinessapi/mdmserver.
"""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, hint, paged, resource, types

FORMAT = Format(
    id="mdm-servers",
    title="Apple Business and School API: mdmServers (JSON, NDJSON)",
    reference="docs/facts.md#mdm-servers",
)

_ATTRS = {
    "server": ("serverName",),
    "status": ("status",),
    "server_type": ("serverType",),
    "device_count": ("deviceCount",),
}


def score(head: Head) -> float:
    """Sure of rows of this type with attributes, and of an empty page whose own link says so."""
    found = types(head)
    return 0.92 + hint(head, "server") if "mdmServers+" in found or "/mdmServers" in found else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `server` a row, at the time of its last connection."""
    return paged(content, FORMAT, _say)


def _say(entry: Entry) -> Iterable[Fact]:
    row, _ = resource(entry)
    if row.text("type") != "mdmServers":
        entry.skip("a record is no mdmServers row and is not used", row.text("type"))
        return
    said = row.inside("attributes")
    attrs = said.attrs(_ATTRS)
    if server_id := row.text("id"):
        attrs["server_id"] = server_id
    if "server" not in attrs and "server_id" not in attrs:
        entry.skip("a record is not used, it names no server")
        return
    yield Fact("server", said.instant("lastConnectedDateTime"), "abm", attrs.get("server", ""), attrs, entry.origin)
