"""Columns, cells and times."""

from datetime import UTC
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.exports.building import AS_OF

from abm_trace.core.instants import render
from abm_trace.exports import Screen
from abm_trace.exports._interface import cells, clip, moment, share
from abm_trace.exports._interface._wire import stamp

CELL = st.text(st.characters(codec="utf-8"), max_size=60)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6), st.integers(60, 160))
def test_columns_fit_the_screen(rows: list[tuple[str, str, str]], width: int) -> None:
    """If this failed, a long site name would break the table of a small terminal."""
    lines = Screen(width=width).columns(rows)
    assert len(lines) == len(rows)
    assert max(map(cells, lines)) <= width


@given(CELL, st.integers(1, 40))
def test_clip_is_no_wider(text: str, width: int) -> None:
    """If this failed, wide letters would push the next column away."""
    assert cells(clip(text, width)) <= width


def test_both_times_are_shown() -> None:
    """If this failed, the night shift would have to add five hours in its head."""
    assert moment(AS_OF, ZoneInfo("America/Chicago")) == "2026-05-17 08:47:12 UTC (03:47:12 CDT)"
    assert (
        moment(AS_OF - 6 * 3_600_000_000, ZoneInfo("America/Chicago"))
        == "2026-05-17 02:47:12 UTC (2026-05-16 21:47:12 CDT)"
    )
    assert moment(AS_OF, UTC) == "2026-05-17 08:47:12 UTC"


def test_ends_of_the_calendar() -> None:
    """If this failed, a stamp of the year 9999 would end the report."""
    assert moment(253402300799_000000, ZoneInfo("Pacific/Auckland")).startswith("9999-12-31 23:59:59 UTC")


def test_a_share_is_never_rounded_to_none_or_all() -> None:
    """If this failed, 3 of 12,400 would be shown as 0.0 %."""
    assert [share(1, 12400), share(12399, 12400), share(0, 5), share(5, 5), share(0, 0)] == [
        "< 0.1 %", "> 99.9 %", "0.0 %", "100.0 %", "–",
    ]  # fmt: skip


@given(st.integers(-62135596800_000000, 253402300799_999999))
def test_the_quick_stamp_is_the_common_one(at: int) -> None:
    """If this failed, machine formats would write other times than everything else."""
    assert stamp(at) == render(at)
