"""The objects of an array of JSON (`log show --style json`): each becomes a line, and is cited where its message is."""

from typing import Final

from abm_trace.formats.logs._array import Array
from abm_trace.pipeline.block import Block
from abm_trace.signatures.scan import LINE_BYTES_MAX

_KEYS: Final = (b'"eventMessage"', b'"message"')
"""Where an object of an array is cited: the line of its message, which says more than `},{`."""

_AROUND: Final = b"\xef\xbb\xbf[], \t\r"
_AROUND_BYTES: Final = 64
"""What of an array may stand around an object in a line that is its own, and how much of it on either side."""


class Objects:
    """One array, piece by piece; `block` is where its lines are looked at."""

    def __init__(self, array: Array, block: Block) -> None:
        self._array = array
        self._block = block
        self._carry = b""
        self._begins = self._next = True  # Whether the block begins with a line of the blob, and the next one.

    def lines(self, data: bytes, *, last: bool) -> tuple[bytearray, bytes]:
        """The objects that end in the next piece, each on a line of its own, and the same bytes as the blob has them.

        There is no line where none ends.
        """
        raw = self._carry + data
        flat = bytearray(self._array.lines(raw))
        cut = len(flat) if last else flat.rfind(b"\n") + 1
        if not cut and len(raw) > LINE_BYTES_MAX:
            cut = len(flat)
        self._carry = raw[cut:]
        del flat[cut:]
        if cut:
            self._begins, self._next = self._next, raw[cut - 1 : cut] == b"\n"
        return flat, raw

    def place(self, start: int, length: int) -> tuple[int, int]:
        """Where an object is cited, whose place in the block this is: the line of its message, or its own.

        An object that shares its line with others is cited at its message, within that line.
        """
        physical, size, stop = self._block.physical, self._block.size, start + length
        message = max(start, *(physical.find(key, start, stop) for key in _KEYS))
        first, last = max(0, start - _AROUND_BYTES), min(size, stop + _AROUND_BYTES)
        begin = physical.rfind(b"\n", first, message) + 1 or (0 if first == 0 and self._begins else -1)
        end = physical.find(b"\n", message, last)
        end = size if end < 0 and last == size else end
        alone = begin >= 0 and end >= 0 and not (physical[begin:start] + physical[stop:end]).strip(_AROUND)
        begin, end = (begin, end) if alone else (message, stop)
        return self._block.offset + begin, end - begin
