"""Facts of sites, staging hosts and the case in order of time: at hand where they are few, else packed.

They are many by right: 47 hosts that take a clock sample a minute have 340,000 in five days.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final, Generic, TypeVar, overload

import msgspec

from abm_trace.core.instants import NEVER
from abm_trace.core.nouns import Fact
from abm_trace.core.packed import Packed

RUN_FACTS: Final = 10_000
"""So many facts are at hand; of more, each so many are put in order and packed, and merged in the end. Origin: ours,
15 MB."""

BLOCK_FACTS: Final = 100
"""A device looks at few of them, so that few are decoded with each."""

UNDATED_MAX: Final = 1_000
"""So many probes without a time are looked at for each device. Origin: ours; a folder of transcripts has some ten."""

Key = TypeVar("Key")
"""Whose facts they are: a name, or a scope's kind and name."""

Order = tuple[int, str, str, list[tuple[str, str]]]


def order(fact: Fact) -> Order:
    """What the order of facts goes by: their time, undated ones first, and what they say."""
    return time(fact), fact.kind, fact.value, sorted(fact.attrs.items())


def time(fact: "Fact | _Head") -> int:
    """When it was, µs UTC; before any time where that is not said."""
    return NEVER if fact.at is None else fact.at


class _Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How a fact begins."""

    kind: str
    at: int | None


class Timed(Sequence[Fact]):
    """Some of very many facts, [first, last), in order of time; undated ones come first."""

    __slots__ = ("_endpoints", "_facts", "_first", "_last", "_times", "_undated")

    def __init__(self, facts: Sequence[Fact], times: "array[int]", first: int, last: int) -> None:
        self._facts, self._times, self._first, self._last = facts, times, first, last
        self._endpoints: dict[str, array[int]] | None = None
        self._undated: list[Fact] | None = None

    def __len__(self) -> int:
        return self._last - self._first

    @overload
    def __getitem__(self, index: int) -> Fact: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Fact]: ...
    def __getitem__(self, index: int | slice) -> Fact | Sequence[Fact]:
        """A fact by its number, or some of them."""
        numbers = range(self._first, self._last)[index]
        if isinstance(numbers, int):
            return self._facts[numbers]
        if numbers.step != 1 or not numbers:
            return [self._facts[number] for number in numbers]
        return self._facts[numbers.start : numbers.stop]

    def __iter__(self) -> Iterator[Fact]:
        for first in range(self._first, self._last, BLOCK_FACTS):
            yield from self._facts[first : min(first + BLOCK_FACTS, self._last)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timed) and len(self) == len(other) and all(map(Fact.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]  # As of any sequence that compares what is in it.

    def undated(self, is_problem: Callable[[Fact], bool]) -> Sequence[Fact]:
        """Those without a time; of more than UNDATED_MAX the first of each endpoint that is a problem and that is none.

        `is_problem` is the same at each call.
        """
        last = bisect_right(self._times, NEVER, self._first, self._last) - self._first
        if last <= UNDATED_MAX:
            return self[:last]
        if self._undated is None:
            first: dict[tuple[str, bool], Fact] = {}
            for fact in islice(self, last):
                first.setdefault((fact.attrs.get("endpoint", ""), is_problem(fact)), fact)
            self._undated = list(first.values())
        return self._undated

    def closest(self, at: int) -> Fact:
        """The fact closest to a time, of two equally close ones the first; an undated one is close to any.

        Raises IndexError where there is none.
        """
        after = bisect_left(self._times, at, self._first, self._last)
        if after == self._first or self._times[self._first] == NEVER:
            return self[0]
        before = bisect_left(self._times, self._times[after - 1], self._first, after)
        nearer = after < self._last and self._times[after] - at < at - self._times[before]
        return self._facts[after if nearer else before]

    def around(self, at: int, window: int) -> list[Fact]:
        """Of each endpoint the dated fact closest to `at`, no further than `window` (µs); of two the later one.

        The endpoints come in the order of their first facts within the window.
        """
        found = []
        when = self._times.__getitem__
        for numbers in self._by_endpoint().values():
            first = bisect_left(numbers, at - window, key=when)
            last = bisect_right(numbers, at + window, first, key=when)
            after = bisect_right(numbers, at, first, last, key=when)
            near = [numbers[after - 1]] if after > first else []
            if after < last:
                near.append(numbers[bisect_right(numbers, when(numbers[after]), after, last, key=when) - 1])
            if near:
                found.append((numbers[first], min(near[::-1], key=lambda number: abs(when(number) - at))))
        return [self._facts[number] for _, number in sorted(found)]

    def _by_endpoint(self) -> "dict[str, array[int]]":
        """Endpoint → the numbers of its dated facts, in order of time."""
        if self._endpoints is None:
            found: dict[str, array[int]] = {}
            for number, fact in enumerate(self, self._first):
                if fact.at is not None:
                    found.setdefault(fact.attrs.get("endpoint", ""), array("q")).append(number)
            self._endpoints = found
        return self._endpoints


class Scoped(Mapping[Key, Timed], Generic[Key]):
    """The facts of each scope, in order of the scopes; `facts` are all of them, `spans` says whose each stretch is."""

    def __init__(self, facts: Sequence[Fact] = (), spans: Mapping[Key, tuple[int, int]] | None = None) -> None:
        heads = facts.seen_as(_Head) if isinstance(facts, Packed) else facts
        times = array("q", map(time, heads))
        self.facts = facts
        self.spans = {} if spans is None else dict(spans)
        self._timed = {key: Timed(facts, times, *span) for key, span in self.spans.items()}

    def __getitem__(self, key: Key) -> Timed:
        return self._timed[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._timed)

    def __len__(self) -> int:
        return len(self._timed)


class Gathering(Generic[Key]):
    """Takes facts and whose they are as they come, and puts them in order; `kind` is the type of what says whose.

    With `as_they_came` only what says whose they are is put in order.
    """

    def __init__(self, kind: type[Key], *, as_they_came: bool = False) -> None:
        self._order: Callable[[tuple[Key, Fact]], Any] = itemgetter(0) if as_they_came else _row_order
        self._kind = tuple[kind, Fact]  # type: ignore[valid-type]  # Decoded by what it is at run time.
        self._open: list[tuple[Key, Fact]] = []
        self._runs: list[Packed[tuple[Key, Fact]]] = []

    def add(self, key: Key, fact: Fact) -> None:
        """Take one."""
        self._open.append((key, fact))
        if len(self._open) >= RUN_FACTS:
            self._runs.append(Packed.of(self._kind, BLOCK_FACTS, sorted(self._open, key=self._order)))
            self._open.clear()

    def grouped(self) -> Iterator[tuple[Key, Iterator[Fact]]]:
        """Whose they are, and these facts; both in order, and of equal facts the one that came first goes first."""
        self._open.sort(key=self._order)
        rows = merge(*self._runs, self._open, key=self._order) if self._runs else self._open
        for key, group in groupby(rows, key=itemgetter(0)):
            yield key, map(itemgetter(1), group)

    def sequence(self) -> list[Fact] | Packed[Fact]:
        """What holds as many facts: at hand, or packed."""
        return Packed(Fact, BLOCK_FACTS) if self._runs else []

    def scoped(self) -> Scoped[Key]:
        """All of them by whose they are."""
        facts = self.sequence()
        spans: dict[Key, tuple[int, int]] = {}
        for key, group in self.grouped():
            first = len(facts)
            facts.extend(group)
            spans[key] = first, len(facts)
        if isinstance(facts, Packed):
            facts.close()
        return Scoped(facts, spans)


class Named(Mapping[str, Fact]):
    """Of each name one fact: the facts, in the order of their `names`."""

    def __init__(self, facts: Sequence[Fact] = (), names: Iterable[str] = ()) -> None:
        self.facts = facts
        self._places = {name: place for place, name in enumerate(names)}

    def __getitem__(self, name: str) -> Fact:
        return self.facts[self._places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _row_order(row: tuple[Any, Fact]) -> tuple[Any, Order]:
    return row[0], order(row[1])
