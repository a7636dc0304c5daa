"""Apple's own list of an organisation's devices (`/v1/orgDevices`): in it, assigned to a server, or released from it.

From: developer.apple.com/documentation/applebusinessapi/orgdevice; the School API's rows are the same.
"""

from collections.abc import Iterable, Iterator

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, hint, named, paged, resource, types

FORMAT = Format(
    id="org-devices",
    title="Apple Business and School API: orgDevices (JSON, NDJSON)",
    reference="docs/facts.md#org-devices",
    covers=("org",),
)

_ATTRS = {
    "serial": ("serialNumber",),
    "model": ("deviceModel",),
    "product_type": ("productType",),
    "eid": ("eid",),
    "wifi_mac": ("wifiMacAddress",),
    "bluetooth_mac": ("bluetoothMacAddress",),
    "added_at": ("addedToOrgDateTime",),
}
_LISTS = {"imei": "imei", "meid": "meid", "ethernet_mac": "ethernetMacAddress"}


def score(head: Head) -> float:
    """Sure of rows of this type with attributes, and of an empty page whose own link says so."""
    found = types(head)
    return 0.93 + hint(head, "device") if "orgDevices+" in found or "/orgDevices" in found else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """`known` for each row; then `released`, or `assigned` or `unassigned`; and `migration` where one is under way."""
    return paged(content, FORMAT, _say, covers="org")


def _say(entry: Entry) -> Iterable[Fact]:
    row, _ = resource(entry)
    if row.text("type") != "orgDevices":
        entry.skip("a record is no orgDevices row and is not used", row.text("type"))
        return
    said = row.inside("attributes")
    attrs = said.attrs(_ATTRS)
    if "serial" not in attrs and not said.fields.get("serialNumber"):
        attrs |= row.attrs({"serial": ("id",)})
    for name, field in _LISTS.items():
        if text := first(said, field):
            attrs[name] = text
    attrs |= assigned_server(row)
    if not named(attrs, entry):
        return
    yield Fact("known", said.instant("addedToOrgDateTime"), "abm", "", attrs, entry.origin)
    released_at = said.instant("releasedFromOrgDateTime")
    status = said.word("status").upper()
    updated_at = said.instant("updatedDateTime")
    if released_at is not None or said.word("releasedFromOrgDateTime"):
        yield Fact("released", released_at, "abm", "", attrs, entry.origin)
    elif status in {"ASSIGNED", "UNASSIGNED"}:
        yield Fact(status.lower(), updated_at, "abm", status, attrs, entry.origin)
    elif status:
        entry.skip("a status is none of those that are known", status)
    if migration := said.word("mdmMigrationStatus"):
        deadline_at = said.instant("mdmMigrationDeadlineDateTime")
        deadline = {} if deadline_at is None else {"migration_deadline": instants.render(deadline_at)}
        yield Fact("migration", None, "abm", migration.upper(), attrs | deadline, entry.origin)


def first(entry: Entry, name: str) -> str:
    """The text in a field, or the first one in its list: older answers give an IMEI as text, newer ones in a list."""
    value = entry.fields.get(name)
    if isinstance(value, list):
        return entry._replace(fields={name: value[0]}).text(name) if value else ""
    return entry.text(name)


def assigned_server(row: Entry) -> dict[str, str]:
    """`server_id` and `server` where the row's relationship says to which server it is assigned."""
    related = row.inside("relationships").inside("assignedServer")
    if not isinstance(related.fields.get("data"), dict):  # A link to it is all that a list gives as a rule.
        return {}
    data = related.inside("data")
    found = {"server_id": data.text("id"), "server": data.inside("attributes").text("serverName")}
    return {name: value for name, value in found.items() if value}
