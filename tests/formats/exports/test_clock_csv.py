"""Clock samples as CSV."""

import pytest
from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import clock_csv

HEADER = "serial,staging_host,measured_at,offset_seconds\n"


def test_a_hit() -> None:
    """If this fails, a measured offset is lost, or changes its sign or its digits."""
    data = (HEADER + "F9F,,2026-05-17T08:47:12Z,6.0100\n,mac-1,,-1e3\n").encode()
    assert clock_csv.score(head(data)) > 0.8
    assert said(read(clock_csv, data)[0]) == [
        ("clock_offset", "2026-05-17T08:47:12Z", "6.0100", {"serial": "F9F"}),
        ("clock_offset", None, "-1000", {"staging_host": "mac-1"}),
    ]


@pytest.mark.parametrize("offset", ["NaN", "inf", "-Infinity", "1e400", "", "fast", "1e10", "9" * 5000])
def test_what_is_no_number_of_seconds_is_named(offset: str) -> None:
    """If this fails, a sample that no clock can have decides a verdict."""
    facts, skipped = read(clock_csv, f"{HEADER}F9F,,2026-05-17T08:47:12Z,{offset}\n".encode())
    assert not facts
    assert skipped[0].line == 2


def test_a_row_of_nobody_is_named() -> None:
    """If this fails, a sample without a device is given to nobody in silence."""
    facts, skipped = read(clock_csv, (HEADER + ",,2026-05-17T08:47:12Z,1\n").encode())
    assert (facts, [thing.line for thing in skipped]) == ([], [2])


@pytest.mark.parametrize("data", [HEADER + "F9F,,,6\n", "serial,offset_seconds\nF9F,6\n"])
def test_an_offset_without_a_time_is_named(data: str) -> None:
    """If this fails, an offset that was measured nobody knows when is used in silence."""
    facts, skipped = read(clock_csv, data.encode())
    assert [(fact.at, fact.value) for fact in facts] == [(None, "6")]
    assert [thing.line for thing in skipped] == [2]


def test_a_miss() -> None:
    """If this fails, a manifest is taken for clock samples."""
    assert clock_csv.score(head(b"serial,staging_host\nA,b\n")) == 0
