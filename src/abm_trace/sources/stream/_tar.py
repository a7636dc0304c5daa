"""Tar in all its kinds (v7, ustar, pax, GNU), read from the front to the end and never twice."""

import re
from collections.abc import Iterator
from typing import Final

from abm_trace.sources.stream._budget import Budget
from abm_trace.sources.stream._kinds import tar_checksum
from abm_trace.sources.stream._member import Found, text_of
from abm_trace.sources.stream._source import Forward, Part, Source, skip, take

BLOCK_BYTES: Final = 512
EXTENDED_BYTES_MAX: Final = 1024 * 1024
"""How large a pax header or a long name may be. Origin: ours; a path has 4 KiB at most."""

_SEGMENTS_MAX: Final = 10_000
_CUT: Final = "the tar is cut inside of this member"
_NOT_READ: Final = {
    b"1": "a hard link",
    b"2": "a link",
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a fifo",
    b"M": "the rest of a member that began in another volume",
    b"V": "the label of a volume",
}
_FOLDERS: Final = (b"5", b"D")
_NO_DATA: Final = (b"1", b"2", b"3", b"4", b"5", b"6", b"V")
_PAX: Final = re.compile(rb"([0-9]{1,10}) ([^=]{1,200})=", re.DOTALL)

Segments = list[tuple[int, int]]
"""The parts of a sparse member that are there: (offset, size)."""


class Sparse:
    """A member whose holes are not in the tar: they are given out as zeros, and paid for."""

    def __init__(self, source: Source, segments: Segments, size: int, budget: Budget) -> None:
        self._source = source
        self._segments = [segment for segment in segments if segment[1]]
        self._segments.reverse()
        self._size = size
        self._at = 0
        self._budget = budget

    def readinto(self, buffer: memoryview) -> int:
        """As Source says."""
        start, length = self._segments[-1] if self._segments else (self._size, 0)
        hole = start - self._at
        if hole > 0:
            self._budget.check()
            got = min(hole, len(buffer))
            buffer[:got] = bytes(got)
            self._budget.expand(got)
        elif length:
            got = self._source.readinto(buffer[: length + hole])
            if got == length + hole:
                self._segments.pop()
        else:
            return 0
        self._at += got
        return got


def members(source: Source, budget: Budget) -> Iterator[Found]:
    """The members of a tar in order, and what is not read of it. Raises StreamError of the source."""
    return _Tar(source, budget).members()


