"""Arrays of objects (`log show --style json`) as one object a line, every byte at its place.

The comma between two objects becomes a line feed and a line feed inside an object a blank, so that what reads lines
reads arrays too, whole or in pieces. No JSON string holds a raw line feed or an unescaped quote, so both are found
without looking into strings. What `log stream` says first (`Filtering the log data using …`) stays a line of its own.
"""

import re
from typing import Final

_PREAMBLE: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:(?:Filtering the log data|Skipping )[^\n]*\n)*")
_OPENING: Final = re.compile(rb"\s*\[(\s*)\{(\s*)")
_BETWEEN: Final = re.compile(
    rb'\},([ \t]?)\{(?="(?!image(?:Offset|UUID)"|message_strings"|item_(?:type|size)")[^"\\]{1,60}"[ \t]?:)'
)
"""Between two objects of an array on one line, where a key follows, and no end of a text; the excluded keys begin the
objects inside of an entry."""

_MARK: Final = b"\x01"
"""Stands for the comma between two objects until line feeds are blanks: a control character is in no JSON text."""

_FLATTEN: Final = bytes.maketrans(b"\n\r" + _MARK, b"  \n")


class Array:
    """How one array is written: on one line, or printed over many with `separator` between its objects."""

    def __init__(self, separator: bytes) -> None:
        self._separator = separator
        self._marked = separator.replace(b",", _MARK)

    @classmethod
    def of(cls, head: bytes) -> "Array | None":
        """The array that begins like this, None for any other text."""
        match = _OPENING.match(head, _said_first(head))
        if match is None:
            return None
        gap, behind = match.groups()
        if b"\n" not in behind:
            return cls(b"")
        end = b"\r\n" if b"\r\n" in behind else b"\n"
        if b"\n" not in gap:  # As Apple prints it: `[{` and `},{` have lines of their own.
            return cls(end + b"},{" + end)
        indent = gap.rpartition(b"\n")[2]
        return cls(end + indent + b"}," + end + indent + b"{" + end)

    def lines(self, data: bytes) -> bytes:
        """The data, as long as before, with each object that ends in it on a line of its own."""
        if not self._separator:
            return _BETWEEN.sub(rb"}\n\1{", data)
        flat = data.replace(self._separator, self._marked).translate(_FLATTEN)
        first = _said_first(data)
        return data[:first] + flat[first:] if first else flat


def _said_first(data: bytes) -> int:
    """Where the array begins, behind the lines that the tool says before it."""
    match = _PREAMBLE.match(data)
    return match.end() if match else 0
