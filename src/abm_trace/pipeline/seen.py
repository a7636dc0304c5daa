"""What the signatures see in one log: at hand, or where that is very much, packed while the log is read."""

import sys
from collections.abc import Mapping, Sequence
from itertools import chain, takewhile
from typing import Final

import msgspec

from abm_trace import signatures
from abm_trace.core.nouns import Fact
from abm_trace.core.packed import Packed
from abm_trace.pipeline.gathering import Gathered
from abm_trace.pipeline.told import BLOCK_FACTS, Said, packed_facts
from abm_trace.signatures import Place, Sighting, Signature

ROOM_MIN: Final = 1_000
"""So many sightings of each log are at hand, however many others of its archive are. Origin: ours, 1 MB."""

_NONE: Final[Mapping[str, Signature]] = {}


class Seen:
    """The sightings of one log, in order; of a member of an archive `cited` are the places of those in earlier blocks.

    From `room` of them on they are packed as facts, and those that say the same of the same time are kept once: a
    verdict does not depend on repeats, and the first of them is cited.
    """

    def __init__(
        self,
        path: str = "",
        rules: Mapping[str, Signature] = _NONE,
        gathered: Gathered | None = None,
        room: int = sys.maxsize,
    ) -> None:
        self.sightings: list[Sighting] = []
        self.cited: list[Place] = []
        self._path = path
        self._rules = rules
        self._gathered = gathered
        self._room = max(ROOM_MIN, room)
        self._said = Said()
        self._packed: Packed[Fact] | None = None
        self._moved: Mapping[int | None, int] = {}

    def settle(self, *, once: bool) -> dict[int | None, int]:
        """Pack what is at hand, where that is too much: the places of what only repeats, offset → length.

        Where it is not to be kept `once`, nothing is left out: its time may still be moved. What was seen in the last
        line stays: a line below may belong to it.
        """
        if len(self.sightings) < self._room:
            return {}
        self._room = ROOM_MIN
        last = self.sightings[-1][4]
        open_ = sum(1 for _ in takewhile(lambda each: each[4] == last, reversed(self.sightings)))
        return self._pack(len(self.sightings) - open_, once=once)

    def _pack(self, count: int, *, once: bool) -> dict[int | None, int]:
        """Pack the first so many sightings."""
        self.cite()
        repeats: dict[int | None, int] = {}
        new, places, last = [], [], None
        for number, each in enumerate(self.sightings[:count]):
            statement = each[:4]
            again = statement == last or self._said.before(statement)
            last = statement
            if again and once:
                repeats[each[4]] = each[5]
            else:
                new.append(each)
                places += self.cited[number : number + 1]
        if self._packed is None:
            self._packed = Packed(Fact, BLOCK_FACTS)
        self._packed.extend(signatures.facts(new, self._rules, self._path, places))
        del self.sightings[:count], self.cited[:count]
        return repeats

    def cite(self) -> None:
        """Cite what was seen, before the block of the member is gone."""
        if self._gathered is not None:
            self.cited += [self._gathered.place(at, length) for *_, at, length in self.sightings[len(self.cited) :]]

    def move(self, moved: Mapping[int | None, int]) -> None:
        """Give what was seen at these offsets other times."""
        self._moved = moved
        self.sightings[:] = [(each[0], moved.get(each[4], each[1]), *each[2:]) for each in self.sightings]

    def packed(self, first: Sequence[Fact]) -> Packed[Fact] | None:
        """All of it behind the `first` facts, where there is very much; else None, and `sightings` holds it.

        Nothing is seen after this.
        """
        if self._packed is None:
            return None
        self._pack(len(self.sightings), once=not self._moved)
        self._said = Said()  # What refers to us in circles may live on for a while.
        self._packed.close()
        if first or self._moved:
            return packed_facts(chain(first, map(self._in_time, self._packed)))
        return self._packed

    def _in_time(self, fact: Fact) -> Fact:
        at = self._moved.get(fact.origin.offset)
        return fact if at is None else msgspec.structs.replace(fact, at=at)
