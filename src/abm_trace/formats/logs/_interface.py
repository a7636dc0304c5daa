"""What a log format is, and what all of them share: the layout of a line, and its time.

A module holds `FORMAT` and `LAYOUT`; one that no layout reads holds `FORMAT`, `HEAD_LINE` (an expression that a line of
the format matches) and `frame(line, stamps) -> Record | None` instead. `OBJECTS` says that its lines are JSON objects,
which may also come as one array; `clock(line)` then gives an object's boot and its machTimestamp.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from operator import itemgetter
from typing import Final

from abm_trace.core.instants import FIRST, LAST, SECOND, from_datetime
from abm_trace.core.nouns import NO_ATTRS, Record

YEARLESS: Final = 2000
"""Where a stamp without a year stands until the case's other stamps give it one; a leap year, so that 29 Feb exists."""

STAMP: Final = (
    r"(?P<minute>[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}):(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?"
)
"""Date, hour and minute · second · fraction: what `Stamps.at` takes."""

ZONE: Final = r" ?(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
"""macOS's install.log writes the hours alone: `2023-05-04 10:20:30-07`."""

BSD_STAMP: Final = (
    r"(?P<minute>[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?"
)
"""RFC 3164's stamp: month, day, hour and minute · second · fraction; no year, no zone."""

NO_LEVEL: Final = (
    r"(?!(?:DEBUG|DBG|INFO|INF|NOTICE|DEFAULT|WARN|WARNING|WRN|ERROR|ERRO|ERR|FAULT|FATAL|CRITICAL|TRACE)[ \t])"
)
"""Where a host or a process stands there is no level: it stands there in the logs of other programs (zerolog, SDKs)."""

MONTHS: Final = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11,
    "Dec": 12,
}  # fmt: skip
_BRACKET = re.compile(r"(?:\[spid [^\]]*\] )?\[([A-Za-z0-9_.-]+):([^\]]*)\] ?")
_NAMES = re.compile(r"\b(serial|udid)=\"?([0-9A-Za-z-]{6,64})")
_GUIDES: Final = "[ABM] "
_CACHE_MAX = 65536
_SCALE = (0, 100_000, 10_000, 1_000, 100, 10, 1)
"""What the last digit of a fraction of that many digits is worth in µs."""


class Stamps:
    """Turns the stamps of one blob into instants; wall times stand in `zone`.

    The part up to the minute is worked out once a minute (changes of summer time fall on whole minutes), the rest is
    arithmetic. A wall time that an autumn night repeats takes the reading that does not go back behind the blob's
    previous line; `repeated` says that this happened.
    """

    def __init__(self, zone: tzinfo, minutes: dict[str, tuple[int, int]] | None = None) -> None:
        """`minutes` is what other blobs of the same zone have worked out already; it is added to."""
        self.zone = zone
        self.repeated = False
        self._minutes = {} if minutes is None else minutes
        self._last = 0

    def beside(self) -> "Stamps":
        """Another reader of the same blob's stamps, which looks at its lines in an order of its own."""
        return Stamps(self.zone, self._minutes)

    def at(self, minute: str, second: str, fraction: str = "", zone: str = "") -> int:
        """The instant in µs UTC; "" for no fraction, no zone. Raises ValueError for a time that cannot be."""
        key = minute + zone
        bases = self._minutes.get(key)
        if bases is None:
            if len(self._minutes) >= _CACHE_MAX:
                self._minutes.clear()
            bases = self._minutes[key] = self._minute(minute, zone)
        first, again = bases
        seconds = int(second)
        if seconds > 60:
            message = f"impossible second: {second}"
            raise ValueError(message)
        at = first + seconds * SECOND
        if fraction:
            digits = len(fraction)
            at += int(fraction) * _SCALE[digits] if digits < 7 else int(fraction[:6])
        if first != again:
            self.repeated = True
            if at < self._last <= at + again - first:
                at += again - first
        self._last = at
        return at

    def _minute(self, minute: str, zone: str) -> tuple[int, int]:
        if minute[0].isdigit():
            wall = datetime.fromisoformat(minute)
        else:  # `Jun  7 13:42`
            month = MONTHS.get(minute[:3])
            if month is None:
                message = f"no month: {minute[:3]}"
                raise ValueError(message)
            wall = datetime(YEARLESS, month, int(minute[4:6]), int(minute[7:9]), int(minute[10:12]))  # noqa: DTZ001
        try:
            if zone:
                shift = timedelta(0) if zone == "Z" else _shift(zone)
                first = again = from_datetime(wall, UTC) - shift // timedelta(microseconds=1)
            else:
                first, again = from_datetime(wall, self.zone), from_datetime(wall.replace(fold=1), self.zone)
            if not FIRST <= first <= LAST - 61 * SECOND:
                message = f"time beyond the calendar: {minute}"
                raise ValueError(message)
            return first, max(first, again)  # In a spring gap the second reading is the earlier one: it is none.
        except OverflowError as error:
            message = f"impossible time: {minute}"
            raise ValueError(message) from error


