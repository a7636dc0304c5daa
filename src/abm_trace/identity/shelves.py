"""The facts of each device, as they come: at hand, or where they are very many, encoded and packed on shelves of some
devices. What is packed already is moved as it is: to decode it and encode it again costs several times as much.
"""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

import msgspec

from abm_trace.core.beginnings import Held
from abm_trace.core.nouns import Fact
from abm_trace.core.packed import packed, unpacked
from abm_trace.core.spill import Blocks, Spill

SHELF_DEVICES: Final = 500
OPEN_FACTS_MAX: Final = 30_000
"""How many devices stand on a shelf, and how many facts are at hand at once where any are packed: some 16 MB. Origin:
ours, for 300 MB in all."""

LONG_BYTES: Final = 512
"""As one more fact each of so many bytes of an encoded one counts. Origin: ours; most facts have 200 to 400."""

MANY_FACTS: Final = 10_000
"""From how many facts on those of one device are packed for themselves. Origin: ours, 3 MB."""

_Shelf = list[tuple[int, msgspec.Raw]]
decoded: Final = msgspec.msgpack.Decoder(Fact).decode
"""The fact that was encoded."""


class Many:
    """Very many facts of one device, decoded a block at a time: who keeps one of them copies it."""

    def __init__(self, facts: Collection[msgspec.Raw], blocks: Sequence[bytes], count: int) -> None:
        """`blocks` hold the facts behind `facts`, all together they are `count`."""
        self._facts = facts
        self._blocks = blocks
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __contains__(self, fact: object) -> bool:
        return any(each == fact for each in self)

    def __iter__(self) -> Iterator[msgspec.Raw]:
        yield from self._facts
        for block in self._blocks:
            yield from unpacked(block, list[msgspec.Raw])


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
        self._spill = Spill()
        self._packed = [Blocks(self._spill) for _ in shelves]
        self._counts = array("l", [0]) * len(keys)
        self._many: dict[int, Blocks] = defaultdict(partial(Blocks, self._spill))
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
        self._counts[number] += 1
        self._left -= 1 + len(fact) // LONG_BYTES
        if self._left <= 0:
            self._pack()

    def _pack(self) -> None:
        counts = self._counts
        for blocks, facts in zip(self._packed, self._open, strict=True):
            many: dict[int, list[msgspec.Raw]] = {}
            for number, fact in facts:
                if counts[number] > MANY_FACTS:
                    many.setdefault(number, []).append(fact)
            for number, each in many.items():
                self._many[number].append(packed(each))
            if few := [each for each in facts if each[0] not in many] if many else facts:
                blocks.append(packed(few))
            facts.clear()
        self._left = OPEN_FACTS_MAX

    def items(self) -> Iterator[tuple[str, Iterable[Fact]]]:
        """Each device's key and facts, in order; packed ones are decoded as they are looked at, once."""
        if self.packing:
            for shelf in range(len(self._packed)):
                for key, facts in self._shelf(shelf):
                    yield key, map(decoded, facts)
        else:
            yield from zip(self._keys, self._facts, strict=True)

    def emptied(self) -> Iterator[list[tuple[str, Collection[msgspec.Raw]]]]:
        """Shelf by shelf, each device's key and facts as they are packed, in order; what was handed out is let go."""
        for shelf in range(len(self._packed)):
            yield self._shelf(shelf)
            self._packed[shelf] = Blocks(self._spill)
            self._open[shelf] = []
            for number in range(shelf * self.size, (shelf + 1) * self.size):
                self._many.pop(number, None)

    def _shelf(self, shelf: int) -> list[tuple[str, Collection[msgspec.Raw]]]:
        begin = shelf * self.size
        if any(number in self._many for number, _ in self._open[shelf]):
            self._pack()  # What came last of a device stands behind what was packed of it.
        keys = self._keys[begin : begin + self.size]
        found: list[list[msgspec.Raw]] = [[] for _ in keys]
        for facts in (*(unpacked(block, _Shelf) for block in self._packed[shelf]), self._open[shelf]):
            for number, fact in facts:
                found[number - begin].append(fact)
        return [(key, self._all(number, found[number - begin])) for number, key in enumerate(keys, begin)]

    def _all(self, number: int, facts: list[msgspec.Raw]) -> Collection[msgspec.Raw]:
        """All facts of a device, of which some have been unpacked."""
        return Many(facts, self._many[number], self._counts[number]) if number in self._many else facts
