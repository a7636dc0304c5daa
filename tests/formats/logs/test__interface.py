"""Tests of what the log formats share: stamps, names in a line, the subsystem before a message."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.logs.lines import at

from abm_trace.core import instants
from abm_trace.formats.logs._interface import STAMP, YEARLESS, Layout, Stamps, bare, names_in, severity

CHICAGO, BERLIN = ZoneInfo("America/Chicago"), ZoneInfo("Europe/Berlin")


def times(zone: tzinfo, *stamps: str) -> list[str]:
    """The instants that one blob's stamps get, one after the other, shown in UTC."""
    reader = Stamps(zone)
    return [instants.render(reader.at(each[:16], each[17:19], each[20:])) for each in stamps]


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2099, 1, 1)), st.sampled_from([CHICAGO, BERLIN]))  # noqa: DTZ001
def test_a_wall_time_means_what_the_calendar_of_its_zone_says(wall: datetime, zone: ZoneInfo) -> None:
    """A capture's facts would be an hour off in summer or in winter."""
    exists = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
    readings = {instants.from_datetime(wall.replace(fold=fold), zone) for fold in (0, 1)}
    text = wall.isoformat(timespec="microseconds")
    got = Stamps(zone).at(text[:16], text[17:19], text[20:])
    assert got in readings
    assert not exists or len(readings) == 2 or readings == {got}


@given(st.integers(0, 999_999_999), st.integers(1, 9))
def test_a_fraction_of_any_length_counts_down_to_microseconds(value: int, digits: int) -> None:
    """`.5` would be five microseconds, or nanoseconds would be added as microseconds."""
    fraction = f"{value:09d}"[:digits]
    micros = int(fraction.ljust(9, "0")) // 1000
    assert Stamps(UTC).at("2026-05-17 03:47", "12", fraction) == at("2026-05-17T03:47:12Z") + micros


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Z", "2026-05-17T03:47:12Z"),
        ("+0000", "2026-05-17T03:47:12Z"),
        ("-05:00", "2026-05-17T08:47:12Z"),
        ("-0530", "2026-05-17T09:17:12Z"),
        ("+14:00", "2026-05-16T13:47:12Z"),
    ],
)
def test_a_zone_in_the_line_goes_before_the_case_s(zone: str, expected: str) -> None:
    """A stamp that says its zone would be read in another."""
    assert instants.render(Stamps(CHICAGO).at("2026-05-17 03:47", "12", "", zone)) == expected


