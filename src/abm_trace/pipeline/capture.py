"""One capture, block by block: its hit lines are looked at, its first and last line its bounds, the rest is noise."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from itertools import pairwise
from types import ModuleType
from typing import Final, NamedTuple

import msgspec

from abm_trace import formats, signatures
from abm_trace.core.nouns import NO_ATTRS, Fact, Origin, Record, Skipped
from abm_trace.formats._interface import HEAD_BYTES
from abm_trace.formats.logs._array import Array
from abm_trace.formats.logs._interface import Layout, Stamps, names_in
from abm_trace.formats.logs._noise import noise_of
from abm_trace.pipeline.boots import Boots
from abm_trace.pipeline.losses import LOSS, connects, loss_of
from abm_trace.signatures import Signature
from abm_trace.signatures.scan import LINE_BYTES_MAX, Hit, Scanner

_LF: Final = 0x0A
_ODD: Final = ("\x00", "\t", "\r", "\ufeff", " \n")
_COLOUR: Final = re.compile("\x1b\\[[0-9;]*m")
_COUNTED: Final = re.compile(rb"([0-9]{1,7}) (?=<[0-9]{1,3}>)")
"""The octet count of RFC 6587, 3.4.1 before a message."""

_COUNTED_LINE: Final = re.compile(rb"^([0-9]{1,7}) <[0-9]{1,3}>[^\n]*", re.MULTILINE)

_LINE_END_BYTES: Final = 2
"""A count may include the line's end."""

_MAY_COUNT: Final = frozenset({"rfc3164", "rfc5424"})
_YEARLESS: Final = frozenset({"idevicesyslog", "rfc3164"})
"""Sisters: macOS's `system.log` has lines of both, so the bounds of either are told from both."""

_HALF_A_YEAR_US: Final = 180 * 86_400 * 1_000_000
_SMALL_BYTES = 8 * 1024
_WITNESSES = 4
"""How many times inside a block show whether its lines are in order."""

_EDGE_LINES = 64
"""How many lines from either end are tried for the capture's first and last time."""

_EDGE_BYTES = 4096
_OBJECT_BYTES = 64 * 1024
"""How much of such a line is read: of a text, and of an object, which has no beginning without its end."""

_STARTS: Final = re.compile(r"\[?\s*\{\s*\"|(?=.{0,48}?[0-9]{2}:[0-9]{2}:[0-9]{2})[0-9<A-Z\[]")
"""How a line of any format begins: with an object, or with what has a time of day. Anything else is asked of none."""

_STAMP_LIKE: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[\x00\ufffd]")
_STAMP_WITHIN: Final = 80
_TRIES_MAX: Final = 4
"""What has a stamp, or damage, near its beginning is a damaged line and no second line of a message; and how many
lines that look like a record's first and are none are passed on the way to it."""

MESSAGE_LINES_MAX: Final = 64
MESSAGE_BYTES_MAX: Final = 64 * 1024
"""How far above a line without a stamp the record may begin that it belongs to. Origin: ours."""

_NAMED_MAX: Final = 900
"""How many things of one capture are named one by one, below what a reading may name. Origin: ours."""

_SAME_LINE: Final = 256
"""How many sightings back one of the same record may stand. Origin: ours."""

REPEATS_FROM: Final = 50_000
"""From how many sightings of a log on those that say the same of the same time are kept once. Origin: ours."""

_SPANS_MAX: Final = 1_000_000
"""How much is spent on later lines of messages in a log, in signatures asked and 256 bytes looked at. Origin: ours,
some seconds."""

_FIRED_MAX: Final = 512
_FIRED_CHARS_MAX: Final = 2_000
"""How many messages, and how long ones, are known again with the signatures that mean them. Origin: ours."""

_MARKS_MAX: Final = 50_000
"""How many records of a log are put on the machine's own clock. Origin: ours."""

LOSSES_MAX: Final = 16
"""How many losses of one log become facts; the rest are counted. Origin: ours."""

_KEYS: Final = (b'"eventMessage"', b'"message"')
"""Where an object of an array is cited: at its message, whose line says more than `},{`."""


