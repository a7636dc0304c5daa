"""Which devices a whole capture names: asked only where a hit line names none (CASE.md, "Whose line is it")."""

import re
from functools import cache
from typing import Final, cast

import hyperscan

from abm_trace.core.nouns import Blob
from abm_trace.pipeline.members import Member, opened
from abm_trace.pipeline.text import block_buffer, text_of
from abm_trace.sources.stream import StreamError

NAMES_MAX: Final = 64
"""More names than this say "a shared file" as clearly as all of them."""

_NAME = re.compile(rb"\\?\"?([0-9A-Za-z-]{6,64})")

# [connected:00008103-001122334455667A]
_SAYS: Final = (rb"\bserial=", rb"\budid=", rb"^(?:\xef\xbb\xbf)?[ \t]*\[(?:dis)?connected:")
"""What stands before a name; the last is what idevicesyslog says of the device itself, on a line of its own.
From: libimobiledevice, tools/idevicesyslog.c."""


@cache
def _database() -> tuple[hyperscan.Database, hyperscan.Scratch]:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    flags = [hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_MULTILINE] * len(_SAYS)
    database.compile(expressions=[*_SAYS], ids=[*range(len(_SAYS))], flags=flags)
    return database, hyperscan.Scratch(database)


class Names:
    """The devices that a text names, which comes in blocks: the values of `serial=`, `udid=` and `[connected:`."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    @property
    def full(self) -> bool:
        """Whether there are more names than need be known."""
        return len(self.found) > NAMES_MAX

    def take(self, block: bytearray, filled: int) -> None:
        """Look through the next block."""
        if self.full:
            return
        database, scratch = _database()
        ends: list[int] = []
        view = memoryview(block)[:filled]
        found = cast("bytes", view)  # The stubs know no other buffer.
        database.scan(found, match_event_handler=lambda *hit: ends.append(hit[2]), scratch=scratch)
        for end in ends:
            if match := _NAME.match(bytes(view[end : end + 70])):
                self.found.add(match[1].decode())
            if len(self.found) > NAMES_MAX:
                return


def names_in(blob: Blob) -> frozenset[str]:
    """The devices that are named anywhere in the blob; of a member they were gathered when it was read."""
    if isinstance(blob, Member):
        return blob.names
    names = Names()
    buffer = block_buffer()
    try:
        with opened(blob) as stream:
            size = stream.readinto(memoryview(buffer))
            text = text_of(buffer, size)
            for block, filled, _ in text.blocks(stream, buffer, size):
                names.take(block, filled)
                if names.full:
                    break
    except StreamError:
        return frozenset()
    return frozenset(names.found)
