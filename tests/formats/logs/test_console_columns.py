"""Tests of abm_trace.formats.logs.console_columns."""

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import console_columns


def test_pasted_lines_are_records() -> None:
    """What admins paste into tickets would lose its subsystem or its type, or begin with them."""
    assert [read(console_columns, line) for line in SAMPLES["console-columns"]] == [
        Record(
            at("2020-08-06T16:58:35.445081Z"), "Retrying the request", "teslad", "com.apple.CloudConfigurationDaemon",
            level="Default",
        ),
        Record(at("2020-08-06T17:03:07.621823Z"), "Performing UCRT OOB.", "mobileactivationd"),
        Record(
            at("2020-08-06T17:00:00Z"),
            "scoring 0:com.apple.mobileactivationd.UCRT.OOB:D65047:[ ] FinalDecision: Absolutely Must Not Proceed}",
            "dasd", "com.apple.duetactivityscheduler",
        ),
        Record(
            at("2026-05-17T08:47:12.883Z"), "Preparing for enrollment…", "Setup Assistant", "com.apple.ManagedClient",
            level="Error",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "2020-08-06 09:58:35.445081 teslad com.apple.CloudConfigurationDaemon Default no zone",
        "2026-05-17T03:47:12.883Z ERROR com.apple.DeviceManagement.Enrollment the guide's own form",
        "2022-08-25 15:22:01.008417+0100 localhost com.apple.xpc.launchd[1]: text",
        "2020-13-06 09:58:35.445081 -0700 teslad com.apple.CloudConfigurationDaemon Default x",
        "2023-03-21T08:59:45.429Z\tERRO\t\tcom.example.app\t0\t\t\t IntuneMAM: Enrollment failed with status code 201",
        "teslad com.apple.CloudConfigurationDaemon Default Error while retrieving client certificates",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """A line of another format would get another process, or one without a time a time."""
    assert read(console_columns, line) is None
