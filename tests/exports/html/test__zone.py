"""The site's clock as data."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from abm_trace.core.instants import SECOND, from_datetime, local
from abm_trace.exports.html import _zone

AS_OF = from_datetime(datetime(2026, 5, 17, 8, 47, tzinfo=UTC), UTC)
DAY = 86_400 * SECOND


@pytest.mark.parametrize("name", ["America/Chicago", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Dublin"])
def test_wall_times_are_those_of_python(name: str) -> None:
    """If this failed, the page and the terminal would show different times at the site for one event."""
    zone = ZoneInfo(name)
    shifts = _zone.shifts(zone, AS_OF)
    for at in (*range(AS_OF - 400 * DAY, AS_OF + 400 * DAY, 17 * 3600 * SECOND), *(each[0] for each in shifts)):
        for instant in (at, at - SECOND) if at > AS_OF - 399 * DAY else (at,):
            wall = local(instant, zone)
            assert wall is not None
            _, seconds, abbreviation = next(each for each in reversed(shifts) if each[0] <= instant)
            assert (wall.utcoffset().total_seconds(), wall.tzname()) == (seconds, abbreviation)  # type: ignore[union-attr]  # A zone has one.


def test_utc_has_none() -> None:
    """If this failed, each time would stand there twice where the site's clock is UTC."""
    assert _zone.shifts(UTC, AS_OF) == []
    assert _zone.shifts(ZoneInfo("UTC"), AS_OF) == []


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_the_calendar(year: int) -> None:
    """If this failed, one impossible date as `--as-of` would cost the report."""
    at = from_datetime(datetime(year, 6, 1, tzinfo=UTC), UTC)
    assert isinstance(_zone.shifts(ZoneInfo("America/Chicago"), at), list)
