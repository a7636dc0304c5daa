"""What is worked out of a member of an archive as it goes by, for which later stages would have to read it again."""

from typing import Final

import msgspec

from abm_trace.core.nouns import Fact
from abm_trace.pipeline.cite import Lines
from abm_trace.pipeline.names import Names
from abm_trace.pipeline.text import BLOCK_BYTES
from abm_trace.signatures import Place

_TAIL_BYTES: Final = 2 * 1024 * 1024


class Gathered:
    """Line and digest of what is seen in one member, the digest of its first line, the devices that it names."""

    def __init__(self) -> None:
        self.first_sha256 = ""
        self.names = Names()
        self._lines = Lines()
        self._block = bytearray()
        self._filled = 0
        self._tail = bytearray()
        self._before = Lines()

    def first(self, data: bytes) -> None:
        """Take the beginning of an export."""
        size = min(len(data), BLOCK_BYTES)
        _, self.first_sha256 = Lines().cite(bytearray(data[:size]), size, 0, 0)

    def take(self, block: bytearray, filled: int) -> None:
        """Look at the next block."""
        self._block, self._filled = block, filled
        if not self._lines.offset:
            _, self.first_sha256 = self._lines.cite(block, filled, 0, 0)

    def place(self, offset: int | None, length: int) -> Place:
        """Where something stands that was seen up to the end of the block; in order of offset that costs little."""
        offset = offset or 0
        if offset >= self._lines.offset:
            return self._lines.cite(self._block, self._filled, offset, length)
        if offset >= self._before.offset:
            return self._before.cite(self._tail, len(self._tail), offset, length)
        return 0, ""

    def cite(self, fact: Fact) -> Fact:
        """The fact, cited if it can be."""
        return cited(fact, *self.place(fact.origin.offset, fact.origin.length))

    def leave(self, *, last: bool) -> None:
        """Be done with the block, but hold the end of the text so far: what began there may be understood later."""
        block, filled = self._block, self._filled
        self.names.take(block, filled)
        self._lines.leave(block, filled)
        if last:
            return
        self._tail = self._tail[-_TAIL_BYTES:] if filled < _TAIL_BYTES else bytearray()
        self._tail += memoryview(block)[max(0, filled - _TAIL_BYTES) : filled]
        offset = self._lines.offset - len(self._tail)
        self._before = Lines(offset, self._lines.line - self._tail.count(b"\n"))


def cited(fact: Fact, line: int, sha256: str) -> Fact:
    """The fact with the line and the digest of its origin; as it was where they are not known ("")."""
    if not sha256:
        return fact
    return msgspec.structs.replace(fact, origin=msgspec.structs.replace(fact.origin, line=line, sha256=sha256))
