"""Nouns by the 100,000, held encoded and compressed: a tenth of the memory, for some µs each time one is read."""

import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final, Generic, TypeVar, overload

import msgspec

from abm_trace.core.spill import Blocks, Spill

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Noun = TypeVar("Noun")
Part = TypeVar("Part")

UNREADABLE: Final = (msgspec.MsgspecError, zstd.ZstdError)
"""What `unpacked` raises for bytes that are nothing of the kind."""


def packed(value: object) -> bytes:
    """A value, encoded and compressed; it stands nearer to the speed of copying than to the best size."""
    return zstd.compress(msgspec.msgpack.encode(value), level=1)


@cache
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:  # noqa: ANN401  # A type, or one of typing's.
    return msgspec.msgpack.Decoder(kind)


def unpacked(block: bytes, kind: Any) -> Any:  # noqa: ANN401  # What it is, only the caller knows.
    """The value of this kind that was packed. Raises one of UNREADABLE for anything else."""
    return _decoder(kind).decode(zstd.decompress(block))


class Packed(Sequence[Noun], Generic[Noun]):
    """A sequence of nouns of one kind, `size` of them in a block; fewer in the last one, or in one that was taken.

    What is asked for is decoded anew, so two looks give two equal nouns; the block that was asked for last is at hand.
    """

    __slots__ = ("_blocks", "_ends", "_kind", "_last", "_open", "_size")

    def __init__(
        self, kind: type[Noun], size: int, blocks: Iterable[bytes] = (), count: int = 0, spill: Spill | None = None
    ) -> None:
        """`blocks` are those that another such sequence filled, with `count` nouns in them; all go to the `spill`."""
        self._kind = list[kind]  # type: ignore[valid-type]  # Decoded by what it is at run time.
        self._size = size
        self._blocks = list(blocks) if spill is None else Blocks(spill, blocks)
        self._ends = [min(count, end * size) for end in range(1, len(self._blocks) + 1)]
        self._open: list[Noun] = []
        self._last: tuple[int, list[Noun]] = (-1, [])

    @classmethod
    def of(cls, kind: type[Noun], size: int, nouns: Iterable[Noun], spill: Spill | None = None) -> "Packed[Noun]":
        """These nouns, and nothing more."""
        found = cls(kind, size, spill=spill)
        found.extend(nouns)
        found.close()
        return found

    def add(self, noun: Noun) -> None:
        """Add one at the end."""
        self._open.append(noun)
        if len(self._open) == self._size:
            self.close()

    def extend(self, nouns: Iterable[Noun]) -> None:
        """Add these at the end."""
        rest = iter(nouns)
        while some := list(islice(rest, self._size - len(self._open))):
            self._open += some
            if len(self._open) == self._size:
                self.close()

    def close(self) -> None:
        """Pack what is open: nothing more will be added, or the block is full."""
        if self._open:
            some, self._open = self._open, []
            self.take(packed(some), len(some))

    def take(self, block: bytes, count: int) -> None:
        """Add a block of so many nouns that was packed elsewhere, behind what was closed."""
        self._blocks.append(block)
        self._ends.append(self._closed + count)

    @property
    def _closed(self) -> int:
        return self._ends[-1] if self._ends else 0

    @property
    def blocks(self) -> Sequence[bytes]:
        """The blocks of a sequence that was closed."""
        return self._blocks

    def seen_as(self, kind: type[Part]) -> Iterator[Part]:
        """The nouns of a sequence that was closed, each as another kind: a struct of some of its fields, or
        `msgspec.Raw`, is decoded in a fraction of the time.
        """
        for block in self._blocks:
            yield from unpacked(block, list[kind])  # type: ignore[valid-type]  # As in __init__.

    def __len__(self) -> int:
        return self._closed + len(self._open)

    def __iter__(self) -> Iterator[Noun]:
        for block in self._blocks:
            yield from unpacked(block, self._kind)
        yield from self._open

    @overload
    def __getitem__(self, index: int) -> Noun: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Noun]: ...
    def __getitem__(self, index: int | slice) -> Noun | Sequence[Noun]:
        """A noun by its number, or some of them."""
        numbers = range(len(self))[index]
        if isinstance(numbers, int):
            block, first = self._place(numbers)
            return self._block(block)[numbers - first]
        if numbers.step != 1 or not numbers:
            return [self[number] for number in numbers]
        (block, first), (last, _) = self._place(numbers[0]), self._place(numbers[-1])
        found = [noun for each in range(block, last + 1) for noun in self._block(each)]
        return found[numbers[0] - first : numbers[-1] + 1 - first]

    def some(self, numbers: Iterable[int]) -> Iterator[Noun]:
        """The nouns with these numbers, which ascend; of what was decoded for them nothing stays at hand."""
        block, nouns, first = -1, list[Noun](), 0
        for number in numbers:
            place, first = self._place(number)
            if place != block:
                block, nouns = place, self._open
                if place < len(self._blocks):
                    nouns = unpacked(self._blocks[place], self._kind)
            yield nouns[number - first]

    def _place(self, number: int) -> tuple[int, int]:
        """The block of a noun, and the number of its first one."""
        block = bisect_right(self._ends, number)
        return block, self._ends[block - 1] if block else 0

    def _block(self, number: int) -> list[Noun]:
        """The nouns of a block."""
        if number == len(self._blocks):
            return self._open
        if self._last[0] != number:
            self._last = (number, unpacked(self._blocks[number], self._kind))
        return self._last[1]
