"""Tests of abm_trace.formats.logs.log_default."""

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import log_default


def test_real_lines_are_records() -> None:
    """Lines as `log show` prints them would lose process, subsystem, category or microseconds."""
    assert [read(log_default, line) for line in SAMPLES["log-default"]] == [
        Record(
            at("2025-07-27T19:43:14.280885Z"), "setAgentInactive method called", "SSMenuAgent", level="Default"
        ),
        Record(
            at("2025-07-27T19:47:10.504275Z"), "Capturing image", "screencapture", "com.apple.screencapture", "default",
            "Default",
        ),
        Record(
            at("2022-08-25T14:22:01.008417Z"), "HIDInterruptData: Before Dispatch", "bluetoothd", "com.apple.bluetooth",
            "HIDProfileDispatch", "Signpost",
        ),
        Record(
            at("2025-07-27T19:47:10.504275Z"), "Preparing for enrollment…", "teslad",
            "com.apple.CloudConfigurationDaemon", "daemon", "Error",
        ),
        Record(at("2025-07-27T19:47:10.504275Z"), "Preparing for enrollment…", "Setup Assistant", level="Error"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        'Filtering the log data using "process == "teslad""',
        "Timestamp                       Thread     Type        Activity             PID    TTL  ",
        "2025-07-27 15:47:10.504275-0400 0x96aa6 Default 0x0 teslad: text",
        "2025-07-27 15:47:10.504275+9900 0x96aa6 Default 0x0 30612 0 teslad: text",
        "2025-07-27 15:61:10.504275-0400 0x96aa6 Default 0x0 30612 0 teslad: text",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """Headers, cut lines or impossible stamps would become records."""
    assert read(log_default, line) is None
