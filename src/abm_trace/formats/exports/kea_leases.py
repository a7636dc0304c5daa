"""The lease file of Kea's memfile backend, of DHCPv4 and DHCPv6: who asked for an address, and when last.

From: kea.readthedocs.io/en/stable/arm/dhcp4-srv.html (memfile) and src/lib/dhcpsrv/csv_lease_file4.h. `expire` is the
client's last transaction and `valid_lifetime` after it; a row with a lifetime of 0 deletes the lease.
"""

from collections.abc import Iterator
from typing import Final

from abm_trace.core import instants
from abm_trace.core.macs import normal
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, facts, header, sighting

FORMAT = Format(
    id="kea-leases",
    title="Kea DHCP leases (memfile CSV)",
    reference="https://kea.readthedocs.io/en/stable/arm/dhcp4-srv.html",
)

_COLUMNS: Final = frozenset({"address", "hwaddr", "valid_lifetime", "expire", "subnet_id"})
_DECLINED: Final = "1"
"""The state of an address that a client refused: `0` is leased, `2` expired, `3` given back."""

_DIGITS_MAX: Final = 11


def score(head: Head) -> float:
    """Sure of a CSV with Kea's columns."""
    return 0.98 if header(head) >= _COLUMNS else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `sighting` a row, at the time of the client's last transaction."""
    return facts(content, FORMAT, _say, columns=("hwaddr",))


def _say(entry: Entry) -> Iterator[Fact]:
    lifetime, expires = (entry.word(name) for name in ("valid_lifetime", "expire"))
    if entry.word("state") == _DECLINED or lifetime == "0":
        return
    said = entry.word("hwaddr")
    mac = normal(said)
    if mac is None:
        why = "its MAC address is none" if said else "it has no MAC address: DHCPv6 may know its client by a DUID alone"
        entry.skip(f"a row is not used, {why}", said[:40])
        return
    attrs = entry.attrs({"ip": ("address",), "hostname": ("hostname",)}) | {"mac": mac}
    place = f"subnet {subnet}" if (subnet := entry.word("subnet_id")) else ""
    if not all(text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX for text in (lifetime, expires)):
        entry.skip("a time is not used", f"expire, no count of seconds since 1970: {expires[:40]}")
        yield sighting(attrs, entry.origin, at=None, place=place)
        return
    until = int(expires) * instants.SECOND
    at = until - int(lifetime) * instants.SECOND
    yield sighting(attrs, entry.origin, at=at if 0 < at <= instants.LAST else None, place=place, until=until)