@pytest.mark.parametrize(
    ("minute", "second", "zone"),
    [
        ("0000-05-17 03:47", "12", "Z"), ("2026-13-17 03:47", "12", "Z"), ("2026-02-29 03:47", "12", "Z"),
        ("2026-05-17 25:47", "12", "Z"), ("2026-05-17 03:60", "12", "Z"), ("2026-05-17 03:47", "61", "Z"),
        ("2026-05-17 03:47", "12", "+99:00"), ("2026-05-17 03:47", "12", "+01:60"), ("May 32 03:47", "12", ""),
        ("Feb 30 03:47", "12", ""), ("Mai 17 03:47", "12", ""), ("9999-12-31 23:59", "59", "-18:00"),
        ("0001-01-01 00:00", "00", "+18:00"), ("9999-12-31 23:59", "60", "Z"),
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_is_a_value_error(minute: str, second: str, zone: str) -> None:
    """It would become a moment that never was, or one that no report can show."""
    with pytest.raises(ValueError, match=r"."):
        Stamps(UTC).at(minute, second, "", zone)


def test_a_leap_second_is_the_second_after() -> None:
    """A line of second 60 would be lost (RFC 5424 and the unified log pass them on)."""
    assert instants.render(Stamps(UTC).at("2016-12-31 23:59", "60", "25", "Z")) == "2017-01-01T00:00:00.250Z"


def test_a_stamp_without_a_year_stands_in_the_placeholder_year() -> None:
    """It would get a year before the case's other stamps can say which; 29 February must be possible."""
    assert instants.render(Stamps(UTC).at("Feb 29 03:47", "12")) == f"{YEARLESS}-02-29T03:47:12Z"


@pytest.mark.parametrize(
    ("zone", "day", "first", "again"),
    [(CHICAGO, "2026-11-01T01", "06", "07"), (BERLIN, "2026-10-25T02", "00", "01")],
)
def test_a_repeated_hour_is_read_by_the_lines_before(zone: ZoneInfo, day: str, first: str, again: str) -> None:
    """The second pass of the autumn hour would go back behind the first, and a device's order would break."""
    date = day[:10]
    assert times(zone, f"{day}:50:00", f"{day}:55:00", f"{day}:05:00", f"{day}:50:00") == [
        f"{date}T{first}:50:00Z", f"{date}T{first}:55:00Z", f"{date}T{again}:05:00Z", f"{date}T{again}:50:00Z",
    ]  # fmt: skip


def test_a_repeated_hour_is_said_to_be_one() -> None:
    """A reader of the report would not know that a time may be an hour off."""
    stamps = Stamps(CHICAGO)
    stamps.at("2026-11-01 00:59", "00")
    assert not stamps.repeated
    stamps.at("2026-11-01 01:00", "00")
    assert stamps.repeated


@pytest.mark.parametrize(("zone", "minute"), [(CHICAGO, "2026-03-08 02:30"), (BERLIN, "2026-03-29 02:30")])
def test_a_wall_time_that_spring_skips_is_not_called_repeated(zone: ZoneInfo, minute: str) -> None:
    """The report would speak of the autumn night where there was none."""
    stamps = Stamps(zone)
    stamps.at(minute, "00")
    assert not stamps.repeated


def test_neighbours_around_a_spring_gap_keep_their_distance() -> None:
    """01:59 and 03:01 are two minutes apart on that night, not an hour and two."""
    assert times(CHICAGO, "2026-03-08 01:59:00", "2026-03-08 03:01:00") == [
        "2026-03-08T07:59:00Z", "2026-03-08T08:01:00Z",
    ]  # fmt: skip


def test_many_minutes_do_not_grow_without_bound() -> None:
    """A hostile capture of a million different minutes would fill the memory."""
    stamps = Stamps(UTC)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(70_000):
        stamps.at((start + timedelta(minutes=number)).strftime("%Y-%m-%d %H:%M"), "00")
    assert len(stamps._minutes) <= 65_536


def test_the_first_name_of_each_kind_counts() -> None:
    """A message that quotes another device later would change hands."""
    assert names_in('x serial=F9FXQ1ABCD udid="00008030-0011" serial=DMPA12345678') == {
        "serial": "F9FXQ1ABCD", "udid": "00008030-0011",
    }  # fmt: skip


def test_a_name_must_stand_alone_and_be_long_enough() -> None:
    """`tokenserial=` or `serial=1` would be a device."""
    assert names_in("tokenserial=F9FXQ1ABCD serial=1 serial=") == {}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("[com.apple.MCX:cloud] text", ("com.apple.MCX", "cloud", "text")),
        ("[com.apple.MCX:cloud] [ABM] text", ("com.apple.MCX", "cloud", "text")),
        ("[spid 0x29, process, begin] [com.apple.MCX:cloud] text", ("com.apple.MCX", "cloud", "text")),
        ("[com.apple.MCX:] text", ("com.apple.MCX", "", "text")),
        ("[ABM] text", ("", "", "text")),
        ("[ABM] [ABM] text", ("", "", "[ABM] text")),
        ("text [com.apple.MCX:cloud]", ("", "", "text [com.apple.MCX:cloud]")),
        ("[connected]", ("", "", "[connected]")),
    ],
)
def test_the_subsystem_before_a_message_is_taken_off(message: str, expected: tuple[str, str, str]) -> None:
    """No message would begin with the words that carry its fact, or the guide's `[ABM]` would be a subsystem."""
    record = Layout(rf"{STAMP} (?P<message>.*)").frame(f"2026-05-17 03:47:12 {message}", Stamps(UTC))
    assert record is not None
    assert (record.subsystem, record.category, record.message) == expected


@pytest.mark.parametrize(
    ("priority", "level"), [("0", "emergency"), ("11", "error"), ("12", "warning"), ("191", "debug"), ("", "")]
)
def test_the_severity_is_the_priority_modulo_eight(priority: str, level: str) -> None:
    """An error would be shown as something else (RFC 5424, 6.2.1)."""
    assert severity(priority) == level


def test_only_a_leading_mark_of_the_guide_is_taken_off() -> None:
    """CASE.md: an optional `[ABM] ` before the message, once; elsewhere it is text."""
    assert bare("[ABM] x") == "x"
    assert bare("[ABM] [ABM] x") == "[ABM] x"
    assert bare("x [ABM] y") == "x [ABM] y"
