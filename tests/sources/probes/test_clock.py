"""A measured clock as the row that a case holds."""

from datetime import UTC

import pytest

from abm_trace.core import instants
from abm_trace.core.nouns import Fact
from abm_trace.formats._interface import Content
from abm_trace.formats.exports import clock_csv
from abm_trace.sources.probes import clock

AT = instants.parse("2026-05-17T08:00:10Z")


@pytest.mark.parametrize("offset_s", [10.0, -10.0, 0.0, 1e-6, -123456.789])
def test_the_row_says_what_was_measured(offset_s: float) -> None:
    """If this failed, a clock that is ahead would be recorded as behind, or dated by itself."""
    data = clock.HEADER + clock.row(offset_s, AT, "staging-3, left")
    (fact,) = (each for each in clock_csv.read(Content("x", data, UTC)) if isinstance(each, Fact))
    assert (float(fact.value), fact.attrs["staging_host"]) == (offset_s, "staging-3, left")
    assert fact.at == AT - round(offset_s * 1e6)


def test_a_clock_beyond_the_calendar() -> None:
    """If this failed, a dead battery would end in a traceback."""
    assert b"0001-01-01" in clock.row(1e12, AT, "x")
