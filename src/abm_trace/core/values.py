"""How many values a JSON text holds, told before it is decoded: each becomes an object, far larger than its text.

`{}` takes two bytes of a text and 72 in memory; so what is decoded at once has a bound of its own beside that of size.
"""

import re
from typing import Final

VALUES_MAX: Final = 500_000
"""How many signs (`{`, `[`, `,`, `:`; one stands before each value) may be in what is decoded at once. Origin: ours; a
sign costs up to 120 bytes (`{"":{"":…}}`), and a record is read twice: 120 MB, beside two copies of a document of
64 MiB, of the 300 MB that there are. A list of 150,000 devices has 5,100,000 signs, but a device, which is what is
decoded at once, has 34. As many things at most are read one by one of a document: each takes some 5 µs, of 10 s."""

TOO_MANY: Final = f"more than {VALUES_MAX:,} values stand in one; export it as NDJSON, or in several files"
"""What is said of a text that holds more."""

_SIGNS: Final = (b"{", b"[", b",", b":")
# A string as a whole, so that signs inside it do not count, also one that does not end; else a sign.
_PARTS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[{\[,:}\]]', re.DOTALL)


def too_many(data: bytes, start: int = 0, end: int | None = None) -> bool:
    """Whether the value that begins at `start` holds more than may be decoded at once, as far as to `end`.

    Counting each sign is quick; only where there are too many of them the strings, which may hold JSON themselves, are
    told from the rest. It is no check of the JSON: where that breaks, so does the decoder.
    """
    end = len(data) if end is None else end
    return may_be_too_many(data, start, end) and _is_too_many(data, start, end)


def may_be_too_many(data: bytes, start: int, end: int) -> bool:
    """The same for all that stands there, signs in strings included."""
    return end - start > VALUES_MAX and signs(data, start, end) > VALUES_MAX


def signs(data: bytes, start: int, end: int) -> int:
    """How many signs stand there, those in strings included."""
    return sum(data.count(sign, start, end) for sign in _SIGNS)


def _is_too_many(data: bytes, start: int, end: int) -> bool:
    met = depth = 0
    for part in _PARTS.finditer(data, start, end):
        sign = data[part.start()]
        if sign in b"}]":
            depth -= 1
        elif sign != _QUOTE:
            met += 1
            depth += sign in b"{["
            if met > VALUES_MAX:
                return True
        if depth <= 0:
            return False
    return False


_QUOTE: Final = ord('"')
