"""Messages of several lines: the record that a line without a stamp belongs to, and the lines below a hit line."""

import re
from typing import Final, NamedTuple

from abm_trace.core.nouns import Record
from abm_trace.formats.logs._noise import noise_of
from abm_trace.pipeline.block import MESSAGE_BYTES_MAX, MESSAGE_LINES_MAX, Block
from abm_trace.pipeline.framing import Framing, plain, trimmed
from abm_trace.pipeline.losses import connects

_LINE_BYTES: Final = 4096
"""How much of a line below is looked at."""

_STAMP_LIKE: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[\x00\ufffd]")
_STAMP_WITHIN: Final = 80
_TRIES_MAX: Final = 4
"""What has a stamp, or damage, near its beginning is a damaged line and no second line of a message; and how many
lines that look like a record's first and are none are passed on the way to it."""


def stamped(text: str) -> bool:
    """Whether a line has what looks like a stamp, or damage, near its beginning: then it is no later line."""
    return _STAMP_LIKE.search(text, 0, _STAMP_WITHIN) is not None


_DATED: Final = re.compile(rb"[0-9]{1,2}:[0-9]{2}:[0-9]{2}|[0-9]{4}-[0-9]{2}-[0-9]{2}|\x00|\r[^\r]")


def dated(buffer: bytearray, start: int, stop: int) -> bool:
    """Whether a line may have a stamp anywhere, or a line within: else it is a later line without any further look."""
    return _DATED.search(buffer, start, stop) is not None


class Head(NamedTuple):
    """The first line of a record: its offset in the blob, its length, what it says, and how many lines below we are."""

    offset: int
    length: int
    record: Record
    away: int


class Messages:
    """Finds what belongs together in one capture; each line is walked over once."""

    def __init__(self, framing: Framing, block: Block) -> None:
        self._framing = framing
        self._block = block
        self._walked: tuple[int, Head | None] = (-1, None)

    def head(self, position: int) -> Head | None:
        """The first line of the record to which the line at `position` belongs; it may stand in an earlier block.

        A line above that was asked about already has the same head.
        """
        offset = self._block.offset + position
        asked, known = self._walked
        head, tries = None, 0
        for away, (begin, line) in enumerate(self._block.above(position), 1):
            if begin == asked:
                head = known._replace(away=known.away + away) if known else None
                break
            text = trimmed(line)
            if not self._framing.starts(text):
                continue
            if record := self._framing.record(text, self._framing.edges):
                head = Head(begin, len(line), record, away)
                break
            tries += 1
            if tries == _TRIES_MAX or stamped(text):  # The head is damaged.
                break
        if head and (head.away > MESSAGE_LINES_MAX or offset - head.offset > MESSAGE_BYTES_MAX):
            head = None
        self._walked = (offset, head)
        return head

    def below(self, stop: int) -> str:
        """The lines below one that ends at `stop` and belong to its message, "" if the next line is a record's own.

        A message that a block of 8 MiB cuts is read to the block's end.
        """
        block = self._block
        lines: list[str] = []
        limit = min(block.size, stop + MESSAGE_BYTES_MAX)
        while stop + 1 < limit and len(lines) < MESSAGE_LINES_MAX:
            start = stop + 1
            stop = block.buffer.find(b"\n", start, limit)
            if stop < 0:
                stop = limit
            line = plain(block.part(start, min(stop, start + _LINE_BYTES))).strip("\x00\r")
            text = line.strip("\ufeff \t")
            if stamped(text) or noise_of(text) or connects(text):
                break
            lines.append(line)
        return "\n".join(lines).rstrip()
