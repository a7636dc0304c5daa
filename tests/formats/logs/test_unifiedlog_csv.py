"""Tests of abm_trace.formats.logs.unifiedlog_csv."""

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import unifiedlog_csv


def test_rows_of_both_versions_and_a_first_line_of_several() -> None:
    """Category and process would be taken for each other, or quotes stay doubled."""
    when = at("2026-05-17T08:47:12.883Z")
    assert [read(unifiedlog_csv, line) for line in SAMPLES["unifiedlog-csv"]] == [
        Record(when, "Preparing for enrollment…", "teslad", "com.apple.CloudConfigurationDaemon", "daemon", "Error"),
        Record(when, 'said "no", twice', "mdmclient", "com.apple.ManagedClient", "MDM", "Default"),
        Record(when, "the first line of several", "mdmclient", level="Default"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Timestamp,Event Type,Log Type,Subsystem,Thread ID,PID",
        "2026-05-17T08:47:12.883Z,Log,Error,com.apple.x,5,231",
        "2026-05-32T08:47:12.883Z,Log,Error,,5,231,0,/x,U,0,0,,/usr/libexec/teslad,U,x,y,B,Z",
        "2026-05-17T08:47:12.883Z,device_registered,x,y",
        "2026-05-17T08:47:12.883,Log,Error,,5,231,0,/x,U,0,0,,/usr/libexec/teslad,U,x,y,B,Z",
    ],
)
def test_other_rows_are_none(line: str) -> None:
    """The header would be a record, or a row of another table."""
    assert read(unifiedlog_csv, line) is None
