"""What the embedded documents are made of: numbered things, texts, instants, and JSON that is safe inside HTML."""

import json
import re
from typing import Final, TypeVar

import msgspec

from abm_trace.core.instants import render

_EXACT: Final = 1 << 52
_SPAN_MAX: Final = 1 << 50
"""A longer time would lose its last µs as a number of ms."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NOT_ASCII: Final = re.compile("[^\x00-\x7e]+")

_Key = TypeVar("_Key")


class Numbered(dict[_Key, int]):
    """Gives each thing that it is asked for a number, from 0, in the order in which they first come."""

    def __missing__(self, key: _Key) -> int:
        """The next number."""
        number = self[key] = len(self)
        return number


def document(content: msgspec.Struct) -> bytes:
    """The JSON of a script element: ASCII, which browsers read in half the time, and nothing that ends the element."""
    data = msgspec.json.encode(content)
    data = data.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")
    if data.isascii() and b"\x7f" not in data:
        return data
    return _NOT_ASCII.sub(_escaped, data.decode()).encode()


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1].replace("\x7f", "\\u007f")


def text(said: str) -> str:
    """The text, each lone surrogate, which UTF-8 cannot hold, as U+FFFD."""
    return said if said.isascii() else _SURROGATE.sub("\ufffd", said)


def instant(at: int | None) -> int | str | None:
    """µs, or RFC 3339 text where a script's number cannot hold them."""
    return at if at is None or -_EXACT < at < _EXACT else render(at)


def since(at: int | None, base: int) -> float | str | None:
    """Milliseconds after `base`, which few sources divide; RFC 3339 text where a number cannot hold them."""
    if at is None:
        return None
    span = at - base
    if abs(span) >= _SPAN_MAX or not -_EXACT < base < _EXACT:
        return render(at)
    return span / 1000 if span % 1000 else span // 1000
