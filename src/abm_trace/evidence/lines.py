"""Commitments to each line of kept bytes: some lines can be shown and proved, and the others withheld and counted.

A line goes to its newline, which belongs to it; one of more than 1 MiB is cut into pieces of that size. Each has a
salt of 16 bytes out of the nonce of its record, and its commitment is SHA256(salt‖line). The entry's `lines` is the
SHA-256 over all commitments, one behind the other. A salt says nothing of the nonce, nor of another salt.
"""

import hashlib
import re
from binascii import hexlify, unhexlify
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from operator import itemgetter
from struct import iter_unpack
from typing import Final, NamedTuple

from abm_trace.evidence.errors import FormatError

LINE_BYTES_MAX: Final = 1024 * 1024
SALT_BYTES: Final = 16
_SALTS: Final = 256
_KEPT, _WITHHELD = b"= ", b"# "
_GIVEN: Final = re.compile(rb"(?:= ([0-9a-f]{32})|# ([0-9a-f]{64})) ")
_SHOWN_BYTES_MAX: Final = 2 * LINE_BYTES_MAX
WITHHELD: Final = b"[withheld]"
_BATCH: Final = 4096
"""So many lines are looked at in one go."""

Show = Callable[[Sequence[bytes]], Sequence[bytes | None]]
"""What of each line is shown: the line itself, another text in its place, or None for nothing."""


def salts(nonce: bytes) -> Iterator[bytes]:
    """The salt of each line, without end."""
    number = 0
    while True:
        block = hashlib.shake_256(nonce + b"lines" + number.to_bytes(8, "big")).digest(SALT_BYTES * _SALTS)
        yield from map(itemgetter(0), iter_unpack(f"{SALT_BYTES}s", block))
        number += 1


class Cutter:
    """Cuts bytes that come in pieces into lines of at most `bytes_max`."""

    def __init__(self, bytes_max: int = LINE_BYTES_MAX) -> None:
        self._max = bytes_max
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete by now."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        lines = [line + b"\n" for line in whole]
        if max(map(len, lines), default=0) > self._max:
            lines = [piece for line in lines for piece in self._pieces(line)]
        if len(self._rest) > self._max:
            *begun, self._rest = self._pieces(self._rest)
            lines += begun
        return lines

    def _pieces(self, line: bytes) -> list[bytes]:
        return [line[at : at + self._max] for at in range(0, len(line), self._max)]

    def end(self) -> list[bytes]:
        """The last line, if it has no newline."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else []


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
        self._root.update(b"".join([sha256(salt + line).digest() for line, salt in zip(lines, self._salts)]))  # noqa: B905  # Salts have no end.

    def hexdigest(self) -> str:
        """The digest, once all came."""
        self._add(self._cutter.end())
        return self._root.hexdigest()


def shown(chunks: Iterable[bytes], nonce: bytes, show: Show) -> Iterator[bytes]:
    """The lines as they are given away: `= SALT LINE`, or `# COMMITMENT TEXT` for one that is not shown as it is."""
    cutter, salting = Cutter(), salts(nonce)
    for chunk in chunks:
        yield from _given(cutter.feed(chunk), salting, show)
    yield from _given(cutter.end(), salting, show)


def _given(lines: Sequence[bytes], salting: Iterator[bytes], show: Show) -> Iterator[bytes]:
    for at in range(0, len(lines), _BATCH):
        some = lines[at : at + _BATCH]
        texts = show(some)
        if texts.count(None) < len(texts):
            yield b"".join(map(_line, some, texts, salting))  # Salts have no end.
        else:  # As in most files [1.3 times as fast].
            said = [sha256(salt + line).hexdigest().encode() for line, salt in zip(some, salting)]  # noqa: B905  # As above.
            yield b"# %b %b\n" % ((b" %b\n# " % WITHHELD).join(said), WITHHELD)


def _line(line: bytes, text: bytes | None, salt: bytes) -> bytes:
    """A line as it is given away."""
    if text == line and not (len(line) == LINE_BYTES_MAX and not line.endswith(b"\n")):
        return b"= %b %b" % (hexlify(salt), line)
    shown = WITHHELD if text is None or text == line else text.rstrip(b"\n")
    return b"# %b %b\n" % (hexlify(sha256(salt + line).digest()), shown)


class Checked(NamedTuple):
    """What given lines turned out to be: their `lines` as an entry has it, and how many were shown and withheld."""

    digest: str
    kept: int
    withheld: int


def check(chunks: Iterable[bytes]) -> Checked:
    """What lines that were given away lead to. Raises FormatError for a line that is none."""
    cutter, root = Cutter(_SHOWN_BYTES_MAX), sha256()
    counts = {_KEPT: 0, _WITHHELD: 0}
    cut = False

    def take(lines: Sequence[bytes]) -> None:
        nonlocal cut
        digests = []
        for line in lines:
            found = _GIVEN.match(line)
            if found is None or cut:
                raise FormatError(f"line {sum(counts.values()) + 1}: is neither `= SALT LINE` nor `# COMMITMENT TEXT`")
            salt, said = found.groups()
            counts[_WITHHELD if salt is None else _KEPT] += 1
            cut = not line.endswith(b"\n")
            digests.append(unhexlify(said) if salt is None else sha256(unhexlify(salt) + line[found.end() :]).digest())
        root.update(b"".join(digests))

    for chunk in chunks:
        take(cutter.feed(chunk))
    take(cutter.end())
    return Checked(root.hexdigest(), counts[_KEPT], counts[_WITHHELD])