def plain(raw: bytes) -> str:
    """The text of one or several lines, without carriage returns and without the colours of a terminal."""
    text = raw.decode("utf-8", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").rstrip("\r")
    return _COLOUR.sub("", text) if "\x1b" in text else text


_NO_BOOTS: Final = Boots()
"""Of a log that does not say which boot a record is of."""


class _Head(NamedTuple):
    """The first line of a record: its place in the blob, its length, what it says, and how many lines below we are."""

    offset: int
    length: int
    record: Record
    away: int


class Capture:
    """What the signatures see in one log, gathered over its blocks in order."""

    def __init__(self, path: str, module: ModuleType, stamps: Stamps, scanner: Scanner) -> None:
        self.sightings: list[signatures.Sighting] = []
        self.facts: list[Fact] = []
        self.skipped: list[Skipped] = []
        self.first_at: int | None = None
        self.last_at: int | None = None
        self.host: str | None = None
        self.lines = 0
        self.count_lines = False
        self._size = 0
        self._path = path
        self._format = module.FORMAT.id
        self._module = module
        self._frame = formats.frame(module)
        self._layout: Layout | None = getattr(module, "LAYOUT", None)
        self._stamps = stamps
        self._edges = stamps.beside()
        self._scanner = scanner
        self._offset = 0
        self._open = False
        self._buffer = bytearray()
        self._may_count = self._format in _MAY_COUNT
        self._objects: bool = getattr(module, "OBJECTS", False)
        self._clock: Callable[[str], tuple[str, int] | None] | None = getattr(module, "clock", None)
        self._boots = Boots() if self._clock else _NO_BOOTS
        self._array: Array | None = None
        self._begun = False
        self._carry = b""
        self._physical: bytes | bytearray = b""
        self._counted = (0, 0)
        self._tail = b""
        self._walked: tuple[int, _Head | None] = (-1, None)
        self._told: tuple[int, set[str]] = (-1, set())
        self._fired: dict[str, tuple[bool, tuple[Signature, ...], list[Signature]]] = {}
        self._spans = self._repeats = self._marks = 0
        self._repeats_at = REPEATS_FROM
        self._more: dict[str, int] = {}
        self._losses = 0
        self._connections = 0

    @cached_property
    def _others(self) -> list[ModuleType]:
        """The formats that a line of a shared file may have beside the capture's."""
        return [each for each in formats.log_formats().values() if each is not self._module]

    @cached_property
    def _kin(self) -> list[Layout]:
        """The layouts of the sisters of a format without years."""
        return [each.LAYOUT for each in self._others if self.yearless and each.FORMAT.id in _YEARLESS]

    @property
    def yearless(self) -> bool:
        """Whether its times have no year."""
        return self._format in _YEARLESS

    def settle(self) -> None:
        """Before the next block: keep what was seen once, where a log says the same again and again.

        A verdict does not depend on duplicates; the first of them is cited.
        """
        if len(self.sightings) < self._repeats_at:
            return
        seen: set[tuple[object, ...]] = set()
        kept: list[signatures.Sighting] = []
        number_of = [0]
        for each in self.sightings:
            said = (*each[:3], *each[3].items())
            if said not in seen:
                seen.add(said)
                kept.append(each)
            number_of.append(len(kept))
        self._repeats += len(self.sightings) - len(kept)
        self._boots.renumber(number_of)
        self.sightings = kept
        self._repeats_at = max(REPEATS_FROM, 2 * len(kept))

    def block(self, buffer: bytearray, size: int, *, last: bool) -> None:
        """Take the next block: whole lines, unless a line is longer than a block."""
        if self._objects and not self._begun:
            self._array = Array.of(bytes(memoryview(buffer)[: min(size, HEAD_BYTES)]))
        self._begun = True
        if self._array is not None:
            self._objects_of(self._array, bytes(memoryview(buffer)[:size]), last=last)
        elif size:  # A byte order mark alone is no text.
            self._block(buffer, size, buffer, last=last)

    def _objects_of(self, array: Array, data: bytes, *, last: bool) -> None:
        """Take the next piece of an array: the objects that end in it, each on a line of its own."""
        raw = self._carry + data
        flat = bytearray(array.lines(raw))
        cut = len(flat) if last else flat.rfind(b"\n") + 1
        if not cut and len(raw) > LINE_BYTES_MAX:
            cut = len(flat)
        self._carry = raw[cut:]
        if cut:
            del flat[cut:]
            self._block(flat, cut, raw, last=last)
        if last and raw.rstrip(b" \t\r\n\x00")[-1:] != b"]" and not self.skipped:
            self.skipped.append(Skipped(self._path, "the array is cut: its end is missing", offset=self._offset))

    def _block(self, buffer: bytearray, size: int, physical: bytes | bytearray, *, last: bool) -> None:
        """The lines of a block; `physical` are the same bytes with the line feeds that the blob has."""
        self._buffer, self._size, begin = buffer, size, self._resume(buffer, size)
        self._physical, self._counted = physical, (0, 0)
        stops = [begin]
        hits = self._scanner.hits(buffer, size)
        if begin:
            hits = [hit for hit in hits if hit[0] >= begin]
        for start, stop, _ in hits:
            stops += (start, stop)
        seen = len(self.sightings)
        if lost := [hit for hit in hits if hit[2][-1] is LOSS]:
            hits = [hit for hit in hits if hit[2][0] is not LOSS]
            self._lost(lost)
        self._hits(hits)
        stops.append(size)
        self._encoding(stops)
        if self._may_count:
            self._counts(stops)
        self._bounds(begin, size, seen)
        if size > LINE_BYTES_MAX:
            self._long_lines(begin, size)
        if self.count_lines or not last:
            self.lines += physical.count(b"\n", 0, size)
            self.lines += self.count_lines and last and size > 0 and buffer[size - 1] != _LF
        self._offset += size
        self._open = not last and buffer[size - 1] != _LF
        if not last:
            self._tail = (self._tail + bytes(memoryview(buffer)[max(0, size - MESSAGE_BYTES_MAX) : size]))[
                -MESSAGE_BYTES_MAX:
            ]

    def _skip(self, position: int, reason: str) -> None:
        """Name what stands at `position` of the block; only here are lines counted."""
        if len(self.skipped) >= _NAMED_MAX:
            self._more[reason] = self._more.get(reason, 0) + 1
            return
        before, lines = self._counted if self._counted[0] <= position else (0, 0)
        lines += self._physical.count(b"\n", before, position)
        self._counted = (position, lines)
        self.skipped.append(Skipped(self._path, reason, self.lines + 1 + lines, self._offset + position))

    def end(self) -> None:
        """Say what the capture as a whole had."""
        if self._stamps.repeated:
            reason = (
                "wall times of the hour that the autumn night repeats: read by their neighbours, may be an hour off"
            )
            self.skipped.append(Skipped(self._path, reason))
        for reason, count in list(self._more.items())[:20] if self._more else ():
            self.skipped.append(Skipped(self._path, f"{reason} ({count:,} more like this)"))
        if self._losses > LOSSES_MAX:
            reason = f"the log says at {self._losses - LOSSES_MAX:,} more places that messages were lost"
            self.skipped.append(Skipped(self._path, reason))
        if self._connections > 1:
            reason = (
                f"[connected] stands {self._connections:,} times: the device was away in between, and what it said then"
                " is missing"
            )
            self.skipped.append(Skipped(self._path, reason))
        if self._marks > _MARKS_MAX:
            reason = f"{self._marks - _MARKS_MAX:,} records were not put on the machine's own clock, there are too many"
            self.skipped.append(Skipped(self._path, reason))
        if self._boots.marks:
            self._set_clocks_right()

    def _set_clocks_right(self) -> None:
        """Put what was stamped before the clock was set back within a boot to the time of the later clock."""
        moved = self._boots.set_right()
        for jump in self._boots.unsure[:LOSSES_MAX]:
            reason = (
                f"the clock went back {jump.back_us / 1e6:.3f} s within one boot ({jump.boot}); too few records to set"
                " the times before it right, they stand as written"
            )
            self.skipped.append(Skipped(self._path, reason, offset=jump.place[0]))
        if moved is None:
            return
        for number, at in moved.items():
            self.sightings[number] = (self.sightings[number][0], at, *self.sightings[number][2:])
        times = [mark.at for marks in self._boots.marks.values() for mark in marks]
        self.first_at, self.last_at = min(times), max(times)
        for jump in self._boots.jumps[:LOSSES_MAX]:
            origin = Origin(self._path, self._format, *jump.place)
            seconds = f"{jump.back_us / 1e6:.6f}".rstrip("0").rstrip(".")
            self.facts.append(Fact("clock_jump", jump.at, "log", seconds, {"boot": jump.boot}, origin))

    def _lost(self, hits: list[Hit]) -> None:
        """The facts of the lines in which the log says that it lost messages."""
        for start, stop, _ in hits:
            line = bytes(memoryview(self._buffer)[start:stop])
            text = plain(line).strip("\ufeff\x00\r \t")
            record = self._frame(text, self._edges) or self._other(text, self._edges)
            said = loss_of(text, record)
            if said is None:
                self._connections += record is None and connects(text)
                continue
            self._losses += 1
            if self._losses > LOSSES_MAX:
                continue
            value, by = said
            at = record.at if record else None
            if record is None and not self._objects and (head := self._head(start)):
                at = head.record.at
            attrs = {"by": by, **({"host": record.host} if record and record.host else NO_ATTRS)}
            origin = Origin(self._path, LOSS.id.lstrip("~"), self._offset + start, stop - start)
            self.facts.append(Fact(LOSS.fact, at, "log", value, attrs, origin))

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
        layout, sightings, fired = self._layout, self.sightings, self._fired
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
            before = len(sightings)
            known = fired.get(message)
            if known is None or known[0] != scoped or known[1] != candidates:
                known = scoped, candidates, [r for r in candidates if r.quick is None or (scoped and r.quick(message))]
                if len(message) < _FIRED_CHARS_MAX:
                    if len(fired) == _FIRED_MAX:
                        fired.clear()
                    fired[message] = known
            for rule in known[2]:
                if rule.quick is None:
                    record = layout.record(row, self._stamps)
                    sightings += signatures.match(record, (rule,), self._offset + start, stop - start)
                else:
                    names = layout.names(row, message)
                    if host:
                        names = {**names, "host": host}
                    value, attrs = signatures.said(rule, message, names)
                    sightings.append((rule.id, at, value, attrs, self._offset + start, stop - start))
            if scoped and len(sightings) == before and (more := self._below(stop)):
                self._spanning(layout.record(row, self._stamps), more, candidates, (start, stop))

    def _hit(self, raw: bytes, position: int, candidates: tuple[Signature, ...]) -> None:
        for start, message in self._messages(raw, position) if self._may_count else ((0, raw),):
            text = plain(message).strip("\ufeff\x00\r \t")
            record = self._frame(text, self._stamps) or self._other(text)
            if record is None:
                if not self._continued(position, raw, text, candidates) and any(
                    anchor in text for each in candidates for anchor, _ in each.anchors
                ):
                    reason = "a line that a signature may mean, but its time or its shape cannot be read"
                    self._skip(position, reason)
                continue
            offset, first, length = self._offset + position + start, len(self.sightings), len(message)
            if self._array is not None:
                behind = max(0, *(message.find(key) for key in _KEYS))
                offset, length = offset + behind, length - behind
            self.sightings += signatures.match(record, candidates, offset, length)
            last = len(self.sightings)
            stop = position + len(raw)
            if last == first and not self._objects and start + len(message) == len(raw) and (more := self._below(stop)):
                self._spanning(record, more, candidates, (position + start, stop))
                continue
            if self._clock is not None and last > first and (clock := self._clock(text)):
                self._mark(clock, record.at, (offset, length), (first, last))

    def _mark(self, clock: tuple[str, int], at: int, place: tuple[int, int], seen: tuple[int, int] = (0, 0)) -> None:
        """Put a record, and the sightings [first, last) in it, on the machine's own clock."""
        self._marks += 1
        if self._marks <= _MARKS_MAX:
            self._boots.add(clock, at, seen, place)

    def _spanning(self, record: Record, more: str, candidates: tuple[Signature, ...], place: tuple[int, int]) -> None:
        """What the signatures say of a message that goes on below its hit line, and said nothing of that line alone."""
        start, stop = place
        whole = msgspec.structs.replace(record, message=f"{record.message}\n{more}")
        self.sightings += signatures.match(whole, candidates, self._offset + start, stop - start)

    def _below(self, stop: int) -> str:
        """The lines below one that ends at `stop` and belong to its message, "" if the next line is a record's own.

        A message that a block of 8 MiB cuts is read to the block's end.
        """
        lines: list[str] = []
        limit = min(self._size, stop + MESSAGE_BYTES_MAX)
        while stop + 1 < limit and len(lines) < MESSAGE_LINES_MAX:
            start = stop + 1
            stop = self._buffer.find(b"\n", start, limit)
            if stop < 0:
                stop = limit
            line = plain(bytes(memoryview(self._buffer)[start : min(stop, start + _EDGE_BYTES)])).strip("\x00\r")
            text = line.strip("\ufeff \t")
            if _STAMP_LIKE.search(text, 0, _STAMP_WITHIN) or noise_of(text) or connects(text):
                break
            lines.append(line)
        return "\n".join(lines).rstrip()

    def _continued(self, position: int, raw: bytes, text: str, candidates: tuple[Signature, ...]) -> bool:
        """Whether a line without a stamp is a later line of a message; what a signature says of that is taken up.

        The fact is the record's: its head line is cited, once, and its message is read up to this line.
        """
        if self._objects or _STAMP_LIKE.search(text, 0, _STAMP_WITHIN):
            return False
        head = self._head(position)
        if head is None:
            return False
        if self._told[0] != head.offset:
            self._told = (head.offset, {each[0] for each in self.sightings[-_SAME_LINE:] if each[4] == head.offset})
        told = self._told[1]
        candidates = tuple(each for each in candidates if each.id not in told)
        if not candidates:
            return True
        self._spans += len(candidates) + (position + self._offset - head.offset) // 256
        if self._spans > _SPANS_MAX:
            self._skip(position, "a later line of a message was not looked at, the log has too many of them")
            return True
        begin = head.offset - self._offset
        lines = self._tail[len(self._tail) + begin :] if begin < 0 else b""
        lines += bytes(memoryview(self._buffer)[max(0, begin) : position]) + raw
        message = head.record.message + "\n" + plain(lines[head.length + 1 :]).rstrip("\x00\r \t")
        record = msgspec.structs.replace(head.record, message=message, attrs={**names_in(message), **head.record.attrs})
        found = signatures.match(record, candidates, head.offset, head.length)
        told.update(each[0] for each in found)
        self.sightings += found
        return True

    def _head(self, position: int) -> _Head | None:
        """The first line of the record to which the line at `position` belongs; it may stand in an earlier block.

        Each line is walked over once: a line above that was asked about already has the same head.
        """
        offset = self._offset + position
        asked, known = self._walked
        head, tries = None, 0
        for away, (begin, line) in enumerate(self._above(position), 1):
            if begin == asked:
                head = known._replace(away=known.away + away) if known else None
                break
            text = plain(line).strip("\ufeff\x00\r \t")
            if not _STARTS.match(text):
                continue
            if record := self._frame(text, self._edges) or self._other(text, self._edges):
                head = _Head(begin, len(line), record, away)
                break
            tries += 1
            if tries == _TRIES_MAX or _STAMP_LIKE.search(text, 0, _STAMP_WITHIN):  # The head is damaged.
                break
        if head and (head.away > MESSAGE_LINES_MAX or offset - head.offset > MESSAGE_BYTES_MAX):
            head = None
        self._walked = (offset, head)
        return head

    def _above(self, position: int) -> Iterator[tuple[int, bytes]]:
        """The lines above one of the block, the nearest first, as (place in the blob, line), within the bounds."""
        floor = position - MESSAGE_BYTES_MAX
        left = MESSAGE_LINES_MAX
        for data, shift in ((self._buffer, 0), (self._tail, -len(self._tail))):
            stop = (position if shift == 0 else len(data)) - 1
            if shift and data[-1:] != b"\n":
                return
            while stop >= 0 and left > 0 and stop + shift >= floor:
                start = data.rfind(b"\n", 0, stop) + 1
                if shift and not start and self._offset + shift > 0:  # The tail begins within a line.
                    return
                yield self._offset + shift + start, bytes(memoryview(data)[start:stop])
                stop, left = start - 1, left - 1

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

    def _counts(self, stops: list[int]) -> None:
        """Name the false octet counts of lines that no signature means; those of hit lines are named with them.

        A message that holds a line feed is counted rightly if another one begins where its count ends.
        """
        for first, last in zip(stops[::2], stops[1::2], strict=True):
            for match in _COUNTED_LINE.finditer(self._buffer, first, last):
                over = match.end(1) + 1 + int(match[1]) - match.end()
                if 0 <= over <= _LINE_END_BYTES or (over > 0 and _COUNTED.match(self._buffer, match.end() + over)):
                    continue
                self._messages(match[0], match.start())

    def _other(self, text: str, stamps: Stamps | None = None) -> Record | None:
        """The record of a line in another format than the capture's: shared files mix them."""
        if not _STARTS.match(text):
            return None
        for module in self._others:
            if module.FORMAT.id not in _YEARLESS or self.yearless:
                record = formats.frame(module)(text, stamps or self._stamps)
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
            for layout in (self._layout, *self._kin):
                for row in layout.pattern.findall(text):
                    with suppress(ValueError):
                        times.append(layout.at(row, stamps))
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
        if not rest or noise_of(plain(bytes(rest[:_EDGE_BYTES]))) is not None:
            return True
        return any(each.offset == self._offset + start for each in self.skipped)

    def _record(self, start: int, stop: int) -> Record | None:
        length = _OBJECT_BYTES if self._objects else _EDGE_BYTES
        text = plain(bytes(memoryview(self._buffer)[start : min(stop, start + length)])).strip("\ufeff\x00\r\n \t")
        record = self._frame(text, self._edges)
        if record is None and self.yearless:
            record = next((found for each in self._kin if (found := each.frame(text, self._edges))), None)
        if record is not None and self._clock is not None and (clock := self._clock(text)):
            self._mark(clock, record.at, (self._offset + start, min(stop, start + length) - start))
        return record

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
