"""Tests of abm_trace.pipeline.years."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline.building import fact

from abm_trace.core import instants, packed
from abm_trace.core.nouns import Reading
from abm_trace.pipeline import years
from abm_trace.pipeline.told import packed_facts
from abm_trace.pipeline.years import with_years

CHICAGO = ZoneInfo("America/Chicago")


def at(stamp: str) -> int:
    """The instant of a stamp."""
    return instants.parse(stamp)


def yearless(*stamps: str) -> Reading:
    """The reading of a log without years, with a fact at each stamp of the placeholder year."""
    facts = tuple(fact("booted", at(each)) for each in stamps)
    times = [at(each) for each in stamps]
    return Reading(
        "y.log", "rfc3164", "", facts=facts, first_at=times[0], last_at=times[-1], captures=True, yearless=True
    )


def dated(stamp: str) -> Reading:
    """The reading of another file of the case."""
    return Reading("d.log", "article", "", first_at=at(stamp), last_at=at(stamp), captures=True)


def shown(reading: Reading) -> list[str]:
    """The times of a reading's facts."""
    return [instants.render(each.at) for each in reading.facts if each.at is not None]


def test_a_log_without_years_takes_the_year_of_the_case() -> None:
    """CASE.md: its events would stand in the placeholder year, decades before the others."""
    _, reading = with_years([dated("2026-05-17T04:00:00Z"), yearless("2000-05-17T03:47:12Z")], UTC, None, 0)
    assert shown(reading) == ["2026-05-17T03:47:12Z"]
    assert reading.first_at == reading.last_at == at("2026-05-17T03:47:12Z")


def test_a_packed_log_without_years_is_never_at_hand_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """300,000 lines of a shared log took 200 MB while they were moved."""
    ahead: list[int] = []
    nearest = years._Years.nearest

    def counted(self: years._Years, time: int | None) -> int | None:
        ahead.append(len(packs))
        return nearest(self, time)

    packs: list[object] = []
    pack = packed.packed

    def listed(value: object) -> bytes:
        packs.append(value)
        return pack(value)

    monkeypatch.setattr(packed, "packed", listed)
    monkeypatch.setattr(years._Years, "nearest", counted)
    log = yearless(*["2000-05-17T03:47:12Z"] * 3_000)
    log = msgspec.structs.replace(log, facts=packed_facts(log.facts))
    packs.clear()
    _, reading = with_years([dated("2026-05-17T04:00:00Z"), log], UTC, None, 0)
    assert set(shown(reading)) == {"2026-05-17T03:47:12Z"}
    assert len(reading.facts) == 3_000
    assert {0, 1, 2} <= set(ahead), "the first facts are packed before the last are looked at"


def test_a_log_over_new_year_takes_both_years() -> None:
    """Half of a night's staging would stand a year off."""
    log = yearless("2000-12-31T23:59:58Z", "2000-01-01T00:00:03Z")
    for other in ("2025-12-31T20:00:00Z", "2026-01-01T02:00:00Z"):
        _, reading = with_years([dated(other), log], UTC, None, 0)
        assert shown(reading) == ["2025-12-31T23:59:58Z", "2026-01-01T00:00:03Z"]
        assert (reading.first_at, reading.last_at) == (at("2025-12-31T23:59:58Z"), at("2026-01-01T00:00:03Z"))


def test_summer_time_is_that_of_the_real_year() -> None:
    """The rules of the placeholder year would decide: a wall time in March would be an hour off."""
    wall = at("2000-03-20T09:00:00-06:00")  # 09:00 in Chicago, which kept standard time until April in 2000.
    log = Reading("y.log", "rfc3164", "", facts=(fact("booted", wall),), first_at=wall, last_at=wall, yearless=True)
    _, reading = with_years([dated("2026-03-20T12:00:00Z"), log], CHICAGO, None, 0)
    assert shown(reading) == ["2026-03-20T14:00:00Z"]


