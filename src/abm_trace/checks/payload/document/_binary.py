"""Binary property lists of unknown origin, with the type of every value.

From: https://opensource.apple.com/source/CF/CF-1153.18/CFBinaryPList.c
"""

import struct
from datetime import UTC, datetime, timedelta
from typing import Final

from abm_trace.checks.payload.document._node import BYTES_MAX, DEPTH_MAX, NODES_MAX, DocumentError, Node, Parsed
from abm_trace.core.bplist import TRAILER, end_of

_EPOCH: Final = datetime(2001, 1, 1, tzinfo=UTC)


def read_binary(data: bytes) -> Parsed:
    """The property list. Raises DocumentError."""
    end = end_of(data)
    trailing = f"{len(data) - end:,} bytes follow the property list" if end < len(data) else ""
    return _Binary(data[:end]).parsed(trailing)


class _Binary:
    """Every reference that is followed and every byte that is copied counts: shared references multiply nothing."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._nodes = NODES_MAX
        self._bytes = BYTES_MAX
        self._repeated: list[tuple[str, int | None]] = []
        if not data.startswith(b"bplist0") or len(data) < 8 + TRAILER.size:
            raise DocumentError("the binary property list is cut off, or of an unknown version")
        self._offset_size, self._ref_size, self._count, self._top, self._table = TRAILER.unpack(data[-TRAILER.size :])
        if (
            not (1 <= self._offset_size <= 8 and 1 <= self._ref_size <= 8)
            or self._table + self._count * self._offset_size > len(data) - TRAILER.size
        ):
            raise DocumentError("the binary property list is cut off, or much follows it: it has no table of objects")

    def parsed(self, trailing: str) -> Parsed:
        """The top object, what follows the list, and the keys that came twice."""
        return Parsed(self._read(self._top, 0), trailing, self._repeated)

    def _read(self, ref: int, depth: int) -> Node:
        self._nodes -= 1
        if self._nodes < 0 or depth > DEPTH_MAX:
            raise DocumentError("the binary property list is nested too deeply, or refers to itself too often")
        if ref >= self._count:
            raise DocumentError("the binary property list refers to an object that is not there")
        at = self._int(self._table + ref * self._offset_size, self._offset_size)
        marker = self._int(at, 1)
        kind, size = marker >> 4, marker & 0xF
        at += 1
        if kind in {0x4, 0x5, 0x6, 0xA, 0xC, 0xD} and size == 0xF:
            width = 1 << (self._int(at, 1) & 0xF)
            size = self._int(at + 1, width)
            at += 1 + width
        match kind:
            case 0x0 if marker in {0x08, 0x09}:
                return Node("boolean", marker == 0x09)
            case 0x1:
                return Node("integer", self._int(at, 1 << size, signed=size >= 3))
            case 0x2 if size in {2, 3}:
                return Node("real", struct.unpack(">f" if size == 2 else ">d", self._at(at, 1 << size))[0])
            case 0x3:
                return Node("date", _date(self._at(at, 8)))
            case 0x4:
                return Node("data", self._at(at, size))
            case 0x5:
                return Node("string", self._at(at, size).decode("latin-1"))
            case 0x6:
                return Node("string", self._at(at, 2 * size).decode("utf-16-be", "replace"))
            case 0xA | 0xC:
                return Node("array", [self._read(item, depth + 1) for item in self._refs(at, size)])
            case 0xD:
                return Node("dictionary", self._dictionary(self._refs(at, 2 * size), size, depth + 1))
            case _:
                return Node("null", None)

    def _dictionary(self, refs: list[int], size: int, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for name, value in zip(refs[:size], refs[size:], strict=True):
            key = self._read(name, depth).text
            if key is None:
                raise DocumentError("a key of the binary property list is no text")
            if key in found:
                self._repeated.append((key, None))
            found[key] = self._read(value, depth)
        return found

    def _refs(self, at: int, count: int) -> list[int]:
        """The references of a list or dictionary; their number is looked at before they are read."""
        if count > self._nodes:
            raise DocumentError("the binary property list claims more objects than are read")
        size = self._ref_size
        raw = self._at(at, count * size)
        return [int.from_bytes(raw[index : index + size], "big") for index in range(0, len(raw), size)]

    def _at(self, at: int, size: int) -> bytes:
        self._bytes -= size
        if self._bytes < 0 or at + size > self._table:
            raise DocumentError("the binary property list claims more bytes than it has")
        return self._data[at : at + size]

    def _int(self, at: int, size: int, *, signed: bool = False) -> int:
        if size > 16 or at + size > len(self._data):
            raise DocumentError("the binary property list refers to bytes that are not there")
        return int.from_bytes(self._data[at : at + size], "big", signed=signed)


def _date(raw: bytes) -> str:
    """A date as the XML form writes it; the raw seconds where the calendar has no such day."""
    seconds = struct.unpack(">d", raw)[0]
    try:
        return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError):
        return f"{seconds} s"
