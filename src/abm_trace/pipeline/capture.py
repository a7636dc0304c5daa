"""One capture, block by block: its hit lines are looked at, its first and last line its bounds, the rest is noise."""

import re
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from types import ModuleType
from typing import Final

from abm_trace import formats, signatures
from abm_trace.core.nouns import Record, Skipped
from abm_trace.formats.logs._interface import Layout, Stamps
from abm_trace.signatures import Signature
from abm_trace.signatures.scan import LINE_BYTES_MAX, Hit, Scanner

_LF: Final = 0x0A
_ODD: Final = ("\x00", "\t", "\r", "\ufeff", " \n")
_COLOUR: Final = re.compile("\x1b\\[[0-9;]*m")
_COUNTED: Final = re.compile(rb"([0-9]{1,7}) (?=<[0-9]{1,3}>)")
"""The octet count of RFC 6587, 3.4.1 before a message."""

_LINE_END_BYTES: Final = 2
"""A count may include the line's end."""

_MAY_COUNT: Final = frozenset({"rfc3164", "rfc5424"})
_YEARLESS: Final = frozenset({"idevicesyslog", "rfc3164"})
_HALF_A_YEAR_US: Final = 180 * 86_400 * 1_000_000
_SMALL_BYTES = 8 * 1024
_WITNESSES = 4
"""How many times inside a block show whether its lines are in order."""

_EDGE_LINES = 8
"""How many lines from either end are tried for the capture's first and last time."""