@given(
    seconds=st.lists(st.integers(0, 366 * 86_400 - 1), min_size=1, max_size=30),
    zone=st.sampled_from(["America/Chicago", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "UTC"]),
    anchor=st.integers(at("1990-01-01T00:00:00Z"), at("2040-01-01T00:00:00Z")),
)
def test_each_time_moves_to_the_nearest_year_by_itself(seconds: list[int], zone: str, anchor: int) -> None:
    """What is known of a minute from a line before would put another line an hour, a day or a year off."""
    info = ZoneInfo(zone)
    begin = instants.from_datetime(datetime(2000, 1, 1), info)  # noqa: DTZ001  # Wall time in that zone.
    times = [begin + second * instants.SECOND for second in seconds]
    other = Reading("d.log", "article", "", first_at=anchor, last_at=anchor, captures=True)
    facts = tuple(fact("booted", each) for each in times)
    log = Reading("y.log", "rfc3164", "", facts=facts, first_at=times[0], last_at=times[-1], yearless=True)
    found = with_years([other, log], info, None, anchor + 366 * 86_400 * instants.SECOND)[1].facts

    def nearest(time: int) -> int | None:
        wall = (instants.EPOCH + timedelta(microseconds=time)).astimezone(info).replace(tzinfo=None)
        around = (instants.EPOCH + timedelta(microseconds=anchor)).astimezone(info).year
        moved = []
        for year in (around - 1, around, around + 1):
            with suppress(ValueError):  # 29 February.
                moved.append(instants.from_datetime(wall.replace(year=year), info))
        return min(moved, key=lambda each: abs(each - anchor), default=None)

    assert [each.at for each in found] == [at_ for each in times if (at_ := nearest(each)) is not None]


def test_without_other_stamps_as_of_decides_and_then_the_newest_file() -> None:
    """A case of yearless logs alone would have no year at all."""
    log = yearless("2000-05-17T03:47:12Z")
    assert shown(with_years([log], UTC, at("2024-06-01T00:00:00Z"), at("2026-06-01T00:00:00Z"))[0])[0][:4] == "2024"
    assert shown(with_years([log], UTC, None, at("2026-06-01T00:00:00Z"))[0])[0][:4] == "2026"


def test_a_log_alone_is_not_from_after_the_day_when_it_was_saved() -> None:
    """A log of last February would be taken for next February's."""
    saved = at("2026-11-26T00:00:00Z")
    (reading,) = with_years([yearless("2000-02-02T03:00:00Z")], UTC, None, saved)
    assert shown(reading) == ["2026-02-02T03:00:00Z"]
    (reading,) = with_years([yearless("2000-11-27T03:00:00Z")], UTC, None, saved)
    assert shown(reading) == ["2026-11-27T03:00:00Z"]


def test_a_log_of_the_spring_is_not_from_next_spring() -> None:
    """A healthy rollout of the autumn would be judged as of next year, and all that is in progress be vanished."""
    saved = at("2026-11-20T09:10:00Z")
    _, reading = with_years([dated("2026-11-20T09:00:00Z"), yearless("2000-03-11T19:26:40Z")], UTC, None, saved)
    assert shown(reading) == ["2026-03-11T19:26:40Z"]


def test_a_leap_day_of_a_year_without_one_is_named() -> None:
    """It would become another day, or end the triage."""
    _, reading = with_years(
        [dated("2026-03-01T00:00:00Z"), yearless("2000-02-28T23:00:00Z", "2000-02-29T03:47:12Z")], UTC, None, 0
    )
    assert shown(reading) == ["2026-02-28T23:00:00Z"]
    assert any("29 February" in each.reason for each in reading.skipped)


def test_a_leap_day_of_a_leap_year_is_kept() -> None:
    """The day would be lost in the years that have it."""
    _, reading = with_years([dated("2028-03-01T00:00:00Z"), yearless("2000-02-29T03:47:12Z")], UTC, None, 0)
    assert shown(reading) == ["2028-02-29T03:47:12Z"]


def test_a_line_that_has_its_own_year_keeps_it() -> None:
    """A shared file that mixes formats would have its dated lines moved."""
    log = yearless("2000-05-17T03:47:12Z", "2025-05-17T03:47:12Z")
    _, reading = with_years([dated("2026-05-17T04:00:00Z"), log], UTC, None, 0)
    assert shown(reading) == ["2026-05-17T03:47:12Z", "2025-05-17T03:47:12Z"]
