"""One capture, block by block: its hit lines are looked at, its first and last line its bounds, the rest is noise."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile
from types import ModuleType
from typing import Final

import msgspec

from abm_trace import signatures
from abm_trace.core.nouns import NO_ATTRS, BootOfLog, Fact, Origin, Record, Skipped
from abm_trace.formats._interface import HEAD_BYTES
from abm_trace.formats.logs._array import Array
from abm_trace.formats.logs._interface import Layout, Stamps, names_in
from abm_trace.pipeline import flaws
from abm_trace.pipeline.again import Again
from abm_trace.pipeline.block import Block
from abm_trace.pipeline.boots import Boots, seconds_of
from abm_trace.pipeline.bounds import Bounds
from abm_trace.pipeline.framing import AROUND, Framing, plain, trimmed
from abm_trace.pipeline.idle import weight
from abm_trace.pipeline.losses import LOSS, connects, loss_of
from abm_trace.pipeline.messages import Messages, dated, stamped
from abm_trace.pipeline.objects import Objects
from abm_trace.pipeline.octets import Framed, Octets
from abm_trace.pipeline.seen import Seen
from abm_trace.pipeline.text import behind_last_line
from abm_trace.pipeline.told import REPEATS_FROM
from abm_trace.signatures import Signature
from abm_trace.signatures.scan import LINE_BYTES_MAX, Hit, Scanner

_MAY_COUNT: Final = frozenset({"rfc3164", "rfc5424"})
"""Whose lines may begin with an octet count."""

_SYSLOGS: Final = frozenset({"rfc3164", "rfc5424", "log-syslog"})
"""In these a server's lines may stand between those of devices."""

_NAMED_MAX: Final = 900
"""How many things of one capture are named one by one, below what a reading may name. Origin: ours."""

_HITS_AT_ONCE: Final = 4_096
"""How many hit lines are looked at before what they say may be packed. Origin: ours, some MB."""

_KEYS: Final = ('"timestamp":', '"eventMessage":', '"message":')
"""What an event of JSON has once; without the colon it may be a value."""

_CR: Final = re.compile(rb"\r+(?=[^\r])")
_STAMP_BYTES_MAX: Final = 256
"""In so many bytes a record's stamp begins, if any. Origin: ours; far more than any format has before it."""

_SPANS_MAX: Final = 1_000_000
"""How much is spent on later lines of messages, and on lines within lines, in a log: in signatures asked, 256 bytes
looked at, CRs. Origin: ours, some seconds."""

_HEAD_COST: Final = 8
"""What of that finding the first line of a message costs."""

_UNREADABLE: Final = "a line that a signature may mean, but its time or its shape cannot be read"
_TOO_MANY_LATER: Final = "a later line of a message was not looked at, the log has too many of them"

_FIRED_MAX: Final = 512
_FIRED_CHARS_MAX: Final = 2_000
"""How many messages, and how long ones, are known again with the signatures that mean them. Origin: ours."""

_MARKS_MAX: Final = 50_000
"""How many records of a log are put on the machine's own clock. Origin: ours."""

LOSSES_MAX: Final = 16
"""How many losses of one log become facts; the rest are counted. Origin: ours."""

_NO_BOOTS: Final = Boots()
"""Of a log that does not say which boot a record is of."""


_Known = tuple[tuple[Signature, ...], bool, list[tuple[Signature, str, dict[str, str]]]]
"""Which signatures were asked of a message, whether it was of an enrolment process, and which mean it: with the value
and the attributes that they read from it. One that looks at more than the message is among them, asked each time."""

Fired = dict[tuple[str, ...], _Known]
"""What is known of a message, by all that a line says but when and where."""


