"""The plan of rotations as a calendar file (RFC 5545): a whole day a token, with an alarm before it."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta, tzinfo
from hashlib import sha256
from typing import Final

from abm_trace.core.instants import local, to_datetime
from abm_trace.exports._interface import plain
from abm_trace.views.tokens import Token

_LINE_BYTES_MAX: Final = 75
"""A longer line is folded. From: RFC 5545, section 3.1."""

_SPECIAL: Final = re.compile(r"[\\;,]")
ALARM: Final = "-P2DT15H"
"""Nine in the morning, three days before. Origin: ours."""

ALARM_LATE: Final = "PT9H"
"""Nine in the morning of the day itself, where three days before has passed."""

_LATE: Final = timedelta(days=3)


def calendar(tokens: Iterable[Token], as_of: int, zone: tzinfo, *, simulated: bool) -> bytes:
    """The file; a token whose day is not known has none. A later file moves the same events: their ids stay."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//abm-trace//token rotation//EN",
        "CALSCALE:GREGORIAN",
        *(line for token in tokens for line in _event(token, as_of, zone, simulated=simulated)),
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _event(token: Token, as_of: int, zone: tzinfo, *, simulated: bool) -> Iterator[str]:
    if token.rotate_at is None:
        return
    day, today = _day(token.rotate_at, zone), _day(as_of, zone)
    what = f"{'SIMULATED: ' * simulated}Rotate the {_KINDS[token.kind]} {token.name}"
    evidence = (f"{each.path}:{each.line}" if each.line else each.path for each in token.evidence[:3])
    more = [
        f"Why then: {token.why}.",
        *(f"Warning: {each}." for each in token.warnings),
        "From: " + ", ".join(evidence),
    ]
    yield "BEGIN:VEVENT"
    yield f"UID:{sha256(token.key.encode('utf-8', 'replace')).hexdigest()[:32]}@abm-trace"
    yield f"DTSTAMP:{to_datetime(as_of):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"SUMMARY:{_text(what)}"
    yield "DESCRIPTION:" + r"\n".join(map(_text, more))
    yield "TRANSP:TRANSPARENT"
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{_text(what)}"
    yield f"TRIGGER:{ALARM if day - today >= _LATE else ALARM_LATE}"
    yield "END:VALARM"
    yield "END:VEVENT"


_KINDS: Final = {"abm": "ABM token", "server": "server token", "certificate": "client certificate"}


def _day(at: int, zone: tzinfo) -> date:
    """The day of an instant in the case's zone."""
    wall = local(at, zone)
    return to_datetime(at).date() if wall is None else wall.date()


def _text(foreign: str) -> str:
    """Any text as a value of type TEXT; what hides or breaks lines is shown as an escape."""
    return _SPECIAL.sub(r"\\\g<0>", plain(foreign))


def _folded(line: str) -> bytes:
    """The line, folded between characters so that none is longer than it may be, ended by CR LF."""
    parts: list[bytes] = [b""]
    for character in line:
        data = character.encode("utf-8", "replace")
        if len(parts[-1]) + len(data) > _LINE_BYTES_MAX - (len(parts) > 1):
            parts.append(b"")
        parts[-1] += data
    return b"\r\n ".join(parts) + b"\r\n"
