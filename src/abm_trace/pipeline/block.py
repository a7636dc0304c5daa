"""One block of a log after the other: where it stands in the blob, and what stood right before it."""

from collections.abc import Iterator
from typing import Final

MESSAGE_LINES_MAX: Final = 64
MESSAGE_BYTES_MAX: Final = 64 * 1024
"""How far above a line without a stamp the record may begin that it belongs to. Origin: ours."""


class Block:
    """The bytes of the current block and their place in the blob.

    `buffer[:size]` are whole lines, unless a line is longer than a block: then the next block begins within it, at
    `begin` its first own line. `physical` are the same bytes with the line feeds that the blob has; `lines` are those
    before the block.
    """

    def __init__(self) -> None:
        self.buffer: bytearray = bytearray()
        self.physical: bytes | bytearray = b""
        self.size = 0
        self.begin = 0
        self.offset = 0
        self.lines = 0
        self._open = False
        self._counted = (0, 0)
        self._tail = b""

    def take(self, buffer: bytearray, size: int, physical: bytes | bytearray, *, begins: bool = False) -> None:
        """Look at the next block; it `begins` with a line of its own whatever the block before ended with."""
        self.buffer, self.size, self.physical, self._counted = buffer, size, physical, (0, 0)
        self.begin = (buffer.find(b"\n", 0, size) + 1 or size) if self._open and not begins else 0

    def leave(self, *, last: bool, count: bool) -> None:
        """Be done with the block; the lines of the last one are counted only on demand."""
        unended = self.size > 0 and self.buffer[self.size - 1 : self.size] != b"\n"
        if count or not last:
            self.lines += self.physical.count(b"\n", 0, self.size) + (count and last and unended)
        self.offset += self.size
        self._open = not last and unended
        if not last:
            end = bytes(memoryview(self.buffer)[max(0, self.size - MESSAGE_BYTES_MAX) : self.size])
            self._tail = (self._tail + end)[-MESSAGE_BYTES_MAX:]

    def line_at(self, position: int) -> int:
        """The number, from 1, of the line at a place of the block; cheap where it is asked in order."""
        before, lines = self._counted if self._counted[0] <= position else (0, 0)
        lines += self.physical.count(b"\n", before, position)
        self._counted = (position, lines)
        return self.lines + 1 + lines

    def end_of_line(self, position: int) -> int:
        """Where the line that is at a place ends."""
        end = self.buffer.find(b"\n", position, self.size)
        return self.size if end < 0 else end

    def part(self, start: int, stop: int) -> bytes:
        """The bytes between two places."""
        return bytes(memoryview(self.buffer)[start:stop])

    def before(self, offset: int, stop: int) -> bytes:
        """The bytes from an offset in the blob, which may lie in the tail of the block before, to a place."""
        begin = offset - self.offset
        lines = self._tail[len(self._tail) + begin :] if begin < 0 else b""
        return lines + self.part(max(0, begin), stop)

    def above(self, position: int) -> Iterator[tuple[int, bytes]]:
        """The lines above the one at a place, the nearest first, as (offset in the blob, line), within the bounds."""
        floor = position - MESSAGE_BYTES_MAX
        left = MESSAGE_LINES_MAX
        for data, shift in ((self.buffer, 0), (self._tail, -len(self._tail))):
            stop = (position if shift == 0 else len(data)) - 1
            if shift and data[-1:] != b"\n":
                return
            while stop >= 0 and left > 0 and stop + shift >= floor:
                start = data.rfind(b"\n", 0, stop) + 1
                if shift and not start and self.offset + shift > 0:  # The tail begins within a line.
                    return
                yield self.offset + shift + start, bytes(memoryview(data)[start:stop])
                stop, left = start - 1, left - 1
