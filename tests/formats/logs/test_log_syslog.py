"""Tests of abm_trace.formats.logs.log_syslog."""

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import log_syslog


def test_lines_of_the_style_and_of_syslog_files_are_records() -> None:
    """The host, which says whose line it is, or the spid prefix would end up in the message."""
    assert [read(log_syslog, line) for line in SAMPLES["log-syslog"]] == [
        Record(
            at("2022-08-25T14:22:01.008417Z"), "HIDInterruptData: Before Dispatch", "bluetoothd", "com.apple.bluetooth",
            "HIDProfileDispatch", host="localhost",
        ),
        Record(at("2026-05-17T03:47:12.883Z"), "Preparing for enrollment…", "teslad", host="F9FXQ1ABCD"),
        Record(
            at("2026-05-17T03:47:12.883Z"), "Preparing for enrollment…", "Setup Assistant", level="info",
            host="F9FXQ1ABCD",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "instant", "process"),
    [
        ("2023-05-04 10:20:30-07 MacBook-Pro softwareupdated[519]: text", "2023-05-04T17:20:30Z", "softwareupdated"),
        ("2023-05-04 10:20:30+02 localhost Installer Progress[57]: text", "2023-05-04T08:20:30Z", "Installer Progress"),
        (
            "2023-05-04 10:20:30-07 mac com.apple.xpc.launchd[1] (com.apple.mdmclient.daemon[91]): text",
            "2023-05-04T17:20:30Z", "com.apple.xpc.launchd",
        ),
    ],
)  # fmt: skip
def test_lines_of_install_log_are_records(line: str, instant: str, process: str) -> None:
    """The install.log of macOS, whose zones are hours alone, would be no log, or hours wrong."""
    record = read(log_syslog, line)
    assert record is not None
    assert (record.at, record.process, record.message) == (at(instant), process, "text")


@pytest.mark.parametrize(
    "line",
    [
        "2023-05-04 10:20:30-19 localhost softwareupdated[519]: text",
        "Timestamp                       (process)[PID]    ",
        "2022-08-25 15:22:01.008417+0100 localhost",
        "2022-08-25 15:22:01.008417+0100 localhost teslad text without a colon",
        "2022-08-25 15:22:61.008417+0100 localhost teslad[1]: text",
        "2023-12-18T10:56:35-05:00 ERR profiles: the level that zerolog writes is no host",
        "2022-08-25 15:22:01.008417+1860 localhost teslad[1]: text",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """The header or an impossible time would become a record."""
    assert read(log_syslog, line) is None
