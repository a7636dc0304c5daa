"""Where the tree stands in files (C2SP tlog-tiles): paths, hash tiles of 256, entry bundles, and roots out of them."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Final

from abm_trace.evidence import tree
from abm_trace.evidence.errors import FormatError

WIDTH: Final = 256
HASH_BYTES: Final = 32
LENGTH_BYTES: Final = 2

Read = Callable[[int, int, int], Sequence[bytes]]
"""Gives the first `width` hashes of tile `number` at `level`."""


def numbered(number: int) -> str:
    """A number in groups of three digits, all but the last behind an x: 1234067 is x001/x234/067."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{each}" for each in groups[:-1]), groups[-1]])


def path(level: int | str, number: int, width: int = WIDTH) -> str:
    """The path of a tile (`level` a number) or of a bundle (`entries`), partial if `width` is below 256."""
    return f"tile/{level}/{numbered(number)}" + (f".p/{width}" if width < WIDTH else "")


def spread(size: int) -> Iterator[tuple[int, int]]:
    """Number and width of each tile that holds `size` things."""
    full, rest = divmod(size, WIDTH)
    yield from ((number, WIDTH) for number in range(full))
    if rest:
        yield full, rest


def hashes_of(data: bytes) -> list[bytes]:
    """The hashes of a tile. Raises FormatError if it is no whole number of them."""
    if len(data) % HASH_BYTES or not 0 < len(data) <= WIDTH * HASH_BYTES:
        raise FormatError(f"a tile of {len(data)} bytes")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def bundle(entries: Sequence[bytes]) -> bytes:
    """Each entry behind its length, two bytes big-endian."""
    return b"".join(len(entry).to_bytes(LENGTH_BYTES, "big") + entry for entry in entries)


def unbundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises FormatError if it is cut."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + LENGTH_BYTES + int.from_bytes(data[at : at + LENGTH_BYTES], "big")
        if at + LENGTH_BYTES > len(data) or end > len(data):
            raise FormatError(f"a bundle that is cut in its entry {len(entries)}")
        entries.append(data[at + LENGTH_BYTES : end])
        at = end
    return entries


def grow(old: int, leaves: Sequence[bytes], read: Read) -> dict[str, bytes]:
    """The hash tiles, by path, that a tree of `old` leaves gets or changes with these new ones behind them."""
    made: dict[str, bytes] = {}
    level, new = 0, list(leaves)
    while new:
        first = old // WIDTH
        begun = list(read(level, first, old % WIDTH)) if old % WIDTH else []
        hashes = begun + new
        above = []
        for at in range(0, len(hashes), WIDTH):
            tile = hashes[at : at + WIDTH]
            made[path(level, first + at // WIDTH, len(tile))] = b"".join(tile)
            if len(tile) == WIDTH:
                above.append(tree.full_root(tile))
        level, old, new = level + 1, old // WIDTH, above
    return made


def root(size: int, read: Read) -> bytes:
    """The root of the tree of `size` leaves, out of the last tile of each level."""
    levels = []
    level = 0
    while size >> 8 * level:
        count = size >> 8 * level
        width = count % WIDTH
        levels.append(tree.peaks(read(level, count // WIDTH, width)) if width else [])
        level += 1
    return tree.fold(peak for found in reversed(levels) for peak in found)


def ranges(read: Read, size: int) -> tree.RangeHash:
    """The range hash of the tree of `size` leaves: full trees come out of their tile, the ragged edge out of those."""

    def width(level: int, number: int) -> int:
        return min((size >> 8 * level) - number * WIDTH, WIDTH)

    def full(height: int, index: int) -> bytes:
        level, inside = divmod(height, 8)
        first = index << inside
        number, at = divmod(first, WIDTH)
        return tree.full_root(read(level, number, width(level, number))[at : at + (1 << inside)])

    def of(first: int, end: int) -> bytes:
        found = []
        while first < end:
            height = (end - first).bit_length() - 1
            if first:
                height = min(height, (first & -first).bit_length() - 1)
            found.append(full(height, first >> height))
            first += 1 << height
        return tree.fold(found)

    return of


class Root:
    """A root worked out leaf by leaf, in memory that does not grow."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Put a leaf hash behind the others."""
        peaks, size = self._peaks, self.size
        while size & 1:
            leaf = sha256(b"\x01" + peaks.pop() + leaf).digest()
            size >>= 1
        peaks.append(leaf)
        self.size += 1

    def value(self) -> bytes:
        """The root over the leaves so far."""
        return tree.fold(self._peaks)
