"""Zip without its directory (cut, or too large to be held inside of another archive): member after member.

Each member's own header leads to the next; what does not is passed over up to the next header, and named.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress

from msgspec.structs import replace

from abm_trace.sources.stream._budget import Budget
from abm_trace.sources.stream._member import Found
from abm_trace.sources.stream._packed import Expanded
from abm_trace.sources.stream._source import CHUNK_BYTES, Forward, Part, Source, StreamError, skip, take
from abm_trace.sources.stream._zip import (
    CENTRAL,
    DESCRIBED,
    DESCRIPTORS,
    END,
    LOCAL,
    STORED,
    Checked,
    Header,
    local_header,
    opened,
)

_CUT = "the zip is cut inside of this member"
_MARKS = (LOCAL, CENTRAL, END)


def members(source: Source, budget: Budget) -> Iterator[Found]:
    """The members in order, and what is not read. Raises StreamError of the source."""
    forward = Forward(source)
    while True:
        place = forward.position
        mark = take(forward, 4)
        forward.unread(mark)
        if mark == LOCAL:
            yield from _member(forward, place, budget)
        elif mark in (CENTRAL, END):
            yield from _end(forward)
            return
        elif len(mark) < 4 or not _passed(forward):
            yield Found(None, reason="the zip is cut: its directory is missing", offset=place)
            return
        else:
            reason = f"{forward.position - place:,} bytes that belong to no member; not read"
            yield Found(None, reason=reason, offset=place)


def _member(forward: Forward, place: int, budget: Budget) -> Iterator[Found]:
    fixed = take(forward, 30)
    named, extra = struct.unpack("<26xHH", fixed) if len(fixed) == 30 else (0, 0)
    rest = take(forward, named + extra)
    if len(fixed) < 30 or len(rest) < named + extra:
        return  # The directory is missing too, which is said where the zip ends.
    header = local_header(fixed, rest)
    open_ended = bool(header.flags & DESCRIBED) and not header.size
    if open_ended and (header.refusal or header.method == STORED):
        reason = header.refusal or "its size is not said where it stands; not read: unpack it"
        yield Found(header.title, reason=reason, offset=place)
        return
    raw: Source = forward if open_ended else Part(forward, header.size, _CUT)
    if header.refusal:
        yield Found(header.title, reason=header.refusal, offset=place)
    elif not (header.title.endswith("/") and not header.size):
        try:
            expanded, engine = opened(header, raw, budget)
        except StreamError as error:
            yield Found(header.title, reason=error.reason(), offset=place)
        else:
            if open_ended and engine is not None:
                described = _Described(engine, forward, header)
                yield Found(header.title, described, offset=place)
                with suppress(StreamError):  # Who reads the member was told; what follows is looked for.
                    skip(described, 1 << 62)
                return
            yield Found(header.title, Checked(expanded, header, raw, engine), offset=place)
    if isinstance(raw, Part):
        raw.skip(raw.left)
    if header.flags & DESCRIBED:
        _descriptor(forward)


class _Described:
    """A member whose size and checksum stand behind it."""

    def __init__(self, engine: Expanded, forward: Forward, header: Header) -> None:
        self._engine = engine
        self._forward = forward
        self._header = header
        self._checked = Checked(engine, header, None, engine)
        self._ended = False

    def readinto(self, buffer: memoryview) -> int:
        """As Source says."""
        if self._ended:
            return 0
        got = self._engine.readinto(buffer)
        if got:
            self._checked.count(buffer[:got])
            return got
        self._ended = True
        self._forward.unread(self._engine.unused())
        crc, size = _descriptor(self._forward)
        self._checked.verify(replace(self._header, crc=crc, real_size=size))
        return 0


def _descriptor(forward: Forward) -> tuple[int, int]:
    """Go behind a descriptor; the checksum and the size of the member that it says."""
    data = take(forward, 28)
    marked = data.startswith(b"PK\x07\x08")
    for length in DESCRIPTORS:
        if (length in (16, 24)) == marked and data[length : length + 2] == b"PK":
            break
    else:
        length = 16 if marked else 0
    forward.unread(data[length:])
    fields = data[4:length] if marked else data[:length]
    if len(fields) not in (12, 20):
        return 0, 0
    crc, _, size = struct.unpack("<III" if len(fields) == 12 else "<IQQ", fields)
    return crc, size


def _passed(forward: Forward) -> bool:
    """Go to the next mark; whether there is one."""
    held = take(forward, 1)
    while data := take(forward, CHUNK_BYTES):
        held += data
        places = [at for mark in _MARKS if (at := held.find(mark, 1)) > 0]
        if places:
            forward.unread(held[min(places) :])
            return True
        held = b"\0" + held[-3:]
    return False


def _end(forward: Forward) -> Iterator[Found]:
    """Read the directory to its end, to say whether it is there and what stands behind it."""
    held = b""
    while True:
        data = take(forward, CHUNK_BYTES)
        held = held[-21:] + data
        at = held.find(END)
        if at >= 0:
            held += take(forward, 22)
            (comment,) = struct.unpack_from("<H", held, at + 20) if len(held) >= at + 22 else (0,)
            forward.unread(held[at + 22 :])
            if len(held) >= at + 22 and skip(forward, comment) == comment:
                if take(forward, 1):
                    reason = "bytes stand after the end of the zip; they are not read"
                    yield Found(None, reason=reason, offset=forward.position - 1)
                return
        if not data or at >= 0:
            yield Found(None, reason="the zip is cut: its directory has no end", offset=forward.position)
            return
