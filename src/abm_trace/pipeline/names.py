"""Which devices a whole capture names: asked only where a hit line names none (CASE.md, "Whose line is it")."""

import re
from functools import cache
from typing import Final, cast

import hyperscan

from abm_trace.core.nouns import Blob
from abm_trace.pipeline.reading import BLOCK_BYTES
from abm_trace.pipeline.text import Text, encoding_of
from abm_trace.sources.stream import Stream, StreamError

NAMES_MAX: Final = 64
"""More names than this say "a shared file" as clearly as all of them."""

_NAME = re.compile(rb"\\?\"?([0-9A-Za-z-]{6,64})")


@cache
def _database() -> tuple[hyperscan.Database, hyperscan.Scratch]:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=[rb"\bserial=", rb"\budid="], ids=[0, 1], flags=[hyperscan.HS_FLAG_CASELESS] * 2)
    return database, hyperscan.Scratch(database)


def names_in(blob: Blob) -> frozenset[str]:
    """The values of `serial=` and `udid=` anywhere in the blob."""
    names: set[str] = set()
    database, scratch = _database()
    buffer = bytearray(BLOCK_BYTES)
    try:
        stream = Stream(blob)
    except StreamError:
        return frozenset()
    try:
        size = stream.readinto(memoryview(buffer))
        text = Text(encoding_of(bytes(memoryview(buffer)[:65536])))
        for block, filled, _ in text.blocks(stream, buffer, size):
            ends: list[int] = []
            view = memoryview(block)[:filled]
            found = cast("bytes", view)  # The stubs know no other buffer.
            database.scan(found, match_event_handler=lambda *hit, ends=ends: ends.append(hit[2]), scratch=scratch)
            for end in ends:
                if match := _NAME.match(bytes(view[end : end + 70])):
                    names.add(match[1].decode())
                if len(names) > NAMES_MAX:
                    return frozenset(names)
    finally:
        stream.close()
    return frozenset(names)
