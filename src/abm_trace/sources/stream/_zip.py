"""Zip by its directory, which is distrusted: nothing is read twice, and what it hides or invents is named.

The layout is that of PKWARE's APPNOTE 6.3.10.
"""

import struct
from collections.abc import Iterator
from typing import Final

import msgspec
from isal import isal_zlib
from msgspec.structs import replace

from abm_trace.sources.stream._budget import MEMBERS_MAX, Budget
from abm_trace.sources.stream._member import Found, text_of
from abm_trace.sources.stream._packed import BZIP2, DEFLATE, LZMA, XZ, ZSTD, Expanded
from abm_trace.sources.stream._source import Forward, Seekable, Source, StreamError, take

LOCAL: Final = b"PK\x03\x04"
CENTRAL: Final = b"PK\x01\x02"
END: Final = b"PK\x05\x06"
_END64: Final = b"PK\x06\x06"
_LOCATOR64: Final = b"PK\x06\x07"
_COMMENT_BYTES_MAX: Final = 65_535
_ALL: Final = 0xFFFFFFFF
STORED: Final = 0
_METHODS: Final = {8: DEFLATE, 12: BZIP2, 14: LZMA, 20: ZSTD, 93: ZSTD, 95: XZ}
_AES: Final = 99
_ENCRYPTED: Final = 0x2041
"""The flags of a member, and of a directory, that is encrypted: bits 0, 6 and 13."""

DESCRIBED: Final = 8
_UTF8: Final = 0x800
_UNIX: Final = 3
_LINK: Final = 0xA000
_READABLE: Final = (0, 0x8000, 0x4000)
DESCRIPTORS: Final = (16, 24, 12, 20)
"""How long what describes a member behind its data may be: with or without its mark, in 32 or 64 bits."""


class Header(msgspec.Struct, frozen=True):
    """What a header says of a member. `size` is that of its packed bytes, `real_size` of the member itself."""

    name: bytes
    flags: int
    method: int
    crc: int
    size: int
    real_size: int
    mode: int = 0
    place: int = 0

    @property
    def title(self) -> str:
        """Its name as text; APPNOTE D.1 has IBM 437 where nothing else is said."""
        name = text_of(self.name.split(b"\0")[0], "utf-8" if self.flags & _UTF8 else "cp437")
        return name if "/" in name else name.replace("\\", "/")

    @property
    def refusal(self) -> str:
        """Why it cannot be read, "" if it can."""
        if self.flags & _ENCRYPTED or self.method == _AES:
            return "encrypted; not read: unpack it with its password and put it into the case"
        if self.method != STORED and self.method not in _METHODS:
            return f"packed by method {self.method}, which is not known; not read: unpack it and put it into the case"
        kind = self.mode & 0xF000
        if kind == _LINK:
            return "a link in a zip; not read"
        # Info-ZIP writes what it is given in a pipe as a fifo that holds it.
        return "" if kind in _READABLE or self.real_size else "no regular file in a zip; not read"


def local_header(fixed: bytes, rest: bytes) -> Header:
    """A local header: its 30 fixed bytes, then name and extra field."""
    flags, method, crc, size, real_size, named = struct.unpack("<6xHH4xIIIH2x", fixed)
    return _wide(Header(rest[:named], flags, method, crc, size, real_size), rest[named:])


