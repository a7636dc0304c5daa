"""What is worked out of a member of an archive as it goes by, for which later stages would have to read it again."""

from bisect import bisect_left
from typing import Final

import msgspec

from abm_trace.core.nouns import Fact
from abm_trace.pipeline.cite import Lines
from abm_trace.pipeline.names import Names
from abm_trace.pipeline.text import BLOCK_BYTES

_TAIL_BYTES: Final = 2 * 1024 * 1024


class Gathered:
    """Line and digest of what was seen in one member, the digest of its first line, the devices that it names."""

    def __init__(self) -> None:
        self.first_sha256 = ""
        self.names = Names()
        self._cited: dict[tuple[int, int], tuple[int, str]] = {}
        self._lines = Lines()
        self._tail = bytearray()
        self._before = Lines()

    def first(self, data: bytes) -> None:
        """Take the beginning of an export."""
        size = min(len(data), BLOCK_BYTES)
        ((_, self.first_sha256),) = Lines().take(bytearray(data[:size]), size, [(0, 0)])

    def take(self, block: bytearray, filled: int, places: list[tuple[int, int]], *, last: bool) -> None:
        """Take the next block, and the (offset, length) of what was seen up to its end."""
        if not self._lines.offset:
            places.append((0, 0))
        places.sort()
        own = bisect_left(places, (self._lines.offset, 0))
        if own:
            before = Lines(self._before.offset, self._before.line)
            earlier = [place for place in places[:own] if place[0] >= before.offset]
            self._cited.update(zip(earlier, before.take(self._tail, len(self._tail), earlier), strict=True))
        self._cited.update(zip(places[own:], self._lines.take(block, filled, places[own:]), strict=True))
        self.first_sha256 = self.first_sha256 or self._cited[0, 0][1]
        self.names.take(block, filled)
        if not last:
            self._keep(block, filled)

    def _keep(self, block: bytearray, filled: int) -> None:
        """Hold the end of the text so far: what began there may be understood in the next block."""
        self._tail = self._tail[-_TAIL_BYTES:] if filled < _TAIL_BYTES else bytearray()
        self._tail += memoryview(block)[max(0, filled - _TAIL_BYTES) : filled]
        offset = self._lines.offset - len(self._tail)
        self._before = Lines(offset, self._lines.line - self._tail.count(b"\n"))

    def place(self, offset: int | None, length: int) -> tuple[int, str]:
        """(line, digest) of what was seen there, (0, "") where it is not known."""
        return self._cited.get((offset or 0, length), (0, ""))

    def cite(self, fact: Fact) -> Fact:
        """The fact, cited if it can be."""
        return cited(fact, *self.place(fact.origin.offset, fact.origin.length))


def cited(fact: Fact, line: int, sha256: str) -> Fact:
    """The fact with the line and the digest of its origin; as it was where they are not known ("")."""
    if not sha256:
        return fact
    return msgspec.structs.replace(fact, origin=msgspec.structs.replace(fact.origin, line=line, sha256=sha256))
