"""The lease file of ISC's dhcpd: every change of a lease, with the time of the client's last transaction.

From: dhcpd.leases(5), manpages.debian.org. `cltt` is the last transaction, also of a lease that has ended since;
without it `starts` counts, of a lease that is active. Times are UTC, or `epoch N` (db-time-format local).
"""

import re
from collections.abc import Iterator
from typing import Final

from abm_trace.core import instants
from abm_trace.core.macs import normal
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Notes, hint, origin_of, sighting

FORMAT = Format(
    id="dhcpd-leases",
    title="ISC dhcpd leases",
    reference="https://manpages.debian.org/bookworm/isc-dhcp-server/dhcpd.leases.5.en.html",
)

_BEGIN: Final = re.compile(rb"^lease[ \t]+([0-9.]{7,15})[ \t]*\{", re.MULTILINE)
_END: Final = re.compile(rb"^\}", re.MULTILINE)
_BLOCK_BYTES_MAX: Final = 16 * 1024
"""The longest declaration that is read. Origin: ours; real ones have some hundred bytes."""

# "  cltt 2 2026/05/17 08:47:12;" or "  cltt epoch 1779007632; # Sun May 17 08:47:12 2026"
_TIME: Final = re.compile(
    rb"^[ \t]*(starts|ends|cltt)[ \t]+(?:epoch[ \t]+(\d{1,11})|[0-6][ \t]+(\d{4})/(\d\d?)/(\d\d?)[ \t]+([\d:]{5,8}))",
    re.MULTILINE,
)
_HARDWARE: Final = re.compile(rb"^[ \t]*hardware[ \t]+ethernet[ \t]+([0-9A-Fa-f:]{11,17});", re.MULTILINE)
_STATE: Final = re.compile(rb"^[ \t]*binding[ \t]+state[ \t]+([a-z]{1,20});", re.MULTILINE)
_NAME: Final = re.compile(rb'^[ \t]*client-hostname[ \t]+"([^"\n]{1,255})";', re.MULTILINE)

# What stands between declarations of leases: comments, statements ("server-duid …;"), the state of a failover peer.
_STRAY: Final = re.compile(
    rb"^(?![ \t\r]*(?:#|\}?[ \t\r]*$|[a-z][a-z0-9-]*[ \t][^{}\n]*;[ \t\r]*$|failover[ \t]peer[^\n]*\{[ \t\r]*$))[^\n]+",
    re.MULTILINE,
)


def score(head: Head) -> float:
    """Sure of a lease declaration with a time or a hardware address in it."""
    found = _BEGIN.search(head.data) if b"lease" in head.data else None
    if found is None:
        return 0.0
    block = head.data[found.end() : found.end() + _BLOCK_BYTES_MAX]
    return 0.94 + hint(head, "lease") if _TIME.search(block) or _HARDWARE.search(block) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `sighting` a declaration that names a client. One without its end, or too long, is named, and so is what is
    no declaration.
    """
    notes = Notes(content.path)
    data = content.data
    line, counted, read_to = content.line, 0, 0
    nobody: int | None = None
    told = False
    for record, found in enumerate(_BEGIN.finditer(data), content.record):
        start = found.start()
        line, counted = _strays(content, notes, (read_to, start), line, counted)
        read_to = start
        line += data.count(b"\n", counted, start)
        counted = start
        last = found.end() + _BLOCK_BYTES_MAX
        following = _BEGIN.search(data, found.end(), last)
        ends = _END.search(data, found.end(), following.start() if following else last)
        if ends is None:
            notes.add("a lease is not used, it is not closed or too long", "", line, content.offset + start)
            read_to = following.start() if following else min(last, len(data))
            continue
        read_to = ends.end()
        block = data[start : ends.end()]
        hardware = _HARDWARE.search(block)
        mac = normal(hardware[1].decode("ascii")) if hardware else None
        if mac is None:
            nobody = nobody or line
            continue  # Nobody has it any more.
        told = True
        times = dict(_times(block, notes, line, content.offset + start))
        state = _STATE.search(block)
        at = times.get("cltt")
        if at is None and (state is None or state[1] == b"active"):
            at = times.get("starts")
        name = _NAME.search(block)
        hostname = name[1].decode("utf-8", "replace") if name else ""
        attrs = {"mac": mac, "ip": found[1].decode("ascii"), "hostname": hostname}
        origin = origin_of(content, FORMAT.id, block, start, line=line, record=record)
        yield sighting(attrs, origin, at=at, until=times.get("ends"))
    _strays(content, notes, (read_to, len(data)), line, counted)
    if nobody and not told:
        notes.add("no lease says whose it is, none has a hardware address", "", nobody, None)
    yield from notes


def _strays(content: Content, notes: Notes, gap: tuple[int, int], line: int, counted: int) -> tuple[int, int]:
    """Name the lines of a gap that are nothing of a lease file; the number of the last one, and where it begins."""
    for found in _STRAY.finditer(content.data, *gap):
        line += content.data.count(b"\n", counted, found.start())
        counted = found.start()
        notes.add("a line is not used, it is no declaration of a lease", "", line, content.offset + counted)
    return line, counted


def _times(block: bytes, notes: Notes, line: int, offset: int) -> Iterator[tuple[str, int]]:
    """(statement, µs UTC) of each time in a declaration; an impossible one is named."""
    for match in _TIME.finditer(block):
        name = match[1].decode("ascii")
        if match[2]:
            at = int(match[2]) * instants.SECOND
            if at <= instants.LAST:
                yield name, at
                continue
            text = match[2].decode("ascii")
        else:
            year, month, day, clock = (match[number].decode("ascii") for number in (3, 4, 5, 6))
            text = f"{year}-{month:>02}-{day:>02}T{clock}Z"
            try:
                yield name, instants.parse(text)
                continue
            except ValueError:
                pass
        notes.add("a time is not used", f"{name}, {text[:40]}", line, offset)
