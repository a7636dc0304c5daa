"""The facts of each device, as they come: at hand, or where they are very many, packed on shelves of some devices."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from abm_trace.core.nouns import Fact
from abm_trace.core.packed import packed, unpacked

SHELF_DEVICES: Final = 500
OPEN_FACTS_MAX: Final = 8_000
"""How many devices stand on a shelf, and how many facts are at hand at once where any are packed: some 16 MB. Origin:
ours, for 300 MB in all."""

_Shelf = list[tuple[int, list[Fact]]]


class Shelves:
    """Key of a device → its facts in the order in which they came; the devices stay in the order of their keys here."""

    def __init__(self, keys: Sequence[str], *, packing: bool) -> None:
        """With `packing` at most OPEN_FACTS_MAX facts are at hand at once, else all."""
        self._keys = keys
        self._number = {key: number for number, key in enumerate(keys)}
        self._open: dict[int, list[Fact]] = {}
        self._left = OPEN_FACTS_MAX if packing else -1
        self._shelves: list[list[bytes]] = [[] for _ in range(0, len(keys), SHELF_DEVICES)]

    def add(self, key: str, facts: Iterable[Fact]) -> None:
        """Facts of a device."""
        number = self._number[key]
        known = self._open.get(number)
        if known is None:
            known = self._open[number] = []
        before = len(known)
        known += facts
        if self._left >= 0:
            self._left -= len(known) - before
            if self._left < 0:
                self._pack()

    def _pack(self) -> None:
        by_shelf = groupby(sorted(self._open.items()), key=lambda each: each[0] // SHELF_DEVICES)
        for shelf, each in by_shelf:
            self._shelves[shelf].append(packed(list(each)))
        self._open = {}
        self._left = OPEN_FACTS_MAX

    def items(self, *, emptying: bool = False) -> Iterator[tuple[str, list[Fact]]]:
        """Each device's key and facts, in order; `emptying` lets go of what was handed out."""
        for shelf, blocks in enumerate(self._shelves):
            begin = shelf * SHELF_DEVICES
            held: dict[int, list[Fact]] = {}
            for block in blocks:
                for number, facts in unpacked(block, _Shelf):
                    held.setdefault(number, []).extend(facts)
            for number, key in enumerate(self._keys[begin : begin + SHELF_DEVICES], begin):
                last = self._open.pop(number, []) if emptying else self._open.get(number, [])
                yield key, [*held[number], *last] if number in held else last
            if emptying:
                blocks.clear()
