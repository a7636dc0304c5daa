"""Columns, cells and times."""

from datetime import UTC
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.exports.building import AS_OF

from abm_trace.core.instants import render
from abm_trace.exports import MARKS, Screen, plain
from abm_trace.exports._interface import cells, clip, moment, share
from abm_trace.exports._interface._wire import stamp

CELL = st.text(st.characters(codec="utf-8"), max_size=60)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6), st.integers(60, 160))
def test_columns_fit_the_screen(rows: list[tuple[str, str, str]], width: int) -> None:
    """If this failed, a long site name would break the table of a small terminal."""
    lines = Screen(width=width).columns(rows)
    assert len(lines) == len(rows)
    assert max(map(cells, lines)) <= width


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6), st.integers(20, 160))
def test_nothing_is_cut_in_a_pipe_or_a_file(rows: list[tuple[str, str, str]], width: int) -> None:
    """If this failed, a script would read half a name, and nobody could get it back from the file."""
    lines = Screen(width=width, whole=True).columns(rows)
    for row, line in zip(rows, lines, strict=True):
        assert all(plain(cell).rstrip() in line for cell in row)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6), st.integers(20, 160))
def test_what_stays_whole_on_a_terminal(rows: list[tuple[str, str, str]], width: int) -> None:
    """If this failed, a serial or a fingerprint on a screen could not be copied."""
    lines = Screen(width=width).columns(rows, whole=(1,))
    assert all(plain(row[1]).rstrip() in line for row, line in zip(rows, lines, strict=True))


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


def test_a_label_stands_before_its_sentence() -> None:
    """If this failed, the lines of a sentence would not stand under each other."""
    screen = Screen(width=24, colour=True)
    assert screen.labelled("Why", "one two three four five", style="bad") == [
        "\x1b[1mWhy       \x1b[0m\x1b[1;31mone two three\x1b[0m",
        "          \x1b[1;31mfour five\x1b[0m",
    ]
    assert Screen().labelled("Why", "") == ["Why       "]


def test_a_bar_is_as_long_as_its_share_and_never_nothing() -> None:
    """If this failed, three devices of 12,400 would be drawn as none, or none as some."""
    assert [Screen().bar(part, 12400, 10) for part in (0, 3, 6200, 12400)] == ["", "█", "█" * 5, "█" * 10]
    assert Screen().bar(0, 0, 10) == ""


def test_blocks_beside_each_other() -> None:
    """If this failed, colours would push the right column out of its place."""
    screen = Screen(width=6, colour=True)
    assert screen.beside([screen.paint("ab", "bad"), "c"], ["x", "", "z"]) == [
        "\x1b[1;31mab\x1b[0m        x", "c", "          z",
    ]  # fmt: skip


def test_a_mark_is_one_letter_also_where_there_is_ascii_alone() -> None:
    """If this failed, the table of verdicts would be out of line, or two of them would have the same mark."""
    marks = [Screen(unicode=False).finish([mark]).decode().strip() for mark in MARKS.values()]
    assert set(map(len, marks)) == {1}
    assert len(set(marks)) == len(MARKS)


def test_a_number_stays_with_its_sign() -> None:
    """If this failed, a line would begin with a lone percent sign."""
    assert Screen(width=20).sentence("the interval 1 of 97 % up") == ["the interval 1 of", "  97 % up"]


def test_a_number_stays_with_what_it_counts() -> None:
    """If this failed, a line would end with "85" and the next begin with "unknown"."""
    assert Screen(width=20).sentence("so it is with 85 unknown") == ["so it is with", "  85 unknown"]
    assert Screen(width=20).sentence("it is said of 57 %, 3 of") == ["it is said of 57 %,", "  3 of"]
