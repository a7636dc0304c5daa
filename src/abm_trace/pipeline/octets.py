"""Octet counts before syslog messages (RFC 6587, 3.4.1): they say where messages end, and may be false.

A frame is a count with the bytes that it counts; what a true one holds is one message, line feeds or not.
"""

import codecs
import re
from typing import Final, NamedTuple

from abm_trace.signatures.scan import LINE_BYTES_MAX

_COUNTED: Final = re.compile(rb"([0-9]{1,7}) (?=<[0-9]{1,3}>)")
_COUNTED_LINE: Final = re.compile(rb"\n(?=[0-9]{1,7} <[0-9]{1,3}>)")
_LINE_END_BYTES: Final = 2
"""A count may include the line's end."""

_AHEAD_BYTES: Final = 16
"""So much behind a frame says whether it is true: a line's end, a count, a priority."""

_LF: Final = 0x0A
_CR: Final = 0x0D
_BLANK: Final = 0x20


class Framed(NamedTuple):
    """A block in which each line is a message, or empty: as long as the stored one, so that places stay what they are.

    `begins` says that it begins with a message, though the block before may not end with a line; `false` are the counts
    that are not true, (place, what is false).
    """

    text: bytearray
    begins: bool
    false: list[tuple[int, str]]


class Octets:
    """Walks over the frames of one log, block by block."""

    def __init__(self) -> None:
        self._sure = True  # Whether a message begins where the next block does: behind a true frame, or at the start.
        self._known: tuple[int, Framed | None] | None = None

    def cut(self, buffer: bytearray, size: int) -> int:
        """Where a block ends that is not the last: behind its last whole line, or frame; what follows comes again."""
        self._known = self._framed(buffer, size, last=False)
        return self._known[0]

    def framed(self, buffer: bytearray, size: int) -> Framed | None:
        """The block as lines, None where it has no counts; it is the one that was cut, else the last."""
        _, framed = self._known or self._framed(buffer, size, last=True)
        self._known = None
        return framed

    def _framed(self, buffer: bytearray, size: int, *, last: bool) -> tuple[int, Framed | None]:
        whole = size if last else buffer.rfind(b"\n", 0, size) + 1 or size
        mark = len(codecs.BOM_UTF8) if buffer.startswith(codecs.BOM_UTF8) else 0
        if not (_COUNTED.match(buffer, mark, size) or _COUNTED_LINE.search(buffer, 0, size)):
            self._sure = False
            return whole, None
        walk = _Walk(buffer, size, last=last, sure=self._sure)
        framed = Framed(walk.text, self._sure, walk.false)
        cut = walk.over(mark) or whole
        self._sure = walk.sure
        del walk.text[cut:]
        return cut, framed


