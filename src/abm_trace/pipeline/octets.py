"""Octet counts before syslog messages (RFC 6587, 3.4.1): they cut a line into messages, and may be false."""

import re
from collections.abc import Iterator
from typing import Final

_COUNTED: Final = re.compile(rb"([0-9]{1,7}) (?=<[0-9]{1,3}>)")
_COUNTED_LINE: Final = re.compile(rb"^([0-9]{1,7}) <[0-9]{1,3}>[^\n]*", re.MULTILINE)
_LINE_END_BYTES: Final = 2
"""A count may include the line's end."""


def messages(line: bytes) -> tuple[list[tuple[int, bytes]], str]:
    """The messages of a line, (place in it, message), and what is false about a count of it, "" for nothing.

    A line without a count is one message; the rest of one with a false count is read to the line's end.
    """
    found, start, problem = [], 0, ""
    while match := _COUNTED.match(line, start):
        begin, count = match.end(), int(match[1])
        rest = len(line.rstrip(b"\r")) - begin
        if count < rest and _COUNTED.match(line, begin + count):
            found.append((begin, line[begin : begin + count]))
            start = begin + count
            continue
        if not 0 <= count - rest <= _LINE_END_BYTES:
            problem = f"a false octet count: {count} for {rest} bytes; the line was read to its end"
        found.append((begin, line[begin:]))
        break
    return found or [(0, line)], problem


def false_counts(buffer: bytearray, first: int, last: int) -> Iterator[tuple[int, str]]:
    """(Place, what is false) of the counted lines between two places of the buffer.

    A message that holds a line feed is counted rightly if another one begins where its count ends.
    """
    for match in _COUNTED_LINE.finditer(buffer, first, last):
        over = match.end(1) + 1 + int(match[1]) - match.end()
        if 0 <= over <= _LINE_END_BYTES or (over > 0 and _COUNTED.match(buffer, match.end() + over)):
            continue
        _, problem = messages(match[0])
        if problem:
            yield match.start(), problem
