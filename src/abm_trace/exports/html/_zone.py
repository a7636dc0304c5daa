"""The site's clock as data: when it is shifted, so that the page says the same wall times as the terminal."""

from datetime import tzinfo
from typing import Final

from abm_trace.core.instants import SECOND, local

_DAY_US: Final = 86_400 * SECOND
_SPAN_DAYS: Final = 400
"""How far around `as_of` wall times are known; further away the page says UTC alone."""


def shifts(zone: tzinfo, as_of: int) -> list[tuple[int, int, str]]:
    """(from µs UTC, seconds east of UTC, the zone's name), in order of time; [] where the site's clock is UTC."""
    begin, end = as_of - _SPAN_DAYS * _DAY_US, as_of + _SPAN_DAYS * _DAY_US
    found: list[tuple[int, int, str]] = []
    at, said = begin, _said(zone, begin)
    if said is not None:
        found.append((begin, *said))
    while at < end:
        after = min(at + 7 * _DAY_US, end)
        then = _said(zone, after)
        if then != said and then is not None:
            found.append((_turn(zone, at, after), *then))
        at, said = after, then
    return [] if all(name == "UTC" for _, _, name in found) else found


def _turn(zone: tzinfo, before: int, after: int) -> int:
    """The second between two instants from which on the zone says what it says after."""
    then = _said(zone, after)
    low, high = before // SECOND, after // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _said(zone, middle * SECOND) == then else (middle, high)
    return high * SECOND


def _said(zone: tzinfo, at: int) -> tuple[int, str] | None:
    wall = local(at, zone)
    offset = wall.utcoffset() if wall is not None else None
    return None if wall is None or offset is None else (round(offset.total_seconds()), wall.tzname() or "")
