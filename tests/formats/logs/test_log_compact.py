"""Tests of abm_trace.formats.logs.log_compact."""

from zoneinfo import ZoneInfo

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import log_compact


def test_a_real_line_is_wall_time_of_the_host() -> None:
    """The style prints no zone: each time would be hours off, or the category lost."""
    berlin = ZoneInfo("Europe/Berlin")
    message = "[501:MDMAgent:<0x3694b>] Installed configuration profile: Test05 for jbrower (Source: Manual)"
    assert read(log_compact, SAMPLES["log-compact"][0], berlin) == Record(
        at("2023-08-28T08:19:48.845Z"), message, "mdmclient", "com.apple.ManagedClient", "MDMAgent", "Df"
    )


def test_sender_and_blanks_are_no_part_of_the_message() -> None:
    """A message would begin with its sender and carry no fact."""
    time = at("2023-08-28T10:19:48.845Z")
    assert [read(log_compact, line) for line in SAMPLES["log-compact"][1:]] == [
        Record(time, "Preparing for enrollment…", "teslad", level="E"),
        Record(time, "Preparing for enrollment…", "Setup Assistant", level="I"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Timestamp               Ty Process[PID:TID]",
        "2023-08-28 10:19:48.845 Df mdmclient[3270] text",
        "2023-08-28 24:60:48.845 Df mdmclient[3270:3694b] text",
        "0000-08-28 10:19:48.845 Df mdmclient[3270:3694b] text",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """The header or an impossible time would become a record."""
    assert read(log_compact, line) is None
