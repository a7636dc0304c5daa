"""The MDM's inventory in the guide's own columns: which devices it has a record of, and how they enrolled."""

import re
from collections.abc import Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, facts, hint, keys, named, untold

FORMAT = Format(
    id="mdm-inventory",
    title="MDM inventory (CSV, JSON, NDJSON)",
    reference="docs/facts.md#mdm-inventory",
    covers=("mdm",),
)

# A CSV's names come in lower case, JSON's as they stand.
_METHOD = ("enrollmentMethod", "enrollmentmethod")
_TOKEN = ("abmTokenId", "abmtokenid")
_ENROLLED = re.compile(rb"enrolled_at", re.IGNORECASE)
"""A file without this name says of no device whether it is enrolled; a blank in one that has it does."""
_ATTRS = {
    "serial": ("serial_number", "serial"),
    "udid": ("udid",),
    "mdm_id": ("mdm_id",),
    "created_at": ("created_at",),
    "supervised": ("supervised",),
    "mdm": ("mdm",),
    "wifi_mac": ("wifi_mac", "wifiMacAddress", "wifimacaddress"),
    "ethernet_mac": ("ethernet_mac", "ethernetMacAddress", "ethernetmacaddress"),
}


def score(head: Head) -> float:
    """Sure of records that have a serial number and two of the guide's columns."""
    names = {name.lower() for name in keys(head)}
    if "serial_number" not in names or "event_type" in names:
        return 0.0
    found = names & {"created_at", "enrolled_at", "enrollmentmethod", "abmtokenid"}
    return min(0.5 + 0.2 * len(found), 0.9) + hint(head, "mdm", "inventory") if found else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One fact a row: enrolled (by ABM, by hand, or without a token), or a record that is not enrolled."""
    tokened, methodical = b'"abmTokenId"' in content.data, b'"enrollmentMethod"' in content.data
    told = _ENROLLED.search(content.header or content.data) is not None

    def say(entry: Entry) -> Iterator[Fact]:
        attrs = entry.attrs(_ATTRS)
        if not named(attrs, entry):
            return
        method = entry.word(*_METHOD)
        token = entry.word(*_TOKEN)
        attrs |= {name: value for name, value in (("method", method), ("token_id", token)) if value}
        if not told:
            yield from untold(entry, attrs, "enrolled_at")
            return
        at = entry.instant("enrolled_at")
        if at is None and entry.word("enrolled_at"):
            yield from untold(entry, attrs, "enrolled_at that can be read")
            return
        if at is None:
            yield Fact("mdm_row", entry.instant("created_at"), "mdm", "", attrs, entry.origin)
            return
        if method and method.lower() != "abm":
            kind = "enrolled_by_hand"
        elif (not method and (methodical or _METHOD[1] in entry.fields)) or (
            not token and (tokened or _TOKEN[1] in entry.fields)
        ):
            kind = "enrolled_without_token"  # Or without a method, where the export has that.
        else:
            kind = "enrolled"
        yield Fact(kind, at, "mdm", "", attrs, entry.origin)

    return facts(content, FORMAT, say, columns=("serial_number", "serial"), covers="mdm")
