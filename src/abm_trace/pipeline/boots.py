"""Wall clocks that were set back within one boot: the machine's own clock says what came first (SPEC T8).

`log show` works a record's wall time out from its machTimestamp and the clock as it was set then. So records of one
boot whose wall times contradict the order of their ticks were stamped before the clock was set back. They get the time
that the later clock would have said: the first wall time on it less the ticks between. Ticks stand still while the
machine sleeps, so a clock that was set forward looks like a sleep, and such times stay as they are; but nothing sleeps
for a week in the middle of being set up: what lies so far before the rest was stamped by a clock that was not set yet.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from abm_trace.core.nouns import BootOfLog, Device, Fact, Origin, Reading
from abm_trace.core.packed import Packed
from abm_trace.core.spill import Spill

TICKS_NS: Final = (Fraction(1), Fraction(125, 3))
"""Nanoseconds of a tick: on Intel, and on Apple silicon and all iPads (24 MHz)."""

TOLERANCE_US: Final = 1_000
"""Records that the log writes out of order within this are no contradiction. Origin: ours."""

FORWARD_US: Final = 7 * 86_400 * 1_000_000
"""From here a step forward within a boot is the clock that was set, and no sleep. Origin: ours."""

_PACKED_DEVICES: Final = 500
"""How many devices are packed together, where they are."""

_FIT_US: Final = 1_000_000
"""How far the ticks between two records may miss their wall times where the clock was not set. Origin: ours."""


class Mark(msgspec.Struct, frozen=True):
    """A record on both clocks: ticks and µs UTC; `place` is its offset in the blob and its length.

    `seen` says that a signature saw something in it.
    """

    ticks: int
    at: int
    place: tuple[int, int] = (0, 0)
    seen: bool = False


class Jump(msgspec.Struct, frozen=True):
    """The clock of a boot was `back_us` ahead of the clock from `at` on, or behind it where that is negative.

    `place` is where the record of `at` stands.
    """

    boot: str
    at: int
    back_us: int
    place: tuple[int, int] = (0, 0)


class Boots(msgspec.Struct):
    """The marks of one capture, by boot."""

    marks: dict[str, list[Mark]] = msgspec.field(default_factory=lambda: defaultdict(list))
    jumps: list[Jump] = msgspec.field(default_factory=list)
    unsure: list[Jump] = msgspec.field(default_factory=list)

    def add(self, clock: tuple[str, int], at: int, place: tuple[int, int] = (0, 0), *, seen: bool = False) -> None:
        """Note a record: its boot and ticks, its wall time, where it stands, and whether something was seen in it."""
        self.marks[clock[0]].append(Mark(clock[1], at, place, seen))

    def set_right(self) -> dict[int | None, int] | None:
        """Offset of what was seen → its time on the later clock, None where no clock was set.

        `jumps` then says when and how far, `marks` holds the new times; `unsure` are contradictions of too few records
        to tell what a tick is, whose times stay.
        """
        moved: dict[int | None, int] = {}
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
                marks[n] = Mark(mark.ticks, at, mark.place, mark.seen)
                if mark.seen:
                    moved[mark.place[0]] = at
        return moved if self.jumps else None

    def alone(self) -> BootOfLog | None:
        """The one boot that all records are of, as `Reading.boot` has it, once set right; None for none, or several."""
        if len(self.marks) != 1:
            return None
        ((boot, marks),) = self.marks.items()
        tick, marks = _tick(marks), sorted(marks, key=lambda mark: (mark.ticks, mark.at))
        first, last = marks[0], marks[-1]
        return boot, -1 if tick is None else TICKS_NS.index(tick), first.ticks, first.at, last.ticks, last.at


def on_one_clock(devices: Sequence[Device], readings: Iterable[Reading]) -> Sequence[Device]:
    """The devices, what logs of one boot say of one of them on the clock of the latest of these logs.

    So a verdict depends on no cut between two files. What keeps its times: a log of several boots, and one whose ticks
    are among another's, for they began anew, or a cut would not show in them.
    """
    by_boot: dict[str, dict[str, _Log]] = defaultdict(dict)
    for reading in readings:
        if reading.boot is not None:
            by_boot[reading.boot[0]][reading.path] = _Log(*reading.boot, reading.path, reading.format)
    shared = {path: log for logs in by_boot.values() if len(logs) > 1 for path, log in logs.items()}
    if not shared:
        return devices
    moved = (_on_one_clock(device, shared) for device in devices)
    return Packed.of(Device, _PACKED_DEVICES, moved, Spill()) if isinstance(devices, Packed) else tuple(moved)


class _Log(NamedTuple):
    """A log of one boot: `Reading.boot`, its path and format."""

    boot: str
    tick: int
    first: int
    first_at: int
    last: int
    last_at: int
    path: str
    format: str


def _on_one_clock(device: Device, shared: Mapping[str, _Log]) -> Device:
    paths = {fact.origin.path for fact in device.facts if fact.source == "log"} & shared.keys()
    logs = sorted((shared[path] for path in paths), key=lambda log: (log.boot, log.first, log.last, log.path))
    begins = [(log.boot, log.first) for log in logs]
    ahead: dict[str, int] = {}
    jumps: list[Fact] = []
    for number in reversed(range(len(logs))):  # The last clock is right, so we go back from it.
        log = logs[number]
        behind = bisect_left(begins, (log.boot, log.last), number + 1)
        if behind == len(logs) or logs[behind].boot != log.boot:
            continue
        later = logs[behind]
        at = later.first_at - ahead.get(later.path, 0)
        if by := _ahead(log, later, at):
            ahead[log.path] = by
            origin = Origin(later.path, later.format, 0, 0)
            jumps.append(Fact("clock_jump", at, "log", seconds_of(by), {"boot": log.boot}, origin))
    if not ahead:
        return device
    facts = (
        replace(fact, at=fact.at - ahead[fact.origin.path])
        if fact.at is not None and fact.source == "log" and fact.origin.path in ahead
        else fact
        for fact in device.facts
    )
    return replace(device, facts=(*facts, *jumps))


def _ahead(log: _Log, later: _Log, at: int) -> int:
    """How far a log's clock is ahead of the one at its boot's later log, which begins `at`; 0 if it was not set."""
    tick = max(log.tick, later.tick)
    if tick < 0:
        return 0
    between = _us(later.first - log.last, TICKS_NS[tick])
    was_set = log.last_at > at + TOLERANCE_US or at - log.last_at > FORWARD_US > between
    return log.last_at - (at - between) if was_set else 0


def seconds_of(us: int) -> str:
    """By how much a clock was ahead, as a `clock_jump` says it."""
    return f"{us / 1e6:.6f}".rstrip("0").rstrip(".")


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