class _Walk:
    """One walk over the frames of a block; `text` is what becomes of it, `sure` as in Octets, for where it ended."""

    def __init__(self, buffer: bytearray, size: int, *, last: bool, sure: bool) -> None:
        self.text = bytearray(memoryview(buffer)[:size])
        self.false: list[tuple[int, str]] = []
        self.sure = sure
        self._buffer, self._size, self._last = buffer, size, last

    def over(self, at: int) -> int:
        """Go over the block from a place at which a line begins; where to cut it, 0 for behind its last line."""
        buffer, size, last = self._buffer, self._size, self._last
        match, find = _COUNTED.match, buffer.find
        ahead: re.Match[bytes] | None = None
        while at < size:
            count = ahead or match(buffer, at, size)
            ahead = None
            if count is None:
                line = _COUNTED_LINE.search(buffer, at, size)
                stop = line.end() if line else size if last else max(at, buffer.rfind(b"\n", at, size) + 1)
                self.sure = self.sure and not buffer[at:stop].strip(b"\r\n")
                if line is None:
                    return stop
                at = stop
                continue
            begin = count.end()
            reach = end = begin + int(count[1])
            feed = find(b"\n", begin, min(end, size))  # Behind the block stand the bytes of another.
            if feed == end - _LINE_END_BYTES and (behind := match(buffer, end, size)):
                reach = behind.end() + int(behind[1])
            if reach + _AHEAD_BYTES > size and not last and at and reach - begin <= LINE_BYTES_MAX:
                return at
            if feed < 0 and end < size and buffer[end] == _LF:
                self.sure, at = True, end + 1
            elif feed == end - 1:
                self.sure, at = True, end
            elif feed < end - _LINE_END_BYTES and end - begin <= LINE_BYTES_MAX and (ahead := match(buffer, end, size)):
                self._part(begin, end, feed, ahead)
                self.sure, at = True, end
            elif after := self._after(begin, end, feed):
                self.sure, at = True, after
            else:
                feed = feed if 0 <= feed < size else find(b"\n", begin, size)
                if feed < 0 and not last and at:
                    return at
                at = self._untrue(at, begin, end, size if feed < 0 else feed)
        return size

    def _after(self, begin: int, end: int, feed: int) -> int:
        """Where what follows a frame begins, 0 if it is not true; its first line feed, at `feed`, does not end it."""
        buffer, size = self._buffer, self._size
        if feed < 0:
            after = size if self._last and size <= end <= size + _LINE_END_BYTES else self._next(end)
        else:
            after = self._next(end)
            if end == feed + _LINE_END_BYTES and not (after and self._is_no_line(feed + 1, after)):
                return feed + 1  # The line's end was two bytes when it was counted.
            if end > size and self._last and self.sure and not _COUNTED_LINE.search(buffer, begin, size):
                if end > size + _LINE_END_BYTES:
                    reason = f"a false octet count: {end - begin} for {size - begin} bytes; the log ends"
                    self.false.append((begin, reason))
                end = after = size
            if not after or end - begin > LINE_BYTES_MAX or not (self.sure or _COUNTED.match(buffer, after, size)):
                return 0
        self._part(begin, min(end, size), feed, _COUNTED.match(buffer, end, size) if after == end else None)
        return after

    def _part(self, begin: int, end: int, feed: int, ahead: re.Match[bytes] | None) -> None:
        """Make the message of a true frame one line, which ends where the count `ahead` stands right behind it."""
        ended = self._buffer[end - 1] == _LF
        if feed >= 0 and self._buffer.find(b"\n", feed + 1, end) < 0 and self._buffer[feed - 1] != _CR:
            self.text[feed] = _BLANK
        elif feed >= 0:
            message = self._buffer[begin : end - ended]
            self.text[begin : end - ended] = message.replace(b"\r\n", b"  ").replace(b"\n", b" ")
        if ahead and not ended:
            self.text[end : ahead.end()] = b"\n" * (ahead.end() - end)

    def _next(self, end: int) -> int:
        """Where another frame or line begins behind a frame that ends here; 0 if none may."""
        buffer, size = self._buffer, self._size
        if end >= size:
            return size if end == size and self._last else 0
        if buffer[end] == _LF:
            return end + 1
        if buffer[end - 1] == _LF or _COUNTED.match(buffer, end, size):
            return end
        return end + 2 if buffer.startswith(b"\r\n", end, size) else 0

    def _is_no_line(self, start: int, after: int) -> bool:
        """Whether no counted line begins at the start, or one begins behind its first digit, and that one is true."""
        count = _COUNTED.match(self._buffer, after, self._size)
        own = _COUNTED.match(self._buffer, start, self._size)
        return own is None or (count is not None and self._next(count.end() + int(count[1])) > 0)

    def _untrue(self, at: int, begin: int, end: int, stop: int) -> int:
        """Name a false count, whose message is read to its line's end at `stop`; where the next line begins."""
        rest = len(self._buffer[begin:stop].rstrip(b"\r"))
        self.false.append((at, f"a false octet count: {end - begin} for {rest} bytes; the line was read to its end"))
        self.sure = False
        return stop + 1