class _Tar:
    def __init__(self, source: Source, budget: Budget) -> None:
        self._source = Forward(source)
        self._budget = budget
        self._globals: dict[str, str] = {}
        self._next: dict[str, str] = {}
        self._sparse: list[int] = []
        self._long: bytes | None = None

    def members(self) -> Iterator[Found]:
        ended = lost = False
        while True:
            place = self._source.position
            header = take(self._source, BLOCK_BYTES)
            if len(header) < BLOCK_BYTES:
                if header or not ended:
                    yield Found(None, reason="the tar is cut: its end is missing", offset=place)
                return
            if not header.strip(b"\0"):
                ended, lost = True, False
                continue
            if not tar_checksum(header):
                if ended:
                    yield Found(None, reason="bytes stand after the end of the tar; they are not read", offset=place)
                    return
                if not lost:
                    reason = "a damaged header: its checksum is wrong; what follows up to the next header is not read"
                    yield Found(None, reason=reason, offset=place)
                lost = True
                continue
            ended = lost = False
            yield from self._member(header, place)

    def _member(self, header: bytes, place: int) -> Iterator[Found]:
        kind = header[156:157]
        size = _number(header[124:136])
        if size is None:
            yield Found(self._name(header), reason="a size that is no number; not read", offset=place)
            return
        if kind in (b"x", b"g", b"X", b"L", b"K"):
            yield from self._extended(kind, size, place)
            return
        own = {**self._globals, **self._next}
        name = self._name(header, own)
        if own.get("size", "").isdecimal() and len(own["size"]) < 20:
            size = int(own["size"])
        if kind in _NO_DATA:
            size = 0
        sparse, self._sparse = self._sparse, []
        self._next, self._long = {}, None
        data = Part(self._source, size, _CUT)
        if kind in _NOT_READ:
            yield Found(name, reason=f"{_NOT_READ[kind]} in a tar; not read", offset=place)
        elif kind not in _FOLDERS and not (kind == b"\0" and name.endswith("/")):
            try:
                regular = self._regular(header, own, sparse, data)
            except ValueError:
                yield Found(name, reason="a sparse member whose map cannot be read; not read", offset=place)
            else:
                yield Found(name, regular, offset=place)
        self._pass(data, size)

    def _regular(self, header: bytes, own: dict[str, str], sparse: list[int], data: Part) -> Source:
        """The bytes of a regular member. Raises ValueError where the map of a sparse one makes no sense."""
        if header[156:157] == b"S":
            return self._gnu_sparse(header, data)
        if own.get("GNU.sparse.major") == "1":
            return self._pax_sparse(own, _listed(data), data)
        if "GNU.sparse.map" in own or sparse:
            return self._pax_sparse(own, sparse or _integers(own["GNU.sparse.map"].split(",")), data)
        return data

    def _pass(self, data: Part, size: int) -> None:
        """Go behind a member's data and what fills its last block."""
        left = data.left
        if skip(data, left) == left:
            skip(self._source, -size % BLOCK_BYTES)

    def _extended(self, kind: bytes, size: int, place: int) -> Iterator[Found]:
        """Take up a header that is about the next member, or about all."""
        if size > EXTENDED_BYTES_MAX:
            yield Found(None, reason="an extended header larger than 1 MiB; not used", offset=place)
            self._pass(Part(self._source, size, _CUT), size)
            return
        data = take(self._source, size)
        skip(self._source, -size % BLOCK_BYTES)
        if len(data) < size or kind == b"K":
            return
        if kind == b"L":
            self._long = data.rstrip(b"\0")
            return
        try:
            records = list(_records(data))
        except ValueError:
            yield Found(None, reason="a damaged extended header; not used in full", offset=place)
            return
        said = {key: text_of(value) for key, value in records}
        if kind == b"g":
            self._globals.update(list(said.items())[:100])
            return
        self._next.update(said)
        # The oldest way of pax says (offset, size) of each segment in keys that are repeated.
        keys = ("GNU.sparse.offset", "GNU.sparse.numbytes")
        self._sparse = [int(value) for key, value in records if key in keys and value.isdigit()][: 2 * _SEGMENTS_MAX]

    def _name(self, header: bytes, own: dict[str, str] | None = None) -> str:
        own = own or {}
        if said := own.get("GNU.sparse.name") or own.get("path"):
            return said
        if self._long is not None:
            return text_of(self._long)
        name = header[:100].split(b"\0")[0]
        prefix = header[345:500].split(b"\0")[0] if header[257:263] == b"ustar\0" else b""
        return text_of(prefix + b"/" + name if prefix else name)

    def _gnu_sparse(self, header: bytes, data: Part) -> Source:
        """GNU's old way: four segments in the header, more in blocks behind it. Raises ValueError."""
        fields, more = header[386:482], header[482]
        real = _number(header[483:495])
        segments: Segments = []
        while True:
            for at in range(0, len(fields) - 23, 24):
                start, length = _number(fields[at : at + 12]), _number(fields[at + 12 : at + 24])
                if fields[at : at + 24].strip(b"\0") and start is not None and length is not None:
                    segments.append((start, length))
            if not more:
                return Sparse(data, _checked(segments, real, data.left), real or 0, self._budget)
            block = take(self._source, BLOCK_BYTES)
            if len(block) < BLOCK_BYTES or len(segments) > _SEGMENTS_MAX:
                raise ValueError
            fields, more = block[:504], block[504]

    def _pax_sparse(self, own: dict[str, str], numbers: list[int], data: Part) -> Source:
        """The ways of pax: the map stands in the header, or before the data. Raises ValueError."""
        real = int(own.get("GNU.sparse.realsize") or own.get("GNU.sparse.size") or "")
        segments = list(zip(numbers[::2], numbers[1::2], strict=True))
        return Sparse(data, _checked(segments, real, data.left), real, self._budget)


def _listed(data: Part) -> list[int]:
    """The map of GNU sparse 1.0: decimal numbers, one a line, the first says how many pairs follow."""
    text = b""
    count = 0
    while True:
        block = take(data, BLOCK_BYTES)
        text += block
        lines = text.split(b"\n")
        if not count and len(lines) > 1:
            count = 2 * int(lines[0]) + 1
        if count > 2 * _SEGMENTS_MAX + 1 or len(block) < BLOCK_BYTES:
            raise ValueError
        if count and len(lines) > count:
            return _integers(line.decode("ascii", "replace") for line in lines[1:count])


def _integers(words: "Iterator[str] | list[str]") -> list[int]:
    numbers = []
    for word in words:
        if len(word) > 20 or not word.isdecimal():
            raise ValueError
        numbers.append(int(word))
        if len(numbers) > 2 * _SEGMENTS_MAX:
            raise ValueError
    return numbers


def _checked(segments: Segments, real: int | None, size: int) -> Segments:
    """The segments, if they follow each other inside the member and its data holds them. Raises ValueError."""
    end = 0
    for start, length in segments:
        if start < end:
            raise ValueError
        end = start + length
    if real is None or end > real or sum(length for _, length in segments) > size:
        raise ValueError
    return segments


def _records(data: bytes) -> Iterator[tuple[str, bytes]]:
    r"""The records `LENGTH KEY=VALUE\n` of a pax header. Raises ValueError."""
    at = 0
    while at < len(data) and data[at]:
        match = _PAX.match(data, at)
        if not match or data[at + int(match[1]) - 1 : at + int(match[1])] != b"\n" or at + int(match[1]) <= match.end():
            raise ValueError
        yield match[2].decode("utf-8", "replace"), data[match.end() : at + int(match[1]) - 1]
        at += int(match[1])


def _number(field: bytes) -> int | None:
    """A number of a header: octal digits, or GNU's base 256; None for anything else."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    text = field.replace(b"\0", b" ").strip()
    try:
        return int(text, 8) if text else 0
    except ValueError:
        return None
