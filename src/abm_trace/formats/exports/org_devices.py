"""Apple's own list of an organisation's devices (`/v1/orgDevices`): in it, assigned to a server, or released from it.

From: developer.apple.com/documentation/applebusinessapi/orgdevice; the School API's rows are the same. Scripts keep the
attributes alone, as JSON or CSV: such a row says as much, but nobody knows whether all of them were kept.
"""

import re
from collections.abc import Iterable, Iterator

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, facts, hint, is_json, keys, named, paged, resource, types

FORMAT = Format(
    id="org-devices",
    title="Apple Business and School API: orgDevices (JSON, NDJSON, and their attributes as CSV)",
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


_SERIAL = re.compile(r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{8,14}")
"""What is as long as serial numbers are: an id of another kind says nothing."""

_DATES = ("addedToOrgDateTime", "updatedDateTime", "releasedFromOrgDateTime")
_FIELDS = {
    name.lower(): name
    for name in (
        *_DATES, "status", "mdmMigrationStatus", "mdmMigrationDeadlineDateTime", *_LISTS.values(),
        *(names[0] for names in _ATTRS.values()),
    )
}  # fmt: skip
"""The attributes' names by their names in lower case, as a table has them."""


def score(head: Head) -> float:
    """Sure of rows of this type with attributes, of an empty page whose own link says so, and of attributes alone."""
    found = types(head)
    if "orgDevices+" in found or "/orgDevices" in found:
        return 0.93 + hint(head, "device")
    return 0.92 if _are_attributes(frozenset(name.lower() for name in keys(head))) else 0.0


def _are_attributes(names: frozenset[str]) -> bool:
    """Whether these names, in lower case, are of attributes without the row around them."""
    return {"serialnumber", "addedtoorgdatetime"} <= names or {
        "serialnumber", "productfamily", "devicemodel", "status",
    } <= names  # fmt: skip


def read(content: Content) -> Iterator[Fact | Skipped]:
    """`known` for each row; then `released`, or `assigned` or `unassigned`; and `migration` where one is under way."""
    if is_json(content.header or content.data):
        return paged(content, FORMAT, _say, covers="org")
    return facts(content, FORMAT, _row, columns=("serialnumber",))


def _row(entry: Entry) -> Iterable[Fact]:
    """A row of a table of attributes, in Apple's own names; `None` is how scripts write what is not there."""
    return _alone(entry._replace(fields={_FIELDS.get(name, name): value for name, value in entry.fields.items()}))


def _alone(said: Entry) -> Iterator[Fact]:
    """What attributes say without the row around them; of a device that they lack nothing follows."""
    told = False
    for fact in _facts(said, {}):
        told = True
        yield fact
    if told:
        yield Fact("coverage", None, "org", "org", {}, said.origin)


def _say(entry: Entry) -> Iterable[Fact]:
    if "type" not in entry.fields and "serialNumber" in entry.fields:
        yield from _alone(entry)
        return
    row, _ = resource(entry)
    if row.text("type") != "orgDevices":
        entry.skip("a record is no orgDevices row and is not used", row.text("type"))
        return
    if row.fields.get("attributes", "") is None:
        row.skip("a row of a device has no attributes, only its id is used")
    said = row.inside("attributes")
    more = assigned_server(row)
    if not said.fields.get("serialNumber"):
        more |= row.attrs({"serial": ("id",)})
    else:
        _compare(row.fields.get("id"), said)
    yield from _facts(said, more)


def _compare(number: object, said: Entry) -> None:
    """Names a row whose id is another device's serial number. Apple calls it opaque; it is the serial number itself."""
    serial = said.fields["serialNumber"]
    if not (isinstance(number, str) and isinstance(serial, str) and _SERIAL.fullmatch(number)):
        return
    if number.upper() != serial.strip().upper():
        said.skip("the id of a row is not its serialNumber, which counts", f"{number}, {serial}")


def _facts(said: Entry, more: dict[str, str]) -> Iterator[Fact]:
    """What the attributes of a device say; `more` is what the row around them does."""
    attrs = said.attrs(_ATTRS)
    for name, field in _LISTS.items():
        if text := first(said, field):
            attrs[name] = text
    attrs |= more
    if not named(attrs, said):
        return
    yield Fact("known", said.instant("addedToOrgDateTime"), "abm", "", attrs, said.origin)
    released_at = said.instant("releasedFromOrgDateTime")
    status = said.word("status").upper()
    updated_at = said.instant("updatedDateTime")
    if released_at is not None or said.word("releasedFromOrgDateTime"):
        yield Fact("released", released_at, "abm", "", attrs, said.origin)
    elif status in {"ASSIGNED", "UNASSIGNED"}:
        yield Fact(status.lower(), updated_at, "abm", status, attrs, said.origin)
    elif status:
        said.skip("a status is none of those that are known", said.word("status"))
    if migration := said.word("mdmMigrationStatus"):
        deadline_at = said.instant("mdmMigrationDeadlineDateTime")
        deadline = {} if deadline_at is None else {"migration_deadline": instants.render(deadline_at)}
        yield Fact("migration", None, "abm", migration.upper(), attrs | deadline, said.origin)


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