class Capture:
    """What the signatures see in one log, gathered over its blocks in order."""

    def __init__(
        self,
        path: str,
        module: ModuleType,
        stamps: Stamps,
        scanner: Scanner,
        fired: Fired | None = None,
        *,
        seen: Seen | None = None,
    ) -> None:
        """`fired` is what is known of messages from other logs that the same scanner went through; it is added to.

        `seen` takes what the signatures see; without one all of it stays in `sightings`.
        """
        self._seen = Seen() if seen is None else seen
        self.sightings = self._seen.sightings
        self.facts: list[Fact] = []
        self.skipped: list[Skipped] = []
        self.count_lines = False
        self.idle = 0  # Bytes of hit lines that were looked at and said nothing new, as far as that is known.
        self._path = path
        self._stamps = stamps
        self._scanner = scanner
        self._framing = Framing(module, stamps)
        self._at = Block()
        self._bounds = Bounds(self._framing, self._at)
        self._messages = Messages(self._framing, self._at)
        self._octets = Octets() if self._framing.id in _MAY_COUNT else None
        self._counted = False
        self._boots = Boots() if self._framing.clock else _NO_BOOTS
        self._objects: Objects | None = None
        self._begun = self._serves = False
        self._told: tuple[int, set[str]] = (-1, set())
        self._fired: Fired = {} if fired is None else fired
        self._again = Again(REPEATS_FROM)
        self._strays: set[int] = set()  # Hit lines in which no anchor stands.
        self._around = 0
        self._spans = self._marks = 0
        self._shortened = False
        self._more: dict[str, int] = {}
        self._losses = 0
        self._connections = 0

    @property
    def first_at(self) -> int | None:
        """When it begins, µs UTC; None while nothing says."""
        return self._bounds.first_at

    @property
    def last_at(self) -> int | None:
        """When it ends, µs UTC; None while nothing says."""
        return self._bounds.last_at

    @property
    def host(self) -> str:
        """The host that its first and last lines name, "" where they differ or none does."""
        return self._bounds.host or ""

    @property
    def of_server(self) -> bool:
        """Whether it is the log of a server and of no device."""
        return self._bounds.of_server

    @property
    def lines(self) -> int:
        """How many lines were counted."""
        return self._at.lines

    @property
    def offset(self) -> int:
        """Where the next block begins."""
        return self._at.offset

    @property
    def boot(self) -> BootOfLog | None:
        """The one boot that it is of, as `Reading.boot` has it, once it has ended."""
        return self._boots.alone()

    @property
    def yearless(self) -> bool:
        """Whether its times have no year."""
        return self._framing.yearless

    def block(self, buffer: bytearray, size: int, *, last: bool) -> None:
        """Take the next block: whole lines, unless a line is longer than a block."""
        if self._framing.objects and not self._begun:
            array = Array.of(bytes(memoryview(buffer)[: min(size, HEAD_BYTES)]))
            self._objects = Objects(array, self._at) if array else None
        self._begun = True
        if self._objects is not None:
            self._objects_of(self._objects, bytes(memoryview(buffer)[:size]), last=last)
        elif size:  # A byte order mark alone is no text.
            framed = self._octets.framed(buffer, size) if self._octets else None
            self._counted = framed is not None
            self._block(framed.text if framed else buffer, size, buffer, framed, last=last)

    def cut(self, buffer: bytearray, size: int) -> int:
        """Where a block that is not the last ends: behind its last whole line, or before a message that goes on."""
        return self._octets.cut(buffer, size) if self._octets else behind_last_line(buffer, size)

    def _objects_of(self, objects: Objects, data: bytes, *, last: bool) -> None:
        """Take the next piece of an array."""
        lines, raw = objects.lines(data, last=last)
        if lines:
            self._block(lines, len(lines), raw, last=last)
        if last and raw.rstrip(b" \t\r\n\x00")[-1:] != b"]" and not self.skipped:
            reason = "the array is cut: its end is missing"
            self.skipped.append(Skipped(self._path, reason, offset=self._at.offset))

    def _block(
        self, buffer: bytearray, size: int, physical: bytes | bytearray, framed: Framed | None = None, *, last: bool
    ) -> None:
        """The lines of a block; `physical` are the same bytes with the line feeds that the blob has."""
        self._at.take(buffer, size, physical, begins=framed is not None and framed.begins)
        begin = self._at.begin
        stops = [begin]
        hits = self._scanner.hits(buffer, size)
        if begin:
            hits = [hit for hit in hits if hit[0] >= begin]
        for start, stop, _ in hits:
            stops += (start, stop if stop - start < LINE_BYTES_MAX else self._at.end_of_line(stop))
        if lost := [hit for hit in hits if hit[2][-1] is LOSS]:
            hits = [hit for hit in hits if hit[2][0] is not LOSS]
            self._lost(lost)
            self.idle += weight([stop - start for start, stop, _ in lost if start not in self._strays])
            self._strays.clear()
        times: list[int] = []
        for first in range(0, len(hits), _HITS_AT_ONCE):
            times += self._some(hits[first : first + _HITS_AT_ONCE])
        stops.append(size)
        self._flaws(flaws.encoding(self._at, stops))
        self._flaws(flaws.nuls(self._at))
        if self._framing.id in _SYSLOGS and not self._serves:
            around = self._around
            self._flaws(flaws.servers(self._at))
            self._serves = self._around > around
        self._flaws(framed.false if framed else ())
        cut = self._bounds.take(times)
        for met in self._bounds.met:
            self._met(*met)
        if cut is not None and not any(each.offset == self._at.offset + cut for each in self.skipped):
            self._skip(cut, "the last line is cut")
        elif cut is None and last and not self._framing.objects:
            self._flaws(flaws.unclosed(self._at))
        if size > LINE_BYTES_MAX:
            self._flaws(flaws.long_lines(self._at))
        self._at.leave(last=last, count=self.count_lines)

    def _some(self, hits: list[Hit]) -> list[int]:
        """Look at some of the hit lines of a block; the times of what was seen."""
        # Which hour of an autumn night a wall time means depends on its neighbours; there each line is read.
        hits = self._again.unknown(hits, self._at.buffer, free=not self._stamps.repeated)
        before, looked = len(self.sightings), hits
        if self._spans > _SPANS_MAX and not self._framing.objects:
            looked = [hit for hit in hits if dated(self._at.buffer, hit[0], hit[1])]
            if later := len(hits) - len(looked):
                self._more[_TOO_MANY_LATER] = self._more.get(_TOO_MANY_LATER, 0) + later
        if looked:
            self._hits(looked)
        new = self.sightings[before:]
        kept = signatures.VALUE_CHARS_MAX
        if not self._shortened and (
            long := next((each for each in new if len(each[2]) == kept and signatures.shortened(each)), None)
        ):
            self._shortened = True
            self._skip(max(0, (long[4] or 0) - self._at.offset), f"of a value only {kept:,} characters were kept")
        fresh = {each[4]: each[5] for each in new}
        if len(fresh) < len(hits):
            looked_at = [stop - start for start, stop, _ in hits if start not in self._strays]
            self.idle += max(0, weight(looked_at) - weight(fresh.values()))
        self._strays.clear()
        moves = self._framing.clock is not None and self._marks <= _MARKS_MAX
        if repeats := self._seen.settle(once=not moves):
            self.idle += weight(repeats.values())
        return [each[1] for each in new if each[1] is not None]

    def _skip(self, position: int, reason: str) -> None:
        """Name what stands at `position` of the block; only here are lines counted."""
        self._around += 1
        if len(self.skipped) >= _NAMED_MAX:
            self._more[reason] = self._more.get(reason, 0) + 1
            return
        self.skipped.append(Skipped(self._path, reason, self._at.line_at(position), self._at.offset + position))

    def _flaws(self, found: Iterable[tuple[int, str]]) -> None:
        for position, reason in found:
            self._skip(position, reason)

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
        self._seen.move(moved)
        times = [mark.at for marks in self._boots.marks.values() for mark in marks]
        self._bounds.first_at, self._bounds.last_at = min(times), max(times)
        for jump in self._boots.jumps[:LOSSES_MAX]:
            origin = Origin(self._path, self._framing.id, *jump.place)
            self.facts.append(Fact("clock_jump", jump.at, "log", seconds_of(jump.back_us), {"boot": jump.boot}, origin))

    def _lost(self, hits: list[Hit]) -> None:
        """The facts of the lines in which the log says that it lost messages."""
        for start, stop, _ in hits:
            text = trimmed(self._at.part(start, stop))
            if not _may_mean(LOSS, text):
                self._strays.add(start)
                continue
            record = self._framing.record(text, self._framing.edges)
            said = loss_of(text, record)
            if said is None:
                self._connections += record is None and connects(text)
                continue
            self._losses += 1
            if self._losses > LOSSES_MAX:
                continue
            value, by = said
            at = record.at if record else None
            if record is None and not self._framing.objects and (head := self._messages.head(start)):
                at = head.record.at
            attrs = {"by": by, **({"host": record.host} if record and record.host else NO_ATTRS)}
            origin = Origin(self._path, LOSS.id.lstrip("~"), *self._place(start, stop - start))
            self.facts.append(Fact(LOSS.fact, at, "log", value, attrs, origin))

    def _hits(self, hits: list[Hit]) -> None:
        """The facts of the hit lines: all at once where they are of one layout, as they almost always are."""
        buffer, offset, layout = self._at.buffer, self._at.offset, self._framing.layout
        raws = [buffer[start:stop] for start, stop, _ in hits]
        if layout is None:
            for raw, (start, _, candidates) in zip(raws, hits, strict=True):
                self._line(bytes(raw), start, candidates)
            return
        text = plain(b"\n".join(raws))
        lines = text.split("\n")
        if _odd(text):
            lines = [line.strip(AROUND) for line in lines]
            text = "\n".join(lines)
        rows: Sequence[tuple[str, ...] | None] | None = layout.rows(text, len(hits)) if "\r" not in text else None
        if rows is None:
            rows = [None if "\r" in line else layout.row(line) for line in lines]
        sightings, fired, learns = self.sightings, self._fired, self._again.learns
        at_of, said_of, host_place = self._stamps.at, layout.said, layout.host
        minute, second, fraction, zone = layout.stamp
        for row, line, raw, (start, stop, candidates) in zip(rows, lines, raws, hits, strict=True):
            if row is None:
                self._line(bytes(raw), start, candidates)
                continue
            try:
                at = at_of(row[minute], row[second], row[fraction], row[zone])
            except ValueError:  # Its shape is this format's, so no other is asked.
                if _meant(candidates, line):
                    self._skip(start, _UNREADABLE)
                else:
                    self._strays.add(start)
                continue
            known = fired.get(said_of(row))
            if known is None or known[0] != candidates:
                known = self._known(layout, row, candidates)
            _, asked, told = known
            before, host = len(sightings), row[host_place]
            for rule, value, attrs in told:
                if rule.quick is not None:
                    told_here = {"host": host, **attrs} if host else attrs
                    sightings.append((rule.id, at, value, told_here, offset + start, stop - start))
                elif _may_mean(rule, line):
                    asked = True
                    record = layout.record(row, self._stamps)
                    sightings += signatures.match(record, (rule,), offset + start, stop - start)
            if len(sightings) == before:
                meant = _meant(candidates, line)
                if not meant:
                    self._strays.add(start)
                elif asked:
                    if more := self._messages.below(stop):
                        self._spanning(layout.record(row, self._stamps), more, meant, (start, stop))
                    continue
            if learns:
                self._again.learn(raw)

    def _known(self, layout: Layout, row: tuple[str, ...], candidates: tuple[Signature, ...]) -> _Known:
        """Ask the candidates what a row means, and remember it."""
        _, process, subsystem, _, message = layout.source(row)
        scoped, names = signatures.in_scope(process, subsystem), layout.names(row, message)
        told = [
            (rule, *signatures.said(rule, message, names))
            for rule in candidates
            if rule.quick is None or (scoped and rule.quick(message))
        ]
        known, said = (candidates, scoped, told), layout.said(row)
        if sum(map(len, said)) < _FIRED_CHARS_MAX:
            if len(self._fired) >= _FIRED_MAX:
                self._fired.clear()
            self._fired[said] = known
        return known

    def _line(self, raw: bytes, position: int, candidates: tuple[Signature, ...]) -> None:
        """The facts of one hit line."""
        around = self._around
        self._hit(raw, position, candidates)
        if around == self._around and self._again.learns:
            self._again.learn(raw)

    def _hit(self, raw: bytes, position: int, candidates: tuple[Signature, ...]) -> None:
        begun = self._begun_by_cr(raw, position)
        for start, stop in pairwise(begun):
            self._hit(raw[start : stop - 1], position + start, candidates)
        raw, position = raw[begun[-1] :], position + begun[-1]
        text = trimmed(raw)
        meant = _meant(candidates, text)
        if not meant:
            self._strays.add(position)
            return
        record = self._framing.record(text, self._stamps)
        if record is None:
            if not self._continued(position, raw, text, meant):
                self._skip(position, _UNREADABLE)
            return
        if self._framing.objects and any(text.count(key) > 1 for key in _KEYS):
            self._skip(position, "a key of an event is repeated, the last one was used")
        place = self._place(position, len(raw))
        found = signatures.match(record, meant, *place)
        self.sightings += found
        alone = not found and not self._framing.objects
        self._around += alone
        stop = position + len(raw)
        if alone and (more := self._messages.below(stop)):
            self._spanning(record, more, meant, (position, stop))
        elif found:
            self._met(text, record, place, seen=True)

    def _place(self, start: int, length: int) -> tuple[int, int]:
        """The offset in the blob and the length at which a line of the block is cited."""
        if self._objects is not None:
            return self._objects.place(start, length)
        return self._at.offset + start, length

    def _begun_by_cr(self, raw: bytes, position: int) -> list[int]:
        """Where records begin in a line: at its start, and behind each CR that a record of its own follows."""
        if self._counted or self._framing.objects or b"\r" not in raw:
            return [0]
        found = [match.end() for match in _CR.finditer(raw)]
        self._spans += len(found)
        if self._spans > _SPANS_MAX:
            self._skip(position, "what stands behind the CRs in a line was not looked at, the log has too many of them")
            return [0]
        return [0, *(at for at in found if stamped(plain(raw[at : at + _STAMP_BYTES_MAX])))]

    def _met(self, text: str, record: Record, place: tuple[int, int], *, seen: bool = False) -> None:
        """Put a record, and what was `seen` in it, on the machine's own clock, where its format has one."""
        if self._framing.clock is None or (clock := self._framing.clock(text)) is None:
            return
        if not seen:
            place = self._place(place[0] - self._at.offset, place[1])
        self._marks += 1
        if self._marks <= _MARKS_MAX:
            self._boots.add(clock, record.at, place, seen=seen)

    def _spanning(self, record: Record, more: str, candidates: Iterable[Signature], place: tuple[int, int]) -> None:
        """What the signatures say of a message that goes on below its hit line, and said nothing of that line alone."""
        start, stop = place
        whole = msgspec.structs.replace(record, message=f"{record.message}\n{more}")
        self.sightings += signatures.match(whole, candidates, self._at.offset + start, stop - start)

    def _continued(self, position: int, raw: bytes, text: str, candidates: tuple[Signature, ...]) -> bool:
        """Whether a line without a stamp is a later line of a message; what a signature says of that is taken up.

        The fact is the record's: its head line is cited, once. The lines below this one belong to it too: an NSError
        has its code below its domain.
        """
        self._around += 1
        if self._framing.objects or stamped(text):
            return False
        head = self._messages.head(position)
        if head is None:
            return False
        if self._told[0] != head.offset:
            latest = takewhile(lambda each: (each[4] or 0) >= head.offset, reversed(self.sightings))
            self._told = (head.offset, {each[0] for each in latest if each[4] == head.offset})
        told = self._told[1]
        candidates = tuple(each for each in candidates if each.id not in told)
        if not candidates:
            return True
        self._spans += _HEAD_COST + len(candidates) + (position + self._at.offset - head.offset) // 256
        if self._spans > _SPANS_MAX:
            self._skip(position, _TOO_MANY_LATER)
            return True
        lines = self._at.before(head.offset, position) + raw
        message = head.record.message + "\n" + plain(lines[head.length + 1 :]).rstrip("\x00\r \t")
        if more := self._messages.below(position + len(raw)):
            message += "\n" + more
        record = msgspec.structs.replace(head.record, message=message, attrs={**names_in(message), **head.record.attrs})
        found = signatures.match(record, candidates, head.offset, head.length)
        told.update(each[0] for each in found)
        self.sightings += found
        return True


def _meant(candidates: Iterable[Signature], line: str) -> tuple[Signature, ...]:
    """Which of them may mean a line: which way the windows were chosen must not say what is read, nor what is idle."""
    return tuple(each for each in candidates if each is not LOSS and _may_mean(each, line))


def _odd(text: str) -> bool:
    """Whether any of these lines may have something around it; `any` takes three times as long."""
    return (
        "\r" in text or "\t" in text or "\x00" in text or "\ufeff" in text or " \n" in text or text.endswith(" ")
    )  # fmt: skip


def _may_mean(rule: Signature, line: str) -> bool:
    """Whether an anchor of the rule stands in the line: else it was found by a piece of one, and means nothing."""
    for text, cased in rule.anchors:  # noqa: SIM110  # Runs for many hit lines; `any` takes three times as long.
        if text in line or (not cased and text.lower() in line.lower()):
            return True
    return False
