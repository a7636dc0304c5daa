"""The facts of each device, as they come: at hand, or where they are very many, encoded and packed on shelves of some
devices. What is packed already is moved as it is: to decode it and encode it again costs several times as much.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from abm_trace.core.nouns import Fact
from abm_trace.core.packed import packed, unpacked

SHELF_DEVICES: Final = 500
OPEN_FACTS_MAX: Final = 30_000
"""How many devices stand on a shelf, and how many facts are at hand at once where any are packed: some 16 MB. Origin:
ours, for 300 MB in all."""

Held = Fact | msgspec.Raw
"""A fact, or one as it was encoded."""

_Shelf = list[tuple[int, msgspec.Raw]]
decoded: Final = msgspec.msgpack.Decoder(Fact).decode
"""The fact that was encoded."""


class Shelves:
    """Key of a device → its facts in the order in which they came; the devices stay in the order of their keys here.

    `numbers` are their places in it. With `packing` facts are held encoded, and at most OPEN_FACTS_MAX of them not yet
    packed; without, all are at hand, and no encoded ones are taken.
    """

    def __init__(self, keys: Sequence[str], *, packing: bool) -> None:
        self.packing = packing
        self.numbers = {key: number for number, key in enumerate(keys)}
        self.size = SHELF_DEVICES
        self._keys = keys
        self._facts: list[list[Fact]] = [] if packing else [[] for _ in keys]
        shelves = range(0, len(keys), self.size) if packing else ()
        self._open: list[_Shelf] = [[] for _ in shelves]
        self._packed: list[list[bytes]] = [[] for _ in shelves]
        self._left = OPEN_FACTS_MAX

    def add(self, key: str, facts: Iterable[Held]) -> None:
        """Facts of a device."""
        number = self.numbers[key]
        for fact in facts:
            self.put(number, fact)

    def put(self, number: int, fact: Held) -> None:
        """A fact of the device at this place."""
        if isinstance(fact, Fact):
            if not self.packing:
                self._facts[number].append(fact)
                return
            fact = msgspec.Raw(msgspec.msgpack.encode(fact))
        self._open[number // self.size].append((number, fact))
        self._left -= 1
        if self._left <= 0:
            self._pack()

    def _pack(self) -> None:
        for blocks, facts in zip(self._packed, self._open, strict=True):
            if facts:
                blocks.append(packed(facts))
                facts.clear()
        self._left = OPEN_FACTS_MAX

    def items(self) -> Iterator[tuple[str, list[Fact]]]:
        """Each device's key and facts, in order."""
        if self.packing:
            for shelf in range(len(self._packed)):
                for key, facts in self._shelf(shelf):
                    yield key, [decoded(fact) for fact in facts]
        else:
            yield from zip(self._keys, self._facts, strict=True)

    def emptied(self) -> Iterator[list[tuple[str, list[msgspec.Raw]]]]:
        """Shelf by shelf, each device's key and facts as they are packed, in order; what was handed out is let go."""
        for shelf in range(len(self._packed)):
            yield self._shelf(shelf)
            self._packed[shelf] = []
            self._open[shelf] = []

    def _shelf(self, shelf: int) -> list[tuple[str, list[msgspec.Raw]]]:
        begin = shelf * self.size
        found: list[tuple[str, list[msgspec.Raw]]] = [(key, []) for key in self._keys[begin : begin + self.size]]
        for facts in (*(unpacked(block, _Shelf) for block in self._packed[shelf]), self._open[shelf]):
            for number, fact in facts:
                found[number - begin][1].append(fact)
        return found