def _wide(header: Header, extra: bytes) -> Header:
    """The header with the sizes of its Zip64 extra field, where its own do not suffice."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            numbers = [n for (n,) in struct.iter_unpack("<Q", extra[at + 4 : at + 4 + length // 8 * 8])]
            numbers.reverse()
            for field in ("real_size", "size", "place"):
                if getattr(header, field) == _ALL and numbers:
                    header = replace(header, **{field: numbers.pop()})
            break
        at += 4 + length
    return header


class Checked:
    """A member's bytes; at their end its size and checksum must be what the zip says."""

    def __init__(self, source: Source, header: Header, raw: Source | None, expanded: Expanded | None) -> None:
        self.complaint = ""
        self._source = source
        self._header = header
        self._raw = raw
        self._expanded = expanded
        self._crc = 0
        self._size = 0
        self._ended = False

    def readinto(self, buffer: memoryview) -> int:
        """As Source says."""
        if self._ended:
            return 0
        got = self._source.readinto(buffer)
        if got:
            self.count(buffer[:got])
            return got
        self._ended = True
        self.verify(self._header)
        return 0

    def count(self, data: memoryview) -> None:
        """Take bytes of the member into account."""
        self._crc = isal_zlib.crc32(data, self._crc)
        self._size += len(data)

    def verify(self, header: Header) -> None:
        """Raises StreamError where the member is not what its header says."""
        if self._size != header.real_size:
            message = f"its size lies: {header.real_size:,} bytes were said, {self._size:,} are there"
            raise StreamError(message)
        if self._crc != header.crc:
            message = "damaged: its checksum is wrong"
            raise StreamError(message, hint="Fetch the file again.")
        if self._raw is not None and ((self._expanded and self._expanded.unused()) or take(self._raw, 1)):
            message = "bytes stand after the end of its packed data; they are not read"
            raise StreamError(message)
        if self.complaint:
            raise StreamError(self.complaint)


def opened(header: Header, raw: Source, budget: Budget) -> tuple[Source, Expanded | None]:
    """The expanded bytes of a member whose packed ones these are. Raises StreamError."""
    if header.method == STORED:
        return raw, None
    method = _METHODS[header.method]
    if method is LZMA:
        head = take(raw, 9)  # Version, the size of the properties, and five bytes of them (APPNOTE 5.8.8).
        if len(head) < 9 or head[2:4] != b"\x05\0":
            message = "damaged: its LZMA properties cannot be read"
            raise StreamError(message)
        size = b"\xff" * 8 if header.flags & 2 else struct.pack("<Q", header.real_size)
        raw = Forward(raw, head[4:] + size)
    expanded = Expanded(method, raw, budget, single=True, nested=True)
    return expanded, expanded


def _end(source: Seekable) -> tuple[int, int, int, int, int] | None:
    """(begin, size, members, how far places are off) of the directory and where the zip ends, None if there is none."""
    start = max(0, source.size - 22 - _COMMENT_BYTES_MAX)
    tail = take(source.window(start, source.size - start), source.size - start)
    at = tail.rfind(END)
    while at >= 0:
        record, stop = tail[at : at + 22], start + at
        if len(record) == 22:
            count, size, place, comment = struct.unpack("<10xHIIH", record)
            end = stop + 22 + comment
            if count == 0xFFFF or _ALL in (size, place):
                count, size, place, stop = _end64(source, stop) or (count, size, place, stop)
            begin = stop - size
            if end <= source.size and begin >= 0 and _fits(source, begin, size, begin - place):
                return begin, size, count, begin - place, end
        at = tail.rfind(END, 0, at + 3)
    return None


def _fits(source: Seekable, begin: int, size: int, off: int) -> bool:
    """Whether a directory stands there, and is that of this zip: not of another one inside of it."""
    if size and take(source.window(begin, 4), 4) != CENTRAL:
        return False
    return not off or take(source.window(0, 4), 4) != LOCAL


def _end64(source: Seekable, stop: int) -> tuple[int, int, int, int] | None:
    locator = take(source.window(max(0, stop - 20), 20), 20)
    if not locator.startswith(_LOCATOR64) or len(locator) < 20:
        return None
    (said,) = struct.unpack("<8xQ4x", locator)
    for place in (said, stop - 20 - 56):  # With bytes before the zip, the record is where it always is.
        record = take(source.window(place, 56), 56) if 0 <= place <= source.size else b""
        if record.startswith(_END64) and len(record) == 56:
            count, size, begin = struct.unpack("<32xQQQ", record)
            return count, size, begin, place
    return None


def members(source: Seekable, budget: Budget) -> Iterator[Found] | None:
    """The members that the directory lists, in the order in which they lie; None for a zip without a directory.

    Raises StreamError of the source.
    """
    found = _end(source)
    return _Zip(source, budget, found).members() if found else None


