"""Tests of abm_trace.formats.logs.mobileactivationd."""

from zoneinfo import ZoneInfo

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import mobileactivationd


def test_real_lines_are_records_in_the_case_s_zone() -> None:
    """The year behind the time would be lost, or the daemon's own messages be out of scope."""
    chicago = ZoneInfo("America/Chicago")
    assert [read(mobileactivationd, line, chicago) for line in SAMPLES["mobileactivationd"]] == [
        Record(at("2023-05-24T18:08:13Z"), "main: build_version: 19H349", "mobileactivationd", level="debug"),
        Record(at("2022-12-02T17:32:19Z"), "Performing UCRT OOB.", "mobileactivationd", level="err"),
        Record(at("2023-05-24T18:05:30Z"), "_containermanagerd_init_block_invoke: cleanup complete", level="notice"),
    ]


def test_older_lines_lack_level_and_thread() -> None:
    """Logs of older systems would not be read."""
    record = read(mobileactivationd, "Fri Jan 9 11:45:41 2026 [198] MA: main: x")
    assert record == Record(at("2026-01-09T11:45:41Z"), "main: x", "mobileactivationd")


@pytest.mark.parametrize(
    "line",
    [
        "Wed Mai 24 13:08:13 2023 [135] <debug> (0x16f1db000) MA: x",
        "Thu Feb 29 13:08:13 2023 [135] <debug> (0x16f1db000) MA: x",
        "Wed May 24 13:08:61 2023 [135] <debug> (0x16f1db000) MA: x",
        "Wed May 24 13:08:13 0000 [135] <debug> (0x16f1db000) MA: x",
        "<key>AccountToken</key>",
        "Wed May 24 13:08:13 2023 x",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """A line without a possible time would get one."""
    assert read(mobileactivationd, line) is None
