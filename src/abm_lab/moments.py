"""Instants of the lab: integer microseconds since 1970 UTC, and the spellings that exports use."""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_datetime(moment: datetime) -> int:
    """Microseconds since 1970 UTC of an aware datetime, without the rounding of floats."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(at: int) -> datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + timedelta(microseconds=at)


def zone_offset_s(zone: ZoneInfo, at: int) -> int:
    """Seconds that the wall clock of `zone` is ahead of UTC at that instant."""
    shift = to_datetime(at).astimezone(zone).utcoffset()
    return 0 if shift is None else int(shift.total_seconds())


@lru_cache(maxsize=8192)
def wall(second: int, pattern: str) -> str:
    """One whole second since 1970 as UTC text by a strftime pattern; captures repeat their seconds, so it is cached."""
    parts = time.gmtime(second)
    # Not every platform knows %e.
    return time.strftime(pattern.replace("%e", f"{parts.tm_mday:2d}"), parts)


def rfc3339(at: int) -> str:
    """`2026-05-17T08:47:12.883Z`: UTC with milliseconds."""
    second, rest = divmod(at, SECOND)
    return f"{wall(second, '%Y-%m-%dT%H:%M:%S')}.{rest // 1000:03d}Z"


def rfc3339_whole(at: int) -> str:
    """`2026-05-17T08:47:12Z`: UTC in whole seconds, as Apple's services write it."""
    return wall(at // SECOND, "%Y-%m-%dT%H:%M:%SZ")
