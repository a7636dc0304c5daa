"""Which device is assigned to which MDM server, as Apple's API gives it: a server's devices, or a device's server.

From: developer.apple.com/documentation/applebusinessapi/get-all-device-ids-for-a-device-management-service and
get-the-assigned-device-management-service-id-for-a-device.
"""

from collections.abc import Iterable, Iterator

import msgspec

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, hint, named, paged, resource, self_path, types

FORMAT = Format(
    id="server-devices",
    title="Apple Business and School API: devices of a server, server of a device (JSON, NDJSON)",
    reference="docs/facts.md#server-devices",
)


def score(head: Head) -> float:
    """Sure of rows that name devices and say nothing of them, and of answers whose own link asks for a server."""
    found = types(head)
    links = [kind for kind in found if kind.startswith("/")]
    if any(link.endswith(("/assignedServer", "/relationships/devices")) for link in links):
        return 0.95 + hint(head, "server")
    return 0.9 + hint(head, "server") if "orgDevices" in found and "orgDevices+" not in found else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """`assigned` for each pair; `unassigned` for a device that has no server (`"data": null`)."""
    return paged(content, FORMAT, _say, mend=_mended)


def _say(entry: Entry) -> Iterable[Fact]:
    row, around = resource(entry)
    kind = row.text("type")
    path = self_path(around.fields)
    attrs: dict[str, str] = {}
    if kind == "orgDevices":
        attrs = row.attrs({"serial": ("id",)}) | _server_of(path)
    elif path[:1] == ["orgDevices"] and path[-1] == "assignedServer" and len(path) > 2:
        attrs["serial"] = path[1]
        attrs["server_id"] = row.text("id")
        attrs["server"] = row.inside("attributes").text("serverName")
    else:
        entry.skip("a record does not say which device has which server, it is not used", kind)
        return
    attrs = {name: value for name, value in attrs.items() if value}
    if not named(attrs, entry):
        return
    if kind in {"mdmServers", "orgDevices"}:
        yield Fact("assigned", None, "abm", "", attrs, entry.origin)
    elif "data" in row.fields and row.fields["data"] is None:
        yield Fact("unassigned", None, "abm", "UNASSIGNED", attrs, entry.origin)
    else:
        entry.skip("a record does not say which device has which server, it is not used", kind)


def _mended(fact: Fact, page: Entry, _: int | None) -> Fact:
    """The fact with the server that the page's own link names."""
    attrs = _server_of(self_path(page.fields))
    return msgspec.structs.replace(fact, attrs=fact.attrs | attrs) if attrs else fact


def _server_of(path: list[str]) -> dict[str, str]:
    """The server's id in `mdmServers/1F97349736CF4614A94F624E705841AD/relationships/devices`."""
    return {"server_id": path[1]} if len(path) > 2 and path[0] == "mdmServers" else {}