def _shift(zone: str) -> timedelta:
    hours, minutes = int(zone[1:3]), int(zone[-2:]) if len(zone) > 3 else 0
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


class Layout:
    """How the lines of a format are written: one expression with named groups, of which FIELDS says the names.

    `stamp` are the places of minute, second, fraction and zone in a row, `host` that of the host; `said` takes from it
    all that says what it means, wherever and whenever that was written.

    `rows` reads many lines at once, which is several times as fast as one by one; `record` makes a row a Record.
    """

    def __init__(self, expression: str) -> None:
        """`expression` matches one line from its start to its end and knows no line feed."""
        self.pattern = re.compile(rf"^(?:{expression})()$", re.MULTILINE)
        absent = self.pattern.groups
        places = (self.pattern.groupindex.get(name, absent) - 1 for name in FIELDS)
        minute, second, fraction, zone, *rest = places
        self.stamp = (minute, second, fraction, zone)
        (
            self.host,
            self._process,
            self._subsystem,
            self._category,
            self._level,
            self._priority,
            self._data,
            self._message,
        ) = rest
        self.said: Callable[[tuple[str, ...]], tuple[str, ...]] = itemgetter(
            self._process, self._subsystem, self._data, self._message
        )

    def rows(self, text: str, count: int) -> list[tuple[str, ...]] | None:
        """The rows of `count` lines, None if one of them is not of this format."""
        rows = self.pattern.findall(text)
        return rows if len(rows) == count else None

    def row(self, line: str) -> tuple[str, ...] | None:
        """The row of one line, None if it is not of this format."""
        match = self.pattern.match(line)
        return match.groups("") if match else None

    def at(self, row: tuple[str, ...], stamps: Stamps) -> int:
        """The time of a row. Raises ValueError for one that cannot be."""
        minute, second, fraction, zone = self.stamp
        return stamps.at(row[minute], row[second], row[fraction], row[zone])

    def source(self, row: tuple[str, ...]) -> tuple[str, str, str, str, str]:
        """Who says what in a row: (host, process, subsystem, category, message without its brackets)."""
        message, subsystem, category = row[self._message], row[self._subsystem], row[self._category]
        if message[:1] == "[":
            if not subsystem and (match := _BRACKET.match(message)):
                subsystem, category, message = match[1], match[2], message[match.end() :]
            message = message.removeprefix(_GUIDES)
        return row[self.host], row[self._process], subsystem, category, message

    def names(self, row: tuple[str, ...], message: str) -> dict[str, str]:
        """The `serial=` and `udid=` of a row's message and structured data."""
        data = row[self._data]
        return {**names_in(message), **names_in(data)} if data else names_in(message)

    def record(self, row: tuple[str, ...], stamps: Stamps) -> Record:
        """The record of a row. Raises ValueError for a time that cannot be."""
        host, process, subsystem, category, message = self.source(row)
        level = row[self._level] or severity(row[self._priority])
        names = self.names(row, message)
        return Record(self.at(row, stamps), message, process, subsystem, category, level, host, names)

    def frame(self, line: str, stamps: Stamps) -> Record | None:
        """The record of a line, None if it is not of this format or its time cannot be."""
        row = self.row(line)
        try:
            return None if row is None else self.record(row, stamps)
        except ValueError:
            return None


FIELDS: Final = (
    "minute", "second", "fraction", "zone", "host", "process", "subsystem", "category", "level", "priority", "data",
    "message",
)  # fmt: skip
"""The names of a layout's groups; `priority` is syslog's number, `data` syslog's structured data."""

_SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")


def severity(priority: str) -> str:
    """The severity's name in a syslog priority (RFC 5424, 6.2.1)."""
    return _SEVERITIES[int(priority) % 8] if priority else ""


def bare(message: str) -> str:
    """The message without the guide's `[ABM] `."""
    return message.removeprefix(_GUIDES)


def inner(line: str) -> str:
    """The object of a line that may be one of an array: without the brackets and commas around it."""
    return line if line[:1] == "{" and line[-1:] == "}" else line.strip(" \t\r[,]")
