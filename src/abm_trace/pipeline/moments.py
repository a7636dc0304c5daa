"""The moments of a case: the year of yearless logs, `as_of`, and how far each side was read."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

import msgspec

from abm_trace import formats
from abm_trace.core.instants import EPOCH, LAST, SECOND, from_datetime
from abm_trace.core.nouns import Device, Origin, Reading, Skipped
from abm_trace.formats.exports._interface import MORE
from abm_trace.formats.logs._interface import YEARLESS
from abm_trace.pipeline.case import Case
from abm_trace.verdict import Reach, offset_us
from abm_trace.verdict.context import SIDES

WITNESS_US: Final = 600 * SECOND
"""Within this another device or a server bears an event out (CASE.md, default as_of)."""

_AHEAD_US: Final = 2 * 86_400 * SECOND
"""How far a log may be ahead of the day when it was saved. Origin: ours; zones and wrong clocks make hours."""

_NO_EVENTS: Final = frozenset({"token", "enrolment_profile", "coverage", "known"})


def with_years(readings: Sequence[Reading], zone: tzinfo, as_of: int | None, modified_at: int) -> list[Reading]:
    """The readings, those of yearless logs moved to the year that puts them nearest to the case's other stamps.

    Where the case has no other stamp, `as_of` decides, else when its newest file was changed: no log is of a later day.
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
    anchor = stamps[len(stamps) // 2] if stamps else as_of if as_of is not None else modified_at
    latest = LAST if stamps else anchor + _AHEAD_US
    return [_dated(reading, zone, anchor, latest) if reading.yearless else reading for reading in readings]


def _dated(reading: Reading, zone: tzinfo, anchor: int, latest: int) -> Reading:
    first = _in_year(reading.first_at, zone, anchor, latest)
    year = _year(first if first is not None else anchor, zone)
    facts, skipped = [], list(reading.skipped)
    for fact in reading.facts:
        if fact.at is None or _year(fact.at, zone) != YEARLESS:  # A line of another format, with its own year.
            facts.append(fact)
            continue
        at = _in_year(fact.at, zone, anchor, latest)
        if at is None:
            skipped.append(Skipped(reading.path, f"29 February does not exist in {year}", offset=fact.origin.offset))
        else:
            facts.append(msgspec.structs.replace(fact, at=at))
    last = _in_year(reading.last_at, zone, anchor, latest)
    return msgspec.structs.replace(reading, facts=tuple(facts), skipped=tuple(skipped), first_at=first, last_at=last)


def _year(at: int, zone: tzinfo) -> int:
    return (EPOCH + timedelta(microseconds=at)).astimezone(zone).year


def _in_year(at: int | None, zone: tzinfo, anchor: int, latest: int) -> int | None:
    """A time of the placeholder year in the year that brings it nearest to `anchor`, and not beyond `latest`."""
    if at is None:
        return None
    wall = (EPOCH + timedelta(microseconds=at)).astimezone(zone).replace(tzinfo=None)
    around = _year(anchor, zone)
    years = (around - 1, around, around + 1)
    moved = [each for year in years if (each := _moved(wall, year, zone)) is not None]
    candidates = [each for each in moved if each <= latest] or moved
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
            if at is None or fact.kind in _NO_EVENTS or (fact.kind == "dep_record" and "op_type" not in fact.attrs):
                continue  # A fetched record is dated by its page, which is no event of the device.
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


def reach(
    readings: Iterable[Reading], case: Case, as_of: int, server_of: Callable[[str, str], str]
) -> dict[str, list[Reach]]:
    """How far each side was read, and for which MDM server: up to what each of its sources says, else up to `as_of`.

    `server_of(path, product)` names the server of a file that names none.
    """
    found: dict[str, list[Reach]] = {}
    for reading in readings:
        for source in () if reading.captures else _covers(reading.format):
            side = next(side for side, names in SIDES.items() if source in names)
            for server, until in _until(reading, source, case, as_of).items():
                name = server or (server_of(reading.path, _product(reading)) if source in _OF_A_SERVER else "")
                found.setdefault(side, []).append(Reach(until, 0, (_end(reading, source),), name))
    return found


def unfinished(readings: Sequence[Reading], server_of: Callable[[str, str], str]) -> frozenset[str]:
    """The files of lists that are not whole: their last page says that another one follows, and none is in the case."""
    open_: dict[str, list[Reading]] = {}
    for reading in readings:
        if any(each.reason.startswith(MORE) for each in reading.skipped):
            open_.setdefault(reading.format, []).append(reading)
    if not open_:
        return frozenset()

    def key(reading: Reading) -> tuple[str, str]:
        return reading.format, server_of(reading.path, _product(reading))

    paths = {reading.path for each in open_.values() for reading in each}
    ended = {key(reading) for reading in readings if reading.format in open_ and reading.path not in paths}
    return frozenset(reading.path for each in open_.values() for reading in each if key(reading) not in ended)


_OF_A_SERVER: Final = frozenset({"dep", "mdm"})


def _covers(format_id: str) -> tuple[str, ...]:
    """The sources whose silence a format proves, also where it holds no record."""
    return formats.formats()[format_id][1].FORMAT.covers if format_id in formats.formats() else ()


def _until(reading: Reading, source: str, case: Case, as_of: int) -> dict[str, int]:
    """MDM server ("" where it is not said) → how far the source was read for it.

    A coverage fact without a time says that the list is not whole, so that nothing follows from what it lacks.
    """
    own = [fact for fact in reading.facts if fact.kind == "coverage" and (fact.value or fact.source) == source]
    keys = sorted((name for name in case.coverage if _speaks_of(name, source, reading)), key=lambda name: "." in name)
    said = [case.coverage[name] for name in keys if ("." in name) == ("." in keys[-1])]
    if said:  # What is said of the product goes before what is said of the family.
        return dict.fromkeys({fact.attrs.get("server", "") for fact in own} or {""}, max(said))
    if not own:
        return {"": as_of}
    reached: dict[str, int] = {}
    for fact in own:
        server = fact.attrs.get("server", "")
        if fact.at is not None:
            reached[server] = max(reached.get(server, fact.at), fact.at)
    lacking = {fact.attrs.get("server", "") for fact in own if fact.at is None}
    return {server: until for server, until in reached.items() if server not in lacking}


def _speaks_of(name: str, source: str, reading: Reading) -> bool:
    """Whether a key of `[coverage]`, such as `mdm` or `mdm.jamf`, speaks of a source in a reading."""
    family, _, product = name.partition(".")
    if family != ("abm" if source == "org" else source):
        return False
    own = _product(reading)
    return not product or own == _ANY_PRODUCT or product.casefold() in f"{reading.path} {own}".casefold()


_ANY_PRODUCT: Final = "mdm-inventory"
"""The guide's own columns say nothing of a product."""


def _product(reading: Reading) -> str:
    """The MDM product of a reading: what its records say, else its format."""
    return next((fact.attrs["mdm"] for fact in reading.facts if "mdm" in fact.attrs), reading.format)


def _end(reading: Reading, source: str) -> Origin:
    """The newest record of a source in a blob: to there it was read, and it held nothing more."""
    source = "abm" if source == "org" else source
    records = [fact for fact in reading.facts if fact.source == source and fact.kind != "coverage"]
    if not records:
        return Origin(reading.path, reading.format, 0, 0, 1, 0)
    return max(records, key=lambda fact: (fact.at or 0, fact.origin.offset or 0)).origin
