"""Commitments to each line of kept bytes: some lines can be shown and proved, and the others withheld and counted.

A line goes to its newline, which belongs to it; one of more than 1 MiB is cut into pieces of that size. Each has a
salt of 16 bytes out of the nonce of its record, and its commitment is SHA256(salt‖line). The entry's `lines` is the
SHA-256 over all commitments, one behind the other. A salt says nothing of the nonce, nor of another salt.
"""

import re
from binascii import hexlify, unhexlify
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256, shake_256
from io import BytesIO
from itertools import chain, count
from struct import Struct
from typing import Final, NamedTuple

from abm_trace.evidence.errors import FormatError

LINE_BYTES_MAX: Final = 1024 * 1024
SALT_BYTES: Final = 16
_SALTS: Final = Struct(256 * f"{SALT_BYTES}s")
_DIGEST_BYTES: Final = 32
_GIVEN: Final = re.compile(rb"(?:= ([0-9a-f]{32})|# ([0-9a-f]{64})) ")
_SHOWN_BYTES_MAX: Final = 2 * LINE_BYTES_MAX
WITHHELD: Final = b"[withheld]"
_BATCH: Final = 4096
"""So many lines are looked at in one go."""

Show = Callable[[Sequence[bytes]], Mapping[int, bytes]]
"""What is shown of some lines, by the place among them: the line itself, or another text for it."""


def salts(nonce: bytes) -> Iterator[bytes]:
    """The salt of each line, without end."""
    blocks = (shake_256(nonce + b"lines" + number.to_bytes(8, "big")).digest(_SALTS.size) for number in count())
    return chain.from_iterable(map(_SALTS.unpack, blocks))


class Cutter:
    """Cuts bytes that come in pieces into lines of at most `bytes_max`."""

    def __init__(self, bytes_max: int = LINE_BYTES_MAX) -> None:
        self._max = bytes_max
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete by now."""
        lines = list(iter(partial(BytesIO(self._rest + data).readline, self._max), b""))
        self._rest = b"" if not lines or lines[-1].endswith(b"\n") else lines.pop()
        return lines

    def end(self) -> list[bytes]:
        """The last line, if it has no newline."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else []


def cut(chunks: Iterable[bytes], bytes_max: int = LINE_BYTES_MAX) -> Iterator[list[bytes]]:
    """The lines of bytes that come in pieces, some at a time."""
    cutter = Cutter(bytes_max)
    yield from map(cutter.feed, chunks)
    yield cutter.end()


class Lines:
    """Works out the `lines` of bytes that come in pieces."""

    def __init__(self, nonce: bytes) -> None:
        self._salts = salts(nonce)
        self._cutter = Cutter()
        self._root = sha256()

    def update(self, data: bytes) -> None:
        """Take the next piece."""
        self._add(self._cutter.feed(data))

    def _add(self, lines: Iterable[bytes]) -> None:
        self._root.update(_commitments(lines, self._salts))

    def hexdigest(self) -> str:
        """The digest, once all came."""
        self._add(self._cutter.end())
        return self._root.hexdigest()


def _commitments(lines: Iterable[bytes], salting: Iterator[bytes]) -> bytes:
    """The commitments to these lines, one behind the other."""
    return b"".join([sha256(salt + line).digest() for line, salt in zip(lines, salting)])  # noqa: B905  # Salts have no end.


def shown(chunks: Iterable[bytes], nonce: bytes, show: Show) -> Iterator[bytes]:
    """The lines as they are given away: `= SALT LINE`, or `# COMMITMENT TEXT` for one that is not shown as it is."""
    salting = salts(nonce)
    for lines in cut(chunks):
        for at in range(0, len(lines), _BATCH):
            some = lines[at : at + _BATCH]
            yield b"".join(_pieces(some, show(some), salting))


def _pieces(lines: Sequence[bytes], texts: Mapping[int, bytes], salting: Iterator[bytes]) -> Iterator[bytes]:
    """The lines as they are given away, those between two that are shown in one go."""
    begin = 0
    for at, text in sorted(texts.items()):
        yield _withheld(lines[begin:at], salting)
        yield _line(lines[at], text, next(salting))
        begin = at + 1
    yield _withheld(lines[begin:], salting)


def _withheld(lines: Sequence[bytes], salting: Iterator[bytes]) -> bytes:
    """Lines of which nothing is shown."""
    if not lines:
        return b""
    digests = hexlify(_commitments(lines, salting), b"\n", _DIGEST_BYTES)
    return b"# %b %b\n" % (digests.replace(b"\n", b" %b\n# " % WITHHELD), WITHHELD)


def _line(line: bytes, text: bytes, salt: bytes) -> bytes:
    """A line of which something is shown."""
    if text == line and (len(line) < LINE_BYTES_MAX or line.endswith(b"\n")):
        return b"= %b %b" % (hexlify(salt), line)
    shown = WITHHELD if text == line else text.rstrip(b"\n")
    return b"# %b %b\n" % (hexlify(sha256(salt + line).digest()), shown)


class Checked(NamedTuple):
    """What given lines turned out to be: their `lines` as an entry has it, and how many were shown and withheld."""

    digest: str
    kept: int
    withheld: int


def check(chunks: Iterable[bytes]) -> Checked:
    """What lines that were given away lead to. Raises FormatError for a line that is none."""
    root, kept, withheld, is_cut = sha256(), 0, 0, False
    for lines in cut(chunks, _SHOWN_BYTES_MAX):
        digests = []
        for line in lines:
            found = _GIVEN.match(line)
            if found is None or is_cut:
                number = kept + withheld + 1
                raise FormatError(f"line {number}: is neither `= SALT LINE` nor `# COMMITMENT TEXT`")
            salt, said = found.groups()
            is_cut = not line.endswith(b"\n")
            if salt is None:
                withheld += 1
                digests.append(unhexlify(said))
            else:
                kept += 1
                digests.append(sha256(unhexlify(salt) + line[found.end() :]).digest())
        root.update(b"".join(digests))
    return Checked(root.hexdigest(), kept, withheld)
