"""Tests of abm_trace.formats.logs.rfc3164."""

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import rfc3164


def test_lines_with_and_without_a_priority_are_records() -> None:
    """A syslog file, which holds no priorities, or a raw capture, which does, would not be read."""
    assert [read(rfc3164, line) for line in SAMPLES["rfc3164"]] == [
        Record(at("2000-05-17T03:47:12Z"), "Preparing for enrollment…", "teslad", level="info", host="F9FXQ1ABCD"),
        Record(
            at("2000-03-11T19:26:39Z"),
            "AppleThunderboltNHIType2::prePCIWake - power up complete - took 1 us",
            "kernel",
            host="osx-machine",
        ),
        Record(at("2000-05-07T03:47:12Z"), "Preparing for enrollment…", "Setup Assistant", host="stage-host-01"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "process"),
    [
        (
            "Jan  1 00:00:10 MacBook-Pro com.apple.xpc.launchd[1] (com.apple.mdmclient.daemon[91]): Service exited",
            "com.apple.xpc.launchd",
        ),
        ("Jan  1 00:00:10 localhost Installer Progress[57]: Service exited", "Installer Progress"),
    ],
)
def test_lines_of_macos_are_records(line: str, process: str) -> None:
    """What launchd says of an agent of the MDM in system.log, or the early lines of install.log, would be lost."""
    assert read(rfc3164, line) == Record(at("2000-01-01T00:00:10Z"), "Service exited", process, host=line.split()[3])


@pytest.mark.parametrize(
    "line",
    [
        "May 17 03:47:12 F9FXQ1ABCD",
        "May 17 03:47:12 F9FXQ1ABCD teslad[231] text",
        "Maj 17 03:47:12 F9FXQ1ABCD teslad[231]: text",
        "Apr 31 03:47:12 F9FXQ1ABCD teslad[231]: text",
        "May 17 24:01:12 F9FXQ1ABCD teslad[231]: text",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """A line without a process or a possible time would become a record."""
    assert read(rfc3164, line) is None
