"""Tests of abm_trace.core.instants."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.core import instants

CHICAGO = ZoneInfo("America/Chicago")
ALL_MICROS = st.datetimes(timezones=st.just(UTC)).map(lambda value: instants.from_datetime(value, UTC))


@given(ALL_MICROS)
def test_what_is_rendered_is_read_back(at: int) -> None:
    """A time would change on its way through an export; RFC 3339 has four digits of year, whatever the year."""
    assert instants.parse(instants.render(at)) == at


@given(st.datetimes(timezones=st.just(UTC)))
def test_rendering_is_rfc_3339_with_four_digits_of_year(value: datetime) -> None:
    """A reader of our JSON would refuse the stamp."""
    text = instants.render(instants.from_datetime(value, UTC))
    assert datetime.fromisoformat(text) == value
    assert text[4] == "-"
    assert text.endswith("Z")


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001  # The zone comes next.
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["T", "t", " "]),
    st.sampled_from(["", " "]),
    st.booleans(),
)
def test_any_spelling_of_an_instant_is_the_same_instant(
    wall: datetime, minutes: int, between: str, before_zone: str, colon: bool
) -> None:
    """The same moment would stand at two times, depending on who wrote it."""
    shift = timedelta(minutes=minutes)
    hours, rest = divmod(abs(minutes), 60)
    zone = f"{'-' if minutes < 0 else '+'}{hours:02d}{':' if colon else ''}{rest:02d}"
    text = wall.isoformat(sep=between) + before_zone + zone
    assert instants.parse(text) == instants.from_datetime(wall.replace(tzinfo=timezone(shift)), UTC)


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("2026-05-17T08:47:12.883Z", "2026-05-17T08:47:12.883Z"),
        ("2026-05-17T08:47:12.883120Z", "2026-05-17T08:47:12.883120Z"),
        ("2026-05-17T08:47:12Z", "2026-05-17T08:47:12Z"),
        ("2026-05-17 03:47:12,5 -0500", "2026-05-17T08:47:12.500Z"),
        (" 2026-05-17T08:47:12+00:00 ", "2026-05-17T08:47:12Z"),
        ("2026-05-17T08:47Z", "2026-05-17T08:47:00Z"),
        ("2026-05-17 08:47:12 UTC", "2026-05-17T08:47:12Z"),
        ("2026-05-17 08:47:12.5 GMT", "2026-05-17T08:47:12.500Z"),
    ],
)
def test_a_stamp_is_shown_in_utc(text: str, rendered: str) -> None:
    """Reports would show local times as UTC, or lose the fraction."""
    assert instants.render(instants.parse(text)) == rendered


def test_a_time_without_a_zone_is_wall_time_of_the_case() -> None:
    """Every device of a Chicago case would be five hours off."""
    assert instants.parse("2026-05-17 03:47:12", CHICAGO) == instants.parse("2026-05-17T08:47:12Z")


@pytest.mark.parametrize("text", ["2016-12-31T23:59:60Z", "2016-12-31T23:59:60.5Z", "2016-12-31 18:59:60-0500"])
def test_a_leap_second_is_a_time(text: str) -> None:
    """RFC 3339 allows second 60 (5.7); an event of that second would be refused."""
    at = instants.parse(text)
    assert at // instants.SECOND == instants.parse("2017-01-01T00:00:00Z") // instants.SECOND


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "2026-05-17T08", "0000-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-05-17T25:61:00Z", "2026-05-17T08:47:61Z", "2026-05-17T08:47:12+99:00", "2026-05-17T08:47:12+01:60",
        "2026-05-17T08:47:12ZZ", "17.05.2026 08:47", "2026-05-17T08:47:12.Z", "١٠٢٦-05-17T08:47:12Z", "1e999",
    ],
)  # fmt: skip
def test_what_cannot_be_a_time_is_a_value_error(text: str) -> None:
    """An impossible stamp would be taken for a moment, or its reader would die of another error."""
    with pytest.raises(ValueError, match="time"):
        instants.parse(text)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00"])
def test_a_time_beyond_the_calendar_is_refused(text: str) -> None:
    """It could be read but never shown: one such stamp would end the whole triage where it is rendered."""
    with pytest.raises(ValueError, match="time"):
        instants.parse(text)


@given(st.text(alphabet="0123456789-+:TZ .,", max_size=32))
def test_any_text_is_a_time_that_can_be_shown_or_a_value_error(text: str) -> None:
    """A hostile stamp would raise something that no reader expects."""
    try:
        at = instants.parse(text)
    except ValueError:
        return
    assert instants.parse(instants.render(at)) == at


@pytest.mark.parametrize(
    ("at", "rendered"),
    [
        (instants.LAST + 90_000_001, "9999-12-31T23:59:59.999999Z"),
        (instants.FIRST - 90_000_000, "0001-01-01T00:00:00Z"),
    ],
)
def test_what_lies_beyond_the_calendar_is_shown_as_its_bound(at: int, rendered: str) -> None:
    """A deadline after the last minute of 9999, which some write for "never", would cost a case all its verdicts."""
    assert instants.render(at) == rendered
    assert instants.to_datetime(at).isoformat().startswith(rendered[:19])
    assert None in {instants.local(at, zone) for zone in (CHICAGO, ZoneInfo("Pacific/Auckland"))}
