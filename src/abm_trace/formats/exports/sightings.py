"""Who was seen where and when: a table of serial numbers or MAC addresses, a time, a place.

A list of one's own, the clients of a Wi-Fi controller, the leases of a Windows DHCP server. Their column names:
- Meraki `/networks/{id}/clients`: developer.cisco.com/meraki/api-v1/get-network-clients
- UniFi `stat/sta` and `clients/history`: github.com/Art-of-WiFi/UniFi-API-client (list_clients)
- Aruba Central `/monitoring/v2/clients`: developer.arubanetworks.com (macaddr, associated_device_name, …)
- Cisco Prime `ClientSessions` and its report: Prime Infrastructure API reference (macAddress, sessionStartTime, …)
- `Get-DhcpServerv4Lease | Export-Csv`: learn.microsoft.com, class DhcpServerv4Lease (ClientId, LeaseExpiryTime, …)
"""

from collections.abc import Iterator
from typing import Final

from abm_trace.core import instants
from abm_trace.core.macs import normal
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, facts, hint, keys, sighting

FORMAT = Format(
    id="sightings",
    title="Sightings: Wi-Fi clients, DHCP leases of Windows, any table (CSV, JSON)",
    reference="docs/facts.md#sightings",
)


def _spelled(*names: str) -> tuple[str, ...]:
    """The names as JSON has them and as the header of a CSV is read."""
    return tuple(dict.fromkeys((*names, *(name.lower() for name in names))))


_SERIAL: Final = _spelled("serial", "serial_number", "serial number", "serialNumber")
_MAC: Final = _spelled(
    "mac", "macaddr", "mac_address", "mac address", "macAddress", "clientMac", "client_mac", "client mac",
    "client mac address", "ClientId", "hardware address",
)  # fmt: skip
_SEEN: Final = _spelled(
    "seen_at", "seen at", "lastSeen", "last_seen", "last seen", "last_connection_time", "sessionStartTime",
    "session start time", "association time", "connected at", "lease start",
)  # fmt: skip
_TIMES: Final = ("time", "timestamp", "date", "at")
"""Names that tables of any kind have; they count where a place or a MAC address stands beside them."""

_UNTIL: Final = _spelled("LeaseExpiryTime", "lease_expires", "lease expiration", "expires")
_SITES: Final = _spelled("site", "location", "map location", "building", "networkName", "ScopeId")
_POINTS: Final = _spelled(
    "place", "room", "recentDeviceName", "ap_name", "ap name", "apName", "access point", "access_point", "ap",
    "last_uplink_name", "associated_device_name", "connected to", "ap_mac", "apMacAddress",
)  # fmt: skip
_NETWORKS: Final = _spelled("ssid", "essid", "network")
_ATTRS: Final = {
    "serial": _SERIAL,
    "ip": _spelled("ip", "ip address", "ip_address", "ipAddress", "IPAddress", "ipv4", "client ip address"),
    "hostname": _spelled("hostname", "host name", "HostName", "dhcpHostname", "description", "name"),
}
_OTHERS: Final = frozenset({
    "model", "model_number", "os_version", "build", "token_id", "udid", "io_platform_uuid", "secure_rom_uuid",
    "staged_at", "staging_host", "event_type", "created_at", "offset_seconds", "supervised", "managed",
})  # fmt: skip
"""A manifest's, an inventory's, an audit's: what has one of these lists devices, and no sightings."""

_NO_CLIENT: Final = frozenset({"inactivereservation", "declined", "offered"})
"""States of a Windows lease that no client has taken."""

_MILLISECONDS_FROM: Final = 10**11
"""A count since 1970 from here on is of milliseconds: as seconds it would lie beyond the year 5000. Origin: ours."""


_VERDICTS = frozenset({"verdict", "last_rung", "last_seen"})
"""What the tool itself says of devices: a claim, and no evidence of where they are."""


def score(head: Head) -> float:
    """Sure of a table that says who, when and where, and none of the things that lists of devices say."""
    names = {name.lower() for name in keys(head)}
    mac = not names.isdisjoint(_MAC)
    others = names & _OTHERS or names >= _VERDICTS or any("enrol" in name for name in names)
    if others or not (mac or names & set(_SERIAL)):
        return 0.0
    point = not names.isdisjoint(_POINTS)
    seen = not names.isdisjoint(_SEEN)
    where = point or not names.isdisjoint((*_SITES, *_NETWORKS, *_ATTRS["ip"]))
    leased = mac and not names.isdisjoint(_UNTIL)
    if not where or not (seen or leased or (names & set(_TIMES) and (point or mac))):
        return 0.0
    return 0.85 + hint(head, "sighting", "wifi", "wi-fi", "dhcp", "lease", "client")


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `sighting` a row, with the MAC address in one spelling; a lease that no client took gives none."""
    return facts(content, FORMAT, _say, columns=(*_SERIAL, *_MAC))


def _say(entry: Entry) -> Iterator[Fact]:
    if entry.word("AddressState", "addressstate").lower() in _NO_CLIENT:
        return
    attrs = entry.attrs(_ATTRS)
    if "\ufffd" in attrs.get("serial", ""):
        entry.skip("a serial number is not used, it is damaged", attrs.pop("serial"))
    said = entry.word(*_MAC)
    if mac := normal(said):
        attrs["mac"] = mac
    elif said:
        entry.skip("a MAC address is none", said[:40])
    if not {"serial", "mac"} & attrs.keys():
        entry.skip("a row is not used, it names no device")
        return
    places = (entry.word(*names) for names in (_SITES, _POINTS))
    place = ", ".join(dict.fromkeys(filter(None, places))) or entry.word(*_NETWORKS)
    yield sighting(attrs, entry.origin, at=_time(entry, *_SEEN, *_TIMES), place=place, until=_time(entry, *_UNTIL))


def _time(entry: Entry, *names: str) -> int | None:
    """The time in the first of these fields, RFC 3339 or a count of seconds or milliseconds; else None (named)."""
    name = next((name for name in names if entry.fields.get(name) not in (None, "")), "")
    text = entry.word(name) if name else ""
    if not (text.isascii() and text.isdecimal()):
        return entry.instant(name) if text else None
    count = int(text[:20])
    at = count * (instants.SECOND if count < _MILLISECONDS_FROM else instants.SECOND // 1000)
    if 0 < at <= instants.LAST:
        return at
    if count:
        entry.skip("a time is not used", f"{name}, no count of seconds since 1970: {text[:40]}")
    return None
