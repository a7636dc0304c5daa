"""Quote what an origin points at: the text of a log line or of a record, to be read, without obvious secrets."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

from abm_trace.core.nouns import Blob, Origin
from abm_trace.core.quoting import exchange, without_secrets
from abm_trace.pipeline.members import by_archive, each_opened
from abm_trace.pipeline.text import block_buffer, text_of
from abm_trace.sources.stream import Stream, StreamError

_BLANKS: Final = re.compile(r"[ \t\r\n]+")
QUOTE_BYTES_MAX: Final = 600
"""How much of a line or record is quoted. Origin: ours; some 8 lines of a terminal."""


def quoted(wanted: Mapping[str, Iterable[Origin]], blobs: Mapping[str, Blob]) -> dict[Origin, str]:
    """Each origin, by path → the text that it points at, on one line, as core/quoting.py shows it; "" for what is none.

    What cannot be read again, or has no offset, is not in it. An archive is gone through once for all its members.
    """
    left = {path: [each for each in origins if each.offset is not None] for path, origins in wanted.items()}
    found: dict[Origin, str] = {}
    buffer = block_buffer()
    for inside in by_archive(blobs[path] for path, origins in left.items() if origins).values():
        with suppress(StreamError):
            for path, stream in each_opened(inside):
                found.update(_passages(stream, left[path], buffer))
    return found


def _passages(stream: Stream, origins: Iterable[Origin], buffer: bytearray) -> dict[Origin, str]:
    left = sorted(origins, key=lambda origin: origin.offset or 0, reverse=True)
    found: dict[Origin, str] = {}
    size = stream.readinto(memoryview(buffer))
    text = text_of(buffer, size)
    base = 0
    for block, filled, _ in text.blocks(stream, buffer, size):
        while left and (left[-1].offset or 0) < base + filled:
            origin = left.pop()
            cut = _cut(block, filled, (origin.offset or 0) - base, origin)
            told = None if origin.record is None else exchange(cut)
            found[origin] = _words(cut) if told is None else told
        if not left:
            break
        base += filled
    return found


def _cut(block: bytearray, filled: int, place: int, origin: Origin) -> bytes:
    """The bytes of the origin: a record as long as it is, a log line from its beginning."""
    if origin.record is not None and origin.length:
        stop = place + origin.length
    else:
        place = block.rfind(b"\n", 0, place) + 1
        stop = block.find(b"\n", place, filled)
        stop = min(stop if stop >= 0 else filled, place + QUOTE_BYTES_MAX + 1)
    return bytes(memoryview(block)[place : min(stop, filled)])


def _words(data: bytes) -> str:
    if b"\x00" in data:  # A binary profile or token: its digest speaks for it.
        return ""
    text = _BLANKS.sub(" ", data[:QUOTE_BYTES_MAX].decode("utf-8", "replace")).strip(" \ufeff")
    return without_secrets(f"{text}…" if len(data) > QUOTE_BYTES_MAX else text)
