"""Tests of abm_trace.formats.logs.pymobiledevice3."""

from zoneinfo import ZoneInfo

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import pymobiledevice3


def test_lines_with_and_without_label_and_fraction() -> None:
    """The label would stay in the message, or a stamp that falls on a full second would not be read."""
    assert [read(pymobiledevice3, line) for line in SAMPLES["pymobiledevice3"]] == [
        Record(at("2026-06-23T16:41:07.512345Z"), "message", "profiled", level="ERROR"),
        Record(
            at("2026-06-23T16:41:07.512345Z"), "Preparing for enrollment…", "teslad",
            "com.apple.ManagedConfiguration", "DEP", "NOTICE",
        ),
        Record(at("2026-06-23T16:41:07Z"), "[not a label] at all", "Setup Assistant", level="USER_ACTION"),
    ]  # fmt: skip


def test_the_stamp_is_the_wall_time_of_the_case() -> None:
    """The tool prints the computer's own time without a zone; it would be read as UTC."""
    record = read(pymobiledevice3, SAMPLES["pymobiledevice3"][0], ZoneInfo("America/Chicago"))
    assert record is not None
    assert record.at == at("2026-06-23T21:41:07.512345Z")


@pytest.mark.parametrize(
    "line",
    [
        "2026-06-23 16:41:07.512345 profiled[214] <ERROR>: no image",
        "2026-06-23 16:41:07.512345 profiled{x}[214] <Error>: another tool's level",
        "2026-06-31 16:41:07.512345 profiled{x}[214] <ERROR>: no such day",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """A line of another tool would be read as this one's."""
    assert read(pymobiledevice3, line) is None
