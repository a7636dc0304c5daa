"""Instants and their spellings."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from abm_lab.moments import from_datetime, rfc3339, rfc3339_whole, to_datetime, wall, zone_offset_s


def test_spelling_an_instant() -> None:
    """Exports would show another time than the one that was meant, by a rounded millisecond."""
    at = from_datetime(datetime(2026, 5, 17, 8, 47, 12, 883_999, tzinfo=UTC))
    assert rfc3339(at) == "2026-05-17T08:47:12.883Z"
    assert rfc3339_whole(at) == "2026-05-17T08:47:12Z"
    assert to_datetime(at).microsecond == 883_999


def test_the_day_of_a_syslog_stamp_is_padded() -> None:
    """RFC 3164 wants two columns for the day."""
    assert wall(from_datetime(datetime(2026, 5, 7, 8, tzinfo=UTC)) // 1_000_000, "%b %e %H") == "May  7 08"


def test_a_zone_has_its_summer_time() -> None:
    """Local stamps would be an hour off in one half of the year."""
    zone = ZoneInfo("America/Chicago")
    hours = [zone_offset_s(zone, from_datetime(datetime(2026, month, 15, tzinfo=UTC))) // 3600 for month in (1, 5)]
    assert hours == [-6, -5]
