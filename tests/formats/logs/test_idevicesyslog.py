"""Tests of abm_trace.formats.logs.idevicesyslog."""

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import idevicesyslog


def test_real_lines_with_and_without_a_device_name() -> None:
    """Older and newer versions of the tool print differently; one of them would not be read."""
    records = [read(idevicesyslog, line) for line in SAMPLES["idevicesyslog"]]
    assert records == [
        Record(
            at("2000-06-07T13:42:14Z"), "MS:Notice: Injecting: (null) [chmod] (1556.00)", "chmod",
            level="Notice", host="iPhone",
        ),
        Record(
            at("2000-09-21T21:32:38Z"),
            "Dashboard loading (0x12345678): x",
            "Passbook",
            level="Notice",
            host="TestPhone",
        ),
        Record(at("2000-10-01T10:00:00Z"), "[...]", "SpringBoard", level="Notice"),
        Record(
            at("2000-03-11T19:26:45Z"), "launchd Allow TCP LISTEN (in:0 out:2)", "sockerfilterfw",
            level="Info", host="osx-machine",
        ),
        Record(
            at("2000-05-17T03:47:12Z"), "Preparing for enrollment…", "Setup Assistant", level="Error", host="F9FXQ1ABCD"
        ),
        Record(
            at("2000-05-17T03:47:12Z"), "Preparing for enrollment…", "teslad", level="Notice", host="Sam’s old iPad (2)"
        ),
    ]  # fmt: skip


def test_a_process_of_two_words_needs_no_host() -> None:
    """`Setup` would be taken for the device's name, and the line for another device's."""
    record = read(idevicesyslog, "May 17 03:47:12 Setup Assistant[77] <Error>: x")
    assert record is not None
    assert (record.host, record.process) == ("", "Setup Assistant")


@pytest.mark.parametrize("name", ["iPad", "Sam's iPad", "Sam’s iPad", "iPad (2)", "Cart 4 iPad 12"])
@pytest.mark.parametrize("stamp", ["May 17 03:47:12", "May 17 03:47:12.123456", "May  7 03:47:12"])
@pytest.mark.parametrize("process", ["teslad", "Setup Assistant"])
@pytest.mark.parametrize("image", ["", "(CloudConfiguration)", "(libswift Core.dylib)"])
def test_a_name_of_several_words_is_the_device_s(name: str, stamp: str, process: str, image: str) -> None:
    """A part of the device's name would be taken for the process, and the line be out of scope."""
    record = read(idevicesyslog, f"{stamp} {name} {process}{image}[77] <Error>: a [b] <Notice>: c")
    assert record is not None
    assert (record.host, record.process, record.message) == (name, process, "a [b] <Notice>: c")


@pytest.mark.parametrize(
    "line",
    [
        "[connected]",
        "iPhone mobileassetd[83] <Notice>: Client connection invalid (Connection invalid); terminating connection",
        "May 17 03:47:12 F9FXQ1ABCD teslad[231]: text",
        "Mai 17 03:47:12 iPhone teslad[231] <Notice>: text",
        "Feb 30 03:47:12 iPhone teslad[231] <Notice>: text",
        "May 17 03:47:61 iPhone teslad[231] <Notice>: text",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """A line without a possible time would get one."""
    assert read(idevicesyslog, line) is None
