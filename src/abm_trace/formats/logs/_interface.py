"""What a log format is, and what all of them share: the time of a line, the process scope, the score of a head.

A module holds `FORMAT`, `HEAD_LINE` (a compiled expression that a line of the format matches) and
`frame(line, stamps) -> Record | None`; a line that it does not read gives None, and so does an impossible time.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from abm_trace.core.instants import SECOND, from_datetime
from abm_trace.core.nouns import NO_ATTRS, Record

YEARLESS: Final = 2000
"""Where a stamp without a year stands until the case's other stamps give it one; a leap year, so that 29 Feb exists."""

STAMP: Final = r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,9}))?"
"""Date, hour and minute · second · fraction: what `Stamps.at` takes."""

ZONE: Final = r" ?(Z|[+-][0-9]{2}:?[0-9]{2})"

BSD_STAMP: Final = r"([A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
"""RFC 3164's stamp: month, day, hour and minute · second · fraction; no year, no zone."""

_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_BRACKET = re.compile(r"(?:\[spid [^\]]*\] )?\[([A-Za-z0-9_.-]+):([^\]]*)\] ?")
_NAMES = re.compile(r"\b(serial|udid)=\"?([0-9A-Za-z-]{6,64})")
_CACHE_MAX = 4096


class Stamps:
    """Turns the stamps of one blob into instants; wall times stand in `zone`.

    The part up to the minute is worked out once a minute (changes of summer time fall on whole minutes), the rest is
    arithmetic. A wall time that an autumn night repeats takes the reading that does not go back behind the blob's
    previous line; `repeated` says that this happened.
    """

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.repeated = False
        self._minutes: dict[tuple[str, str | None], tuple[int, int]] = {}
        self._last = 0

    def at(self, minute: str, second: str, fraction: str | None, zone: str | None = None) -> int:
        """The instant in µs UTC. Raises ValueError for a time that cannot be."""
        key = (minute, zone)
        bases = self._minutes.get(key)
        if bases is None:
            if len(self._minutes) >= _CACHE_MAX:
                self._minutes.clear()
            bases = self._minutes[key] = self._minute(minute, zone)
        seconds = int(second)
        if seconds > 60:
            message = f"impossible second: {second}"
            raise ValueError(message)
        within = seconds * SECOND
        if fraction:
            within += int(fraction[:6].ljust(6, "0"))
        first, again = bases
        at = first + within
        if first != again:
            self.repeated = True
            if at < self._last <= again + within:
                at = again + within
        self._last = at
        return at

    def _minute(self, minute: str, zone: str | None) -> tuple[int, int]:
        if minute[0].isdigit():
            wall = datetime.fromisoformat(minute)
        else:  # `Jun  7 13:42`
            month = _MONTHS.get(minute[:3])
            if month is None:
                message = f"no month: {minute[:3]}"
                raise ValueError(message)
            wall = datetime(YEARLESS, month, int(minute[4:6]), int(minute[7:9]), int(minute[10:12]))  # noqa: DTZ001
        try:
            if zone is not None:
                shift = timedelta(0) if zone == "Z" else _shift(zone)
                at = from_datetime(wall, UTC) - shift // timedelta(microseconds=1)
                return at, at
            return from_datetime(wall, self.zone), from_datetime(wall.replace(fold=1), self.zone)
        except OverflowError as error:
            message = f"impossible time: {minute}"
            raise ValueError(message) from error


def _shift(zone: str) -> timedelta:
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 18 or minutes > 59:  # Real zones end at +14 and -12; RFC 3339 itself allows up to 23:59.
        message = f"impossible zone: {zone}"
        raise ValueError(message)
    shift = timedelta(hours=hours, minutes=minutes)
    return -shift if zone[0] == "-" else shift


def names_in(line: str) -> dict[str, str]:
    """The `serial=` and `udid=` of a line; the first of each counts."""
    if "serial=" not in line and "udid=" not in line:
        return NO_ATTRS
    found: dict[str, str] = {}
    for key, value in _NAMES.findall(line):
        found.setdefault(key, value)
    return found


def unwrap(message: str) -> tuple[str, str, str]:
    """(subsystem, category, rest) of a message that may begin with `[subsystem:category] `."""
    if message.startswith("[") and (match := _BRACKET.match(message)):
        return match[1], match[2], message[match.end() :]
    return "", "", message


def bare(message: str) -> str:
    """The message without the guide's `[ABM] `."""
    return message[6:] if message.startswith("[ABM] ") else message


Frame = Callable[[str, Stamps], Record | None]
