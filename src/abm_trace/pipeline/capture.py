"""One capture, block by block: its hit lines become facts, its first and last line its bounds, the rest is noise."""

import re
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from types import ModuleType
from typing import Final

from abm_trace import signatures
from abm_trace.core.nouns import Fact, Origin, Record, Skipped
from abm_trace.formats.logs._interface import Stamps
from abm_trace.signatures.scan import LINE_BYTES_MAX, Hit, Scanner

_LF: Final = 0x0A
_COUNTED: Final = re.compile(rb"([0-9]{1,7}) (?=<[0-9]{1,3}>)")
"""The octet count of RFC 6587, 3.4.1 before a message."""

_LINE_END_BYTES: Final = 2
"""A count may include the line's end."""

_YEARLESS: Final = frozenset({"idevicesyslog", "rfc3164"})
_EDGE_LINES = 8
"""How many lines from either end are tried for the capture's first and last time."""


class Capture:
    """The facts of one log, gathered over its blocks in order."""

    def __init__(
        self, path: str, module: ModuleType, others: Mapping[str, ModuleType], zone: tzinfo, scanner: Scanner
    ) -> None:
        self.facts: list[Fact] = []
        self.skipped: list[Skipped] = []
        self.first: Record | None = None
        self.last: Record | None = None
        self.lines = 0
        self.count_lines = False
        self._path = path
        self._modules = [module, *(each for each in others.values() if each is not module)]
        self._frame = module.frame
        self._stamps = Stamps(zone)
        self._scanner = scanner
        self._offset = 0
        self._open = False
        self._buffer = bytearray()
        self._format = module.FORMAT.id

    @property
    def yearless(self) -> bool:
        """Whether its times have no year."""
        return self._format in _YEARLESS

    def block(self, buffer: bytearray, size: int, *, last: bool) -> None:
        """Take the next block: whole lines, unless a line is longer than a block."""
        self._buffer, begin = buffer, self._resume(buffer, size)
        stops = [begin]
        for hit in self._scanner.hits(buffer, size):
            if hit.start >= begin:
                stops += (hit.start, hit.end)
                self._hit(bytes(memoryview(buffer)[hit.start : hit.end]), hit)
        stops.append(size)
        self._encoding(stops)
        self._edges(begin, size)
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
            reason = "wall times of the hour that the autumn night repeats: read by their neighbours, may be an hour off"
            self.skipped.append(Skipped(self._path, reason))

    def _resume(self, buffer: bytearray, size: int) -> int:
        """Where the block's first own line begins: behind the rest of a line that the last block left open."""
        if not self._open:
            return 0
        return buffer.find(b"\n", 0, size) + 1 or size

    def _hit(self, raw: bytes, hit: Hit) -> None:
        for start, message in self._messages(raw, hit.start):
            text = message.decode("utf-8", "replace").strip("\ufeff\x00\r \t")
            record = self._frame(text, self._stamps) or self._other(text)
            if record is None:
                if any(anchor in text for each in hit.candidates for anchor, _ in each.anchors):
                    reason = "a line that a signature may mean, but its time or its shape cannot be read"
                    self._skip(hit.start, reason)
                continue
            where = Origin(self._path, "", self._offset + hit.start + start, len(message))
            self.facts += signatures.match(record, hit.candidates, where)

    def _messages(self, raw: bytes, position: int) -> Iterable[tuple[int, bytes]]:
        """The messages of a line: itself, or those that octet counts cut it into. A false count is named."""
        if not raw[:1].isdigit() or not _COUNTED.match(raw):
            return ((0, raw),)
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
        return messages

    def _other(self, text: str) -> Record | None:
        """The record of a line in another format than the capture's: shared files mix them."""
        for module in self._modules[1:]:
            if module.FORMAT.id not in _YEARLESS or self.yearless:
                record: Record | None = module.frame(text, self._stamps)
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

    def _edges(self, begin: int, size: int) -> None:
        """The times of the first and the last line that have one, and whether the last line is cut."""
        buffer = self._buffer
        if self.first is None:
            position = begin
            for _ in range(_EDGE_LINES):
                stop = buffer.find(b"\n", position, size)
                stop = size if stop < 0 else stop
                self.first = self._record(position, stop)
                position = stop + 1
                if self.first is not None or position >= size:
                    break
        stop = size
        for _ in range(_EDGE_LINES):
            start = buffer.rfind(b"\n", begin, max(stop - 1, begin)) + 1 or begin
            last = self._record(start, stop)
            if last is not None:
                self.last = last
                return
            if stop == size and buffer[size - 1] != _LF and not self._known(start, size):
                self._skip(start, "the last line is cut")
            stop = start
            if start <= begin:
                return

    def _known(self, start: int, size: int) -> bool:
        """Whether an unfinished last line is named already, or holds nothing."""
        rest = self._buffer[start:size].strip(b"\x00\r\t ")
        return not rest or any(each.offset == self._offset + start for each in self.skipped)

    def _record(self, start: int, stop: int) -> Record | None:
        line = bytes(memoryview(self._buffer)[start : min(stop, start + 4096)])
        return self._frame(line.decode("utf-8", "replace").strip("\ufeff\x00\r\n \t"), self._stamps)

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
