"""The moments of a case: the year of yearless logs, `as_of`, and how far each side was read."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

import msgspec

from abm_trace.core.instants import EPOCH, SECOND, from_datetime
from abm_trace.core.nouns import Device, Origin, Reading, Skipped
from abm_trace.formats.logs._interface import YEARLESS
from abm_trace.pipeline.case import Case
from abm_trace.verdict import Reach, offset_us
from abm_trace.verdict.context import SIDES

WITNESS_US: Final = 600 * SECOND
"""Within this another device or a server bears an event out (CASE.md, default as_of)."""

_NO_EVENTS: Final = frozenset({"token", "enrolment_profile", "coverage", "known"})
_CITED = 3


def with_years(readings: Sequence[Reading], zone: tzinfo, as_of: int | None, modified_at: int) -> list[Reading]:
    """The readings, those of yearless logs moved to the year that puts them nearest to the case's other stamps.

    Where the case has no other stamp, `as_of` decides, else when its newest file was changed.
    """
    if not any(reading.yearless for reading in readings):
        return list(readings)
    stamps = sorted(
        at for each in readings if not each.yearless for at in (each.first_at, each.last_at) if at is not None
    )
    anchor = stamps[len(stamps) // 2] if stamps else as_of if as_of is not None else modified_at
    return [_dated(reading, zone, anchor) if reading.yearless else reading for reading in readings]


def _dated(reading: Reading, zone: tzinfo, anchor: int) -> Reading:
    first = _in_year(reading.first_at, zone, anchor)
    year = _year(first if first is not None else anchor, zone)
    facts, skipped = [], list(reading.skipped)
    for fact in reading.facts:
        if fact.at is None or _year(fact.at, zone) != YEARLESS:  # A line of another format, with its own year.
            facts.append(fact)
            continue
        at = _in_year(fact.at, zone, anchor)
        if at is None:
            skipped.append(Skipped(reading.path, f"29 February does not exist in {year}", offset=fact.origin.offset))
        else:
            facts.append(msgspec.structs.replace(fact, at=at))
    last = _in_year(reading.last_at, zone, anchor)
    return msgspec.structs.replace(reading, facts=tuple(facts), skipped=tuple(skipped), first_at=first, last_at=last)


def _year(at: int, zone: tzinfo) -> int:
    return (EPOCH + timedelta(microseconds=at)).astimezone(zone).year


def _in_year(at: int | None, zone: tzinfo, anchor: int) -> int | None:
    """A time of the placeholder year in the year that brings it nearest to `anchor`."""
    if at is None:
        return None
    wall = (EPOCH + timedelta(microseconds=at)).astimezone(zone).replace(tzinfo=None)
    around = _year(anchor, zone)
    candidates = [moved for year in (around - 1, around, around + 1) if (moved := _moved(wall, year, zone)) is not None]
    return min(candidates, key=lambda moved: abs(moved - anchor), default=None)


def _moved(wall: datetime, year: int, zone: tzinfo) -> int | None:
    try:
        return from_datetime(wall.replace(year=year), zone)
    except (ValueError, OverflowError):
        return None


def newest_event(devices: Iterable[Device], readings: Iterable[Reading]) -> int | None:
    """The newest event that another device or a server bears out within ten minutes, else the newest event.

    Device times are corrected by the device's last known offset. One clock that runs ahead moves nothing.
    """
    ends = {reading.path: reading.last_at for reading in readings if reading.captures and reading.last_at is not None}
    events: list[tuple[int, str]] = []
    for device in devices:
        serial = device.serial
        own: list[int] = []
        offset = 0
        for fact in device.facts:
            at = fact.at
            if fact.kind == "clock_offset":
                offset = offset_us(fact) or 0
            if at is None or fact.kind in _NO_EVENTS:
                continue
            if fact.source != "log":
                events.append((at, f"\0{serial} {fact.source} {fact.kind} {at}"))
                continue
            own.append(at)
            if fact.kind == "booted" and not fact.origin.offset:
                own.append(ends.get(fact.origin.path, at))
        events += ((at - offset, serial) for at in own)
    events.sort(reverse=True)
    later: tuple[int, str] | None = None
    for at, owner in events:
        if later is not None and later[0] - at <= WITNESS_US and later[1] != owner:
            return later[0]
        if later is None or later[1] != owner or later[0] - at > WITNESS_US:
            later = (at, owner)
    return events[0][0] if events else None


def reach(readings: Iterable[Reading], case: Case, as_of: int) -> dict[str, Reach]:
    """How far each side was read: the furthest of its sources, each up to what it says, else up to `as_of`."""
    found: dict[str, list[tuple[int, Origin]]] = {}
    for reading in readings:
        sources = (
            {fact.source for fact in reading.facts} | {_EMPTY[reading.format]} if reading.format in _EMPTY else set()
        )
        for side, names in SIDES.items():
            for name in names:
                if name in sources:
                    found.setdefault(side, []).append((_until(reading, name, case, as_of), _end(reading, name)))
    return {
        side: Reach(max(until for until, _ in each), 0, tuple(origin for _, origin in _latest(each)))
        for side, each in found.items()
    }


_EMPTY: Final = {"audit": "audit", "abm-devices": "abm", "lifecycle": "abm", "mdm-inventory": "mdm"}
"""The source of an export's format, also where the export holds no record."""


def _until(reading: Reading, source: str, case: Case, as_of: int) -> int:
    said = [at for name, at in case.coverage.items() if name.partition(".")[0] == source]
    if said:
        return max(said)
    own = [fact.at for fact in reading.facts if fact.kind == "coverage" and fact.at is not None]
    return max(own) if own else as_of


def _end(reading: Reading, source: str) -> Origin:
    """The newest record of a source in a blob: to there it was read, and it held nothing more."""
    records = [fact for fact in reading.facts if fact.source == source and fact.kind != "coverage"]
    if not records:
        return Origin(reading.path, reading.format, 0, 0, 1, 0)
    return max(records, key=lambda fact: (fact.at or 0, fact.origin.offset or 0)).origin


def _latest(each: Sequence[tuple[int, Origin]]) -> list[tuple[int, Origin]]:
    return sorted(each, key=lambda pair: (-pair[0], pair[1].path))[:_CITED]