def plain(raw: bytes) -> str:
    """The text of one or several lines, without carriage returns and without the colours of a terminal."""
    text = raw.decode("utf-8", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").rstrip("\r")
    return _COLOUR.sub("", text) if "\x1b" in text else text


class Capture:
    """What the signatures see in one log, gathered over its blocks in order."""

    def __init__(self, path: str, module: ModuleType, stamps: Stamps, scanner: Scanner) -> None:
        self.sightings: list[signatures.Sighting] = []
        self.skipped: list[Skipped] = []
        self.first_at: int | None = None
        self.last_at: int | None = None
        self.host: str | None = None
        self.lines = 0
        self.count_lines = False
        self._path = path
        self._others = [each for each in formats.log_formats().values() if each is not module]
        self._frame = formats.frame(module)
        self._layout: Layout | None = getattr(module, "LAYOUT", None)
        self._stamps = stamps
        self._edges = stamps.beside()
        self._scanner = scanner
        self._offset = 0
        self._open = False
        self._buffer = bytearray()
        self._format = module.FORMAT.id
        self._may_count = self._format in _MAY_COUNT

    @property
    def yearless(self) -> bool:
        """Whether its times have no year."""
        return self._format in _YEARLESS

    def block(self, buffer: bytearray, size: int, *, last: bool) -> None:
        """Take the next block: whole lines, unless a line is longer than a block."""
        if not size:  # A byte order mark alone is no text.
            return
        self._buffer, begin = buffer, self._resume(buffer, size)
        stops = [begin]
        hits = self._scanner.hits(buffer, size)
        if begin:
            hits = [hit for hit in hits if hit[0] >= begin]
        for start, stop, _ in hits:
            stops += (start, stop)
        seen = len(self.sightings)
        self._hits(hits)
        stops.append(size)
        self._encoding(stops)
        self._bounds(begin, size, seen)
        if size > LINE_BYTES_MAX:
            self._long_lines(begin, size)
        if self.count_lines or not last:
            self.lines += buffer.count(b"\n", 0, size)
            self.lines += self.count_lines and last and size > 0 and buffer[size - 1] != _LF
        self._offset += size
        self._open = not last and buffer[size - 1] != _LF

    def _skip(self, position: int, reason: str) -> None:
        """Name what stands at `position` of the block; only here are lines counted."""
        line = self.lines + 1 + self._buffer.count(b"\n", 0, position)
        self.skipped.append(Skipped(self._path, reason, line, self._offset + position))

    def end(self) -> None:
        """Say what the capture as a whole had."""
        if self._stamps.repeated:
            reason = (
                "wall times of the hour that the autumn night repeats: read by their neighbours, may be an hour off"
            )
            self.skipped.append(Skipped(self._path, reason))

    def _resume(self, buffer: bytearray, size: int) -> int:
        """Where the block's first own line begins: behind the rest of a line that the last block left open."""
        if not self._open:
            return 0
        return buffer.find(b"\n", 0, size) + 1 or size

    def _hits(self, hits: list[Hit]) -> None:
        """The facts of the hit lines: all at once where they are of one layout, as they almost always are."""
        raws = [self._buffer[start:stop] for start, stop, _ in hits]
        rows = None
        if self._layout is not None and not self._may_count and hits:
            text = plain(b"\n".join(raws))
            if not any(odd in text for odd in _ODD) and not text.endswith(" "):  # Those are stripped line by line.
                rows = self._layout.rows(text, len(hits))
        if rows is None or self._layout is None:
            for raw, (start, _, candidates) in zip(raws, hits, strict=True):
                self._hit(bytes(raw), start, candidates)
            return
        layout, sightings = self._layout, self.sightings
        at_of = self._stamps.at
        minute, second, fraction, zone = layout.stamp
        for row, raw, (start, stop, candidates) in zip(rows, raws, hits, strict=True):
            host, process, subsystem, _, message = layout.source(row)
            scoped = signatures.in_scope(process, subsystem)
            try:
                at = at_of(row[minute], row[second], row[fraction], row[zone])
            except ValueError:
                self._hit(bytes(raw), start, candidates)
                continue
            for rule in candidates:
                if rule.quick is None:
                    record = layout.record(row, self._stamps)
                    sightings += signatures.match(record, (rule,), self._offset + start, stop - start)
                elif scoped and rule.quick(message):
                    names = layout.names(row, message)
                    if host:
                        names = {**names, "host": host}
                    value, attrs = signatures.said(rule, message, names)
                    sightings.append((rule.id, at, value, attrs, self._offset + start, stop - start))

    def _hit(self, raw: bytes, position: int, candidates: tuple[Signature, ...]) -> None:
        for start, message in self._messages(raw, position) if self._may_count else ((0, raw),):
            text = plain(message).strip("\ufeff\x00\r \t")
            record = self._frame(text, self._stamps) or self._other(text)
            if record is None:
                if any(anchor in text for each in candidates for anchor, _ in each.anchors):
                    reason = "a line that a signature may mean, but its time or its shape cannot be read"
                    self._skip(position, reason)
                continue
            offset = self._offset + position + start
            self.sightings += signatures.match(record, candidates, offset, len(message))

    def _messages(self, raw: bytes, position: int) -> Iterable[tuple[int, bytes]]:
        """The messages of a line: itself, or those that octet counts cut it into. A false count is named."""
        messages, start = [], 0
        while match := _COUNTED.match(raw, start):
            begin, count = match.end(), int(match[1])
            rest = len(raw.rstrip(b"\r")) - begin
            if count < rest and _COUNTED.match(raw, begin + count):
                messages.append((begin, raw[begin : begin + count]))
                start = begin + count
                continue
            if not 0 <= count - rest <= _LINE_END_BYTES:
                self._skip(position, f"a false octet count: {count} for {rest} bytes; the line was read to its end")
            messages.append((begin, raw[begin:]))
            break
        return messages or ((0, raw),)

    def _other(self, text: str) -> Record | None:
        """The record of a line in another format than the capture's: shared files mix them."""
        for module in self._others:
            if module.FORMAT.id not in _YEARLESS or self.yearless:
                record = formats.frame(module)(text, self._stamps)
                if record is not None:
                    return record
        return None

    def _encoding(self, stops: list[int]) -> None:
        """Name bytes between the hit lines that are not UTF-8; almost all blocks are ASCII there."""
        for start, end in zip(stops[::2], stops[1::2], strict=True):
            gap = self._buffer[start:end]
            if gap.isascii():
                continue
            try:
                gap.decode()
            except UnicodeDecodeError as error:
                self._skip(start + error.start, "bytes that are not UTF-8, from here; they were read as U+FFFD")
                return

    def _bounds(self, begin: int, size: int, seen: int) -> None:
        """When the capture begins and ends: its first and last line, or the earliest and latest where lines are mixed.

        That they are mixed shows in the hit lines (those from the number `seen` on are of this block); where there are
        few of them, some lines between are looked at too, and in a small block all.
        """
        first = self._first(begin, size)
        if first is None:
            return
        times = [at for _, at, *_ in self.sightings[seen:] if at is not None]
        if len(times) < _WITNESSES:
            places = [begin + (size - begin) * part // _WITNESSES for part in range(1, _WITNESSES)]
            times = [each.at for place in places if (each := self._next(place, size))] or times
        last = self._last(begin, size) or first
        self.host = first.host if first.host == last.host and self.host in {None, first.host} else ""
        times = [first.at, *times, last.at]
        mixed = any(later < earlier for earlier, later in pairwise(times)) and not self._turn_of_year(times)
        if mixed or (size - begin <= _SMALL_BYTES and not self.yearless):
            times += self._every_time(begin, size)
        self.first_at = min(times) if self.first_at is None else min(self.first_at, *times)
        self.last_at = max(times) if self.last_at is None else max(self.last_at, *times)

    def _turn_of_year(self, times: list[int]) -> bool:
        """Whether times without a year go back because a new one began."""
        return self.yearless and max(earlier - later for earlier, later in pairwise(times)) > _HALF_A_YEAR_US

    def _every_time(self, begin: int, size: int) -> list[int]:
        """The earliest and the latest time of all lines of the block."""
        text = plain(bytes(memoryview(self._buffer)[begin:size]))
        times, stamps = [], self._stamps.beside()
        if self._layout is None:
            times = [record.at for line in text.split("\n") if (record := self._frame(line, stamps))]
        else:
            for row in self._layout.pattern.findall(text):
                with suppress(ValueError):
                    times.append(self._layout.at(row, stamps))
        return [min(times), max(times)] if times else []

    def _first(self, begin: int, size: int) -> Record | None:
        position = begin
        for _ in range(_EDGE_LINES):
            stop = self._buffer.find(b"\n", position, size)
            stop = size if stop < 0 else stop
            record = self._record(position, stop)
            position = stop + 1
            if record is not None or position >= size:
                return record
        return None

    def _next(self, place: int, size: int) -> Record | None:
        """The record of the first whole line behind a place in the block."""
        start = self._buffer.find(b"\n", place, size) + 1
        stop = self._buffer.find(b"\n", start, size)
        return self._record(start, size if stop < 0 else stop) if start else None

    def _last(self, begin: int, size: int) -> Record | None:
        """The record of the last line that has one; an unfinished last line that has none is named as cut."""
        stop = size
        for _ in range(_EDGE_LINES):
            start = self._buffer.rfind(b"\n", begin, max(stop - 1, begin)) + 1 or begin
            record = self._record(start, stop)
            if record is not None:
                return record
            if stop == size and self._buffer[size - 1] != _LF and not self._known(start, size):
                self._skip(start, "the last line is cut")
            stop = start
            if start <= begin:
                return None
        return None

    def _known(self, start: int, size: int) -> bool:
        """Whether an unfinished last line is named already, or holds nothing."""
        rest = self._buffer[start:size].strip(b"\x00\r\t ")
        return not rest or any(each.offset == self._offset + start for each in self.skipped)

    def _record(self, start: int, stop: int) -> Record | None:
        line = bytes(memoryview(self._buffer)[start : min(stop, start + 4096)])
        return self._frame(plain(line).strip("\ufeff\x00\r\n \t"), self._edges)

    def _long_lines(self, begin: int, size: int) -> None:
        """Name the lines longer than LINE_BYTES_MAX: what stands beyond it was not read."""
        position = begin
        while size - position > LINE_BYTES_MAX:
            cut = self._buffer.rfind(b"\n", position, position + LINE_BYTES_MAX + 1)
            if cut >= 0:
                position = cut + 1
                continue
            self._skip(position, "a line longer than 1 MiB; the rest of it was not read")
            position = self._buffer.find(b"\n", position, size) + 1
            if not position:
                return
