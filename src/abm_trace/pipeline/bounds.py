"""When a capture begins and ends: its first and last line, or the earliest and latest where lines are mixed."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Final

from abm_trace.core.nouns import Record
from abm_trace.formats.logs._noise import noise_of
from abm_trace.pipeline.block import Block
from abm_trace.pipeline.framing import COLOUR, Framing, plain

EDGE_LINES: Final = 64
"""How many lines from either end are tried for the capture's first and last time. Origin: ours."""

EDGE_BYTES: Final = 4096
OBJECT_BYTES: Final = 64 * 1024
"""How much of such a line is read: of a text, and of an object, which has no beginning without its end."""

_DAEMONS: Final = frozenset(
    {
        "apache2", "caddy", "containerd", "cron", "depserver", "depsyncer", "dhcpd", "dnsmasq", "dockerd", "fleet",
        "haproxy", "httpd", "kea-dhcp4", "kea-dhcp6", "micromdm", "named", "nanodep", "nanomdm", "nginx", "postgres",
        "scepserver", "squid", "sshd", "systemd", "tomcat", "traefik", "unbound",
    }
)  # fmt: skip
"""What runs on servers and on no device of Apple's that enrols. Origin: ours, the names that journals give them."""

_HALF_A_YEAR_US: Final = 180 * 86_400 * 1_000_000
_SMALL_BYTES: Final = 8 * 1024
_PIECE_CHARS: Final = 256 * 1024
_WITNESSES: Final = 4
"""How many times inside a block show whether its lines are in order."""


class Bounds:
    """The first and the last time of one capture, gathered over its blocks, and the host that all its edges name.

    `host` is None before the first block, "" where they differ. `of_server` says that daemons of servers wrote all
    edges: such a log begins with no boot. `met` are the records that were looked at in the block, where the format has
    a clock of the machine: the text, the record, and where it stands.
    """

    def __init__(self, framing: Framing, block: Block) -> None:
        self.first_at: int | None = None
        self.last_at: int | None = None
        self.host: str | None = None
        self.of_server = False
        self._framing = framing
        self._block = block
        self.met: list[tuple[str, Record, tuple[int, int]]] = []
        self._cut: int | None = None

    def take(self, seen: Sequence[int]) -> int | None:
        """Look at the block, whose hit lines have the times `seen`; where its last line begins, if that was cut.

        That lines are mixed shows in the hit lines; where there are few of them, some lines between are looked at too,
        and in a small block all.
        """
        block, self._cut = self._block, None
        self.met.clear()
        first = self._first()
        if first is None:
            return None
        begin, size = block.begin, block.size
        between: list[int] = []
        if len(seen) < _WITNESSES:
            places = [begin + (size - begin) * part // _WITNESSES for part in range(1, _WITNESSES)]
            between = [each.at for place in places if (each := self._next(place))]
        last = self._last() or first
        daemons = _DAEMONS.issuperset({first.process.casefold(), last.process.casefold()})
        self.of_server = daemons and (self.of_server or self.host is None)
        self.host = first.host if first.host == last.host and self.host in {None, first.host} else ""
        orders = [[first.at, *each, last.at] for each in (seen, between)]
        times = [at for each in orders for at in each]
        mixed = any(later < earlier for each in orders for earlier, later in pairwise(each))
        if (mixed and not self._turn_of_year(times)) or size - begin <= _SMALL_BYTES:
            every = self._every_time()
            times += () if self._turn_of_year(every) else every
        self.first_at = min(times) if self.first_at is None else min(self.first_at, *times)
        self.last_at = max(times) if self.last_at is None else max(self.last_at, *times)
        return self._cut

    def _turn_of_year(self, times: Sequence[int]) -> bool:
        """Whether times without a year lie on both sides of the turn of one."""
        return self._framing.yearless and bool(times) and max(times) - min(times) > _HALF_A_YEAR_US

    def _every_time(self) -> list[int]:
        """The earliest and the latest time of all lines of the block."""
        framing = self._framing
        text = plain(self._block.part(self._block.begin, self._block.size))
        times, stamps = [], framing.stamps.beside()
        if framing.layout is None:
            times = [record.at for line in text.split("\n") if (record := framing.own(line, stamps))]
        else:
            for layout in (framing.layout, *framing.kin):
                for start, stop in _pieces(text):
                    for row in layout.pattern.findall(text, start, stop):
                        with suppress(ValueError):
                            times.append(layout.at(row, stamps))
        return [min(times), max(times)] if times else []

    def _first(self) -> Record | None:
        position, size = self._block.begin, self._block.size
        for _ in range(EDGE_LINES):
            stop = self._block.buffer.find(b"\n", position, size)
            stop = size if stop < 0 else stop
            record = self._record(position, stop)
            position = stop + 1
            if record is not None or position >= size:
                return record
        return None

    def _next(self, place: int) -> Record | None:
        """The record of the first whole line behind a place in the block."""
        start = self._block.buffer.find(b"\n", place, self._block.size) + 1
        stop = self._block.buffer.find(b"\n", start, self._block.size)
        return self._record(start, self._block.size if stop < 0 else stop) if start else None

    def _last(self) -> Record | None:
        """The record of the last line that has one; an unfinished last line that has none is remembered as cut."""
        buffer, begin, size = self._block.buffer, self._block.begin, self._block.size
        stop = size
        for _ in range(EDGE_LINES):
            start = buffer.rfind(b"\n", begin, max(stop - 1, begin)) + 1 or begin
            record = self._record(start, stop)
            if record is not None:
                return record
            if stop == size and buffer[size - 1 : size] != b"\n" and not _says_nothing(buffer[start:size]):
                self._cut = start
            stop = start
            if start <= begin:
                return None
        return None

    def _record(self, start: int, stop: int) -> Record | None:
        framing = self._framing
        stop = min(stop, start + (OBJECT_BYTES if framing.objects else EDGE_BYTES))
        text = plain(self._block.part(start, stop)).strip("\ufeff\x00\r\n \t")
        record = framing.own(text, framing.edges)
        if record is None and framing.yearless:
            record = next((found for each in framing.kin if (found := each.frame(text, framing.edges))), None)
        if record is not None and framing.clock is not None:
            self.met.append((text, record, (self._block.offset + start, stop - start)))
        return record


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """The text in pieces of whole lines, [start, stop): the rows of all its lines at once take 20 times as much."""
    start = 0
    while start < len(text):
        stop = text.find("\n", start + _PIECE_CHARS)
        stop = len(text) if stop < 0 else stop
        yield start, stop
        start = stop + 1


def _says_nothing(line: bytearray) -> bool:
    rest = COLOUR.sub(b"", line).strip(b"\x00\r\t ")
    return not rest or noise_of(plain(bytes(rest[:EDGE_BYTES]))) is not None
