"""dnsmasq's lease file: who has which address, and until when; it does not say when a client was there last.

From: lists.thekelleys.org.uk/pipermail/dnsmasq-discuss/2016q2/010595.html (lease_update_file in src/lease.c).
"""

import re
from collections.abc import Iterator

from abm_trace.core import instants
from abm_trace.core.macs import normal
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Notes, hint, lines, sighting

FORMAT = Format(
    id="dnsmasq-leases",
    title="dnsmasq leases",
    reference="https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html",
)

# 1779007632 a4:83:e7:0b:1c:2d 192.168.4.17 iPad-17 01:a4:83:e7:0b:1c:2d
_LEASE = re.compile(
    r"(\d{1,11}) (?:[0-9A-Fa-f]{2}-)?((?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}) ([0-9.]{7,15}) (\S{1,255}) (\S{1,800})",
    re.ASCII,
)
_SINCE_1970 = 1_000_000_000
"""A lesser number is no time: a dnsmasq for hosts without a clock writes how many seconds are left."""
# What DHCPv6 adds: the server's own DUID, and leases that name their clients by an IAID and no MAC address.
_V6 = re.compile(r"duid \S+|\d{1,11} T?\d{1,10} [0-9A-Fa-f:]{2,45} \S{1,255} \S{1,800}", re.ASCII)


def score(head: Head) -> float:
    """Sure where the first line is a lease of DHCPv4."""
    first = head.data[:4096].decode("utf-8", "replace").lstrip().split("\n", 1)[0].strip()
    return 0.93 + hint(head, "leases", "dnsmasq") if _LEASE.fullmatch(first) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `sighting` a lease of DHCPv4, without a time."""
    notes = Notes(content.path)
    for text, origin in lines(content, FORMAT.id):
        match = _LEASE.fullmatch(text)
        mac = normal(match[2]) if match else None
        if match and mac:
            attrs = {"mac": mac, "ip": match[3], "hostname": match[4].strip("*")}
            until = int(match[1]) if int(match[1]) >= _SINCE_1970 else 0  # 0: it never ends.
            yield sighting(attrs, origin, at=None, until=until * instants.SECOND or None)
        elif not _V6.fullmatch(text):
            notes.add("a line is not used, it is no lease", text[:80], origin.line, origin.offset)
    yield from notes