class _Zip:
    def __init__(self, source: Seekable, budget: Budget, end: tuple[int, int, int, int, int]) -> None:
        self._source = source
        self._budget = budget
        self._begin, self._size, self._count, self._off, self._end = end

    def members(self) -> Iterator[Found]:
        headers, damage = self._headers()
        if damage:
            yield Found(None, reason=damage, offset=self._begin)
        headers.sort(key=lambda header: header.place)
        reach, slack = 0, 0
        for header in headers:
            place = header.place + self._off
            if place < reach:
                yield Found(header.title, reason="overlaps another member; not read twice", offset=place)
                continue
            if reach + slack < place:
                yield self._between(reach, place)
            stop, item = self._member(header, place)
            if stop > reach:
                reach, slack = stop, max(DESCRIPTORS) if header.flags & DESCRIBED else 0
            if item is not None:
                yield item
        if reach + slack < self._begin and not damage:
            yield self._between(reach, self._begin)
        if self._end < self._source.size:
            yield Found(None, reason="bytes stand after the end of the zip; they are not read", offset=self._end)

    def _between(self, start: int, stop: int) -> Found:
        where = "before the zip" if not start else "between members, which the directory does not list"
        return Found(None, reason=f"{stop - start:,} bytes {where}; not read", offset=start)

    def _headers(self) -> tuple[list[Header], str]:
        """What the directory lists, as far as it can be read, and what is wrong with it."""
        listing = Forward(self._source.window(self._begin, self._size))
        headers: list[Header] = []
        while listing.position < self._size:
            fixed = take(listing, 46)
            if len(fixed) < 46 or not fixed.startswith(CENTRAL):
                if fixed.startswith(b"PK\x05\x05"):  # A digital signature of the directory.
                    break
                return headers, f"its directory is damaged after {len(headers):,} members; the rest is not read"
            if len(headers) > MEMBERS_MAX:
                break
            made_by, flags, method, crc, size, real_size, named, extra, comment, attributes, place = struct.unpack(
                "<5xBxxHH4xIIIHHH4xII", fixed
            )
            rest = take(listing, named + extra + comment)
            mode = attributes >> 16 if made_by == _UNIX else 0
            header = Header(rest[:named], flags, method, crc, size, real_size, mode, place)
            headers.append(_wide(header, rest[named : named + extra]))
        if len(headers) <= MEMBERS_MAX and len(headers) & 0xFFFF != self._count & 0xFFFF:
            return headers, f"its directory lists {len(headers):,} members, and says that they are {self._count:,}"
        return headers, ""

    def _member(self, header: Header, place: int) -> tuple[int, Found | None]:
        """Where a member ends, and the member; None for a folder."""
        fixed = take(self._source.window(place, 30), 30) if place >= 0 else b""
        if len(fixed) < 30 or not fixed.startswith(LOCAL):
            return 0, Found(header.title, reason="no member stands where the directory says; not read", offset=place)
        named, extra = struct.unpack("<26xHH", fixed)
        rest = take(self._source.window(place + 30, named + extra), named + extra)
        own = local_header(fixed, rest)
        start = place + 30 + named + extra
        stop = start + header.size
        stop = min(stop, self._begin)
        if own.name != header.name:
            reason = f"two names: {own.title[:200]!r} in its own header; not read"
            return stop, Found(header.title, reason=reason, offset=place)
        if refusal := header.refusal or own.refusal:
            return stop, Found(header.title, reason=refusal, offset=place)
        if header.title.endswith("/") and not header.real_size:
            return stop, None
        raw = self._source.window(start, stop - start)
        try:
            expanded, engine = opened(header, raw, self._budget)
        except StreamError as error:
            return stop, Found(header.title, reason=error.reason(), offset=place)
        checked = Checked(expanded, header, raw, engine)
        if stop < start + header.size:
            checked.complaint = f"its size lies: {header.size:,} packed bytes were said, {stop - start:,} are there"
        return stop, Found(header.title, checked, offset=place)
