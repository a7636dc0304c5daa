"""The year of logs whose stamps have none (RFC 3164 and its like)."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, tzinfo
from typing import Final

import msgspec

from abm_trace.core.instants import SECOND, from_datetime, local, to_datetime
from abm_trace.core.nouns import Fact, Reading, Skipped
from abm_trace.core.spill import Spill
from abm_trace.formats.logs._interface import YEARLESS
from abm_trace.pipeline.told import as_held

_AHEAD_US: Final = 2 * 86_400 * SECOND
"""How far a log may be ahead of the day when it was saved. Origin: ours; zones and wrong clocks make hours."""

_MINUTE_US: Final = 60 * SECOND
_MINUTES_MAX: Final = 65_536
"""How many minutes are known again. Origin: ours; a log of six weeks."""


def with_years(readings: Sequence[Reading], zone: tzinfo, as_of: int | None, modified_at: int) -> list[Reading]:
    """The readings, those of yearless logs moved to the year that puts them nearest to the case's other stamps.

    Where the case has no other stamp, `as_of` decides, else when its newest file was changed. No log is of a later day
    than the newest of these.
    """
    if not any(reading.yearless for reading in readings):
        return list(readings)
    stamps = sorted(
        at
        for each in readings
        if not (each.yearless or each.sights)
        for at in (each.first_at, each.last_at)
        if at is not None
    )
    now = as_of if as_of is not None else modified_at
    years = _Years(zone, stamps[len(stamps) // 2] if stamps else now, max([now, *stamps[-1:]]) + _AHEAD_US)
    spill = Spill()
    return [_dated(reading, years, spill) if reading.yearless else reading for reading in readings]


def _dated(reading: Reading, years: "_Years", spill: Spill) -> Reading:
    first = years.nearest(reading.first_at)
    skipped = list(reading.skipped)
    facts = as_held(_moved(reading, years, skipped), reading.facts, spill)
    last = years.nearest(reading.last_at)
    return msgspec.structs.replace(reading, facts=facts, skipped=tuple(skipped), first_at=first, last_at=last)


def _moved(reading: Reading, years: "_Years", skipped: list[Skipped]) -> Iterator[Fact]:
    """The facts of a yearless log in their year, one by one; what has none is named in `skipped`."""
    for fact in reading.facts:
        if fact.at is None or not years.begin <= fact.at < years.end:  # A line of another format, with its own year.
            yield fact
            continue
        at = years.nearest(fact.at)
        if at is None:
            first = years.nearest(reading.first_at)
            year = years.of(first if first is not None else years.anchor)
            reason = f"29 February does not exist in {year}"
            skipped.append(Skipped(reading.path, reason, fact.origin.line, fact.origin.offset))
        else:
            yield msgspec.structs.replace(fact, at=at)


class _Years:
    """Moves times of the placeholder year, [begin, end), to the year that brings them nearest to `anchor`, and not
    beyond `latest`.

    Where a minute of it lies in other years is worked out once: changes of summer time fall on whole minutes.
    """

    def __init__(self, zone: tzinfo, anchor: int, latest: int) -> None:
        self.anchor = anchor
        self.begin, self.end = (from_datetime(datetime(year, 1, 1), zone) for year in (YEARLESS, YEARLESS + 1))  # noqa: DTZ001
        self._zone = zone
        self._latest = latest
        around = self.of(anchor)
        self._around = (around - 1, around, around + 1)
        self._minutes: dict[int, list[int]] = {}

    def of(self, at: int) -> int:
        """The year of a time in the zone."""
        return (local(at, self._zone) or to_datetime(at)).year

    def nearest(self, at: int | None) -> int | None:
        """The time moved; None for None, and for a day that none of the years has."""
        if at is None:
            return None
        minute = at // _MINUTE_US
        shifts = self._minutes.get(minute)
        if shifts is None:
            if len(self._minutes) >= _MINUTES_MAX:
                self._minutes.clear()
            shifts = self._minutes[minute] = self._shifts(minute * _MINUTE_US)
        moved = [at + shift for shift in shifts]
        candidates = [each for each in moved if each <= self._latest] or moved
        return min(candidates, key=lambda each: abs(each - self.anchor), default=None)

    def _shifts(self, begin: int) -> list[int]:
        """How far a minute moves to each of the years that have it."""
        wall = to_datetime(begin).astimezone(self._zone).replace(tzinfo=None)
        shifts = []
        for year in self._around:
            with suppress(ValueError, OverflowError):
                shifts.append(from_datetime(wall.replace(year=year), self._zone) - begin)
        return shifts
