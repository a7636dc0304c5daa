"""Instants: int µs since 1970 UTC inside, RFC 3339 outside. Nothing here reads the clock."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
_MICROSECOND = timedelta(microseconds=1)
_ZONE = re.compile(r"([+-])(\d{2}):?(\d{2})$")
_SHAPE = re.compile(
    r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(Z|z|UTC|GMT|[+-]\d\d:?[0-5]\d))?)?$", re.ASCII
)
_FORM = re.compile(r"\w")
_NAMED_UTC = re.compile(r" ?(UTC|GMT)$")
FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND
LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // _MICROSECOND
"""The bounds of what can be shown: the years 0001 to 9999 in UTC."""

NEVER = -(1 << 62)
"""Before any time."""

ALWAYS = 1 << 62
"""After any time."""

_SECONDS_AT = 16
"""Where a stamp's `:SS` begins."""


def _form(letter: re.Match[str]) -> str:
    """What is told of a text that is no time, for it may be a neighbour's field: a name, a number, a password."""
    return "9" if letter[0].isdigit() else "a"


def from_datetime(value: datetime, zone: tzinfo) -> int:
    """`value` in µs UTC; one without a zone is wall time in `zone`."""
    aware = value if value.tzinfo else value.replace(tzinfo=zone)
    return (aware - EPOCH) // _MICROSECOND


def parse(text: str, zone: tzinfo = UTC) -> int:
    """The instant of an RFC 3339 stamp, or of one with a blank for `T`, `+0100`, `UTC` or no zone (then in `zone`).

    Raises ValueError for everything else, also for stamps that cannot be (year 0000, +99:00, 25:61).
    """
    text = text.strip()
    if not _SHAPE.match(text):
        message = f"no RFC 3339 time, but written like {_FORM.sub(_form, text[:40])!r}"
        raise ValueError(message)
    text = _NAMED_UTC.sub("Z", text.upper())
    leap = text[_SECONDS_AT : _SECONDS_AT + 3] == ":60"  # RFC 3339 allows a leap second, datetime does not.
    if leap:
        text = f"{text[:_SECONDS_AT]}:59{text[_SECONDS_AT + 3 :]}"
    try:
        at = from_datetime(datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-").replace(" Z", "Z")), zone)
    except (ValueError, OverflowError) as error:
        message = f"impossible time: {text[:40]!r}"
        raise ValueError(message) from error
    at += SECOND * leap
    if not FIRST <= at <= LAST:
        message = f"time beyond the calendar: {text[:40]!r}"
        raise ValueError(message)
    return at


def to_datetime(at: int) -> datetime:
    """The instant in UTC; the first or the last that can be shown where it lies beyond, as a deadline or what a wrong
    clock said may.
    """
    return EPOCH + timedelta(microseconds=min(max(at, FIRST), LAST))


def local(at: int, zone: tzinfo) -> datetime | None:
    """Wall time in `zone`, None at the ends of the calendar where it has none."""
    try:
        return to_datetime(at).astimezone(zone)
    except (OverflowError, ValueError):
        return None


def render(at: int) -> str:
    """RFC 3339 in UTC with `Z`; the fraction is there only where it is not zero, in ms where they suffice.

    What lies beyond the calendar is shown as its bound.
    """
    whole, micros = divmod(min(max(at, FIRST), LAST), SECOND)
    text = (EPOCH + timedelta(seconds=whole)).replace(tzinfo=None).isoformat(timespec="seconds")
    if micros:
        fraction = f"{micros:06d}"
        text += "." + (fraction[:3] if fraction.endswith("000") else fraction)
    return text + "Z"
