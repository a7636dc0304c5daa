"""Where a binary property list ends: its trailer, its last 32 bytes, says what stands where.

From: https://opensource.apple.com/source/CF/CF-1153.18/CFBinaryPList.c
"""

import re
import struct
from typing import Final

TRAILER: Final = struct.Struct(">6xBBQQQ")
"""How wide offsets and references are, how many objects there are, which is the top, where the offsets stand."""

FOLLOWING_BYTES_MAX: Final = 4096
"""How much that follows a list is told from one that is cut off. Origin: ours."""

_LIKE: Final = re.compile(rb"(?=\0{6}[\x01-\x08]{2}\0{3})")


def end_of(data: bytes) -> int:
    """Where the list ends that `data` begins with: before its own end where something follows, else there."""
    size = len(data)
    places = [match.start() for match in _LIKE.finditer(data, max(8, size - TRAILER.size - FOLLOWING_BYTES_MAX))]
    for place in reversed(places):
        if place + TRAILER.size <= size:
            offset_size, _, count, top, table = TRAILER.unpack_from(data, place)
            if table + count * offset_size == place and top < count:
                return place + TRAILER.size
    return size
