"""Wall clocks that were set back within one boot: the machine's own clock says what came first (SPEC T8).

`log show` works a record's wall time out from its machTimestamp and the clock as it was set then. So records of one
boot whose wall times contradict the order of their ticks were stamped before the clock was set back. They get the time
that the later clock would have said: the first wall time on it less the ticks between. Ticks stand still while the
machine sleeps, so a clock that was set forward looks like a sleep, and such times stay as they are; but nothing sleeps
for a week in the middle of being set up: what lies so far before the rest was stamped by a clock that was not set yet.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Final

TICKS_NS: Final = (Fraction(1), Fraction(125, 3))
"""Nanoseconds of a tick: on Intel, and on Apple silicon and all iPads (24 MHz)."""

TOLERANCE_US: Final = 1_000
"""Records that the log writes out of order within this are no contradiction. Origin: ours."""

FORWARD_US: Final = 7 * 86_400 * 1_000_000
"""From here a step forward within a boot is the clock that was set, and no sleep. Origin: ours."""

_FIT_US: Final = 1_000_000
"""How far the ticks between two records may miss their wall times where the clock was not set. Origin: ours."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A record on both clocks: ticks and µs UTC; `sightings` are the numbers [first, last) of what was seen in it.

    `place` is its offset in the blob and its length.
    """

    ticks: int
    at: int
    sightings: tuple[int, int] = (0, 0)
    place: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Jump:
    """The clock of a boot was `back_us` ahead of the clock from `at` on, or behind it where that is negative.

    `place` is where the record of `at` stands.
    """

    boot: str
    at: int
    back_us: int
    place: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Boots:
    """The marks of one capture, by boot."""

    marks: dict[str, list[Mark]] = field(default_factory=lambda: defaultdict(list))
    jumps: list[Jump] = field(default_factory=list)
    unsure: list[Jump] = field(default_factory=list)

    def add(
        self, clock: tuple[str, int], at: int, sightings: tuple[int, int] = (0, 0), place: tuple[int, int] = (0, 0)
    ) -> None:
        """Note a record: its boot and ticks, its wall time, what was seen in it and where."""
        self.marks[clock[0]].append(Mark(clock[1], at, sightings, place))

    def renumber(self, number_of: Sequence[int]) -> None:
        """The sightings have other numbers now, and some are gone: `number_of` has the new number of each old one."""
        for marks in self.marks.values():
            for n, mark in enumerate(marks):
                first, last = mark.sightings
                if last:
                    marks[n] = Mark(mark.ticks, mark.at, (number_of[first], number_of[last]), mark.place)

    def set_right(self) -> dict[int, int] | None:
        """Number of a sighting → its time on the later clock, None where no clock was set.

        `jumps` then says when and how far, `marks` holds the new times; `unsure` are contradictions of too few records
        to tell what a tick is, whose times stay.
        """
        moved: dict[int, int] = {}
        for boot, marks in self.marks.items():
            marks.sort(key=lambda mark: (mark.ticks, mark.at))
            breaks = [n for n, (a, b) in enumerate(pairwise(marks)) if a.at > b.at + TOLERANCE_US and a.ticks < b.ticks]
            leaps = [n for n, (a, b) in enumerate(pairwise(marks)) if b.at - a.at > FORWARD_US and a.ticks < b.ticks]
            if not breaks and not leaps:
                continue
            tick = _tick(marks)
            if tick is None:
                self.unsure += [
                    Jump(boot, marks[n + 1].at, marks[n].at - marks[n + 1].at, marks[n + 1].place) for n in breaks
                ]
                continue
            leaps = [n for n in leaps if _us(marks[n + 1].ticks - marks[n].ticks, tick) < FORWARD_US]
            breaks = sorted((*breaks, *leaps))
            if not breaks:
                continue
            for n in breaks:
                expected = marks[n + 1].at - _us(marks[n + 1].ticks - marks[n].ticks, tick)
                self.jumps.append(Jump(boot, marks[n + 1].at, marks[n].at - expected, marks[n + 1].place))
            later = marks[breaks[-1] + 1]
            for n in range(breaks[-1] + 1):
                mark = marks[n]
                at = later.at - _us(later.ticks - mark.ticks, tick)
                marks[n] = Mark(mark.ticks, at, mark.sightings, mark.place)
                moved.update(dict.fromkeys(range(*mark.sightings), marks[n].at))
        return moved if self.jumps else None


def _us(ticks: int, tick_ns: Fraction) -> int:
    return int(ticks * tick_ns / 1000)


def _tick(marks: Sequence[Mark]) -> Fraction | None:
    """What a tick is, told from the records themselves; None where none fits at least half of the pairs, or one pair.

    Where the clock was set, a pair fits nothing; so the median decides over those that do not go back.
    """
    pairs = [
        (b.ticks - a.ticks, b.at - a.at)
        for a, b in pairwise(marks)
        if a.ticks < b.ticks and 0 <= b.at - a.at <= FORWARD_US
    ]
    misses = {tick: [abs(wall - _us(ticks, tick)) for ticks, wall in pairs] for tick in TICKS_NS} if pairs else {}
    best = min(misses, key=lambda tick: median(misses[tick]), default=None)
    return best if best is not None and median(misses[best]) <= _FIT_US else None
