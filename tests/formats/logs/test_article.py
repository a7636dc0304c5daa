"""Tests of abm_trace.formats.logs.article."""

import pytest
from tests.formats.logs.lines import REJECTED, REQUEST, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import article

SUBSYSTEM = "com.apple.DeviceManagement.Enrollment"


def test_both_forms_of_the_guide_are_records() -> None:
    """The two lines that CASE.md prints would not be read."""
    line = f"2026-05-17 03:47:12.883 DEBUG {SUBSYSTEM} [ABM] {REQUEST}"
    assert read(article, line) == Record(at("2026-05-17T03:47:12.883Z"), REQUEST, "", SUBSYSTEM, "", "DEBUG")
    line = f"2026-05-17T03:47:12.883Z ERROR {SUBSYSTEM} {REJECTED}"
    assert read(article, line) == Record(at("2026-05-17T03:47:12.883Z"), REJECTED, "", SUBSYSTEM, "", "ERROR")


@pytest.mark.parametrize("level", ["Error", "default", "Debug"])
def test_a_level_may_be_written_as_the_unified_log_does(level: str) -> None:
    """A log would be refused as a whole, and its device taken for one that never booted."""
    record = read(article, f"2026-05-17 03:47:12.883 {level} {SUBSYSTEM} [ABM] {REQUEST}")
    assert record == Record(at("2026-05-17T03:47:12.883Z"), REQUEST, "", SUBSYSTEM, "", level)


def test_a_category_and_a_colon_belong_to_the_subsystem() -> None:
    """The message would begin with them and carry no fact."""
    record = read(article, "2026-05-17 03:47:12,883 INFO com.apple.MCX:cloud: ABM response: 204")
    assert record == Record(at("2026-05-17T03:47:12.883Z"), "ABM response: 204", "", "com.apple.MCX", "cloud", "INFO")


def test_a_line_may_name_its_device() -> None:
    """A shared file could not be told apart by its lines."""
    line = f'2026-05-17 03:47:12.883 DEBUG {SUBSYSTEM} ABMDeviceRegistered serial=F9FXQ1ABCD udid="0000-8030"'
    record = read(article, line)
    assert record is not None
    assert record.attrs == {"serial": "F9FXQ1ABCD", "udid": "0000-8030"}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "2026-05-17 03:47:12.883 LOUD com.apple.MCX text",
        "2026-05-17 03:47:12.883 DEBUG",
        "note: 2026-05-17 03:47:12.883 DEBUG com.apple.MCX text",
        "2026-05-17 25:47:12.883 DEBUG com.apple.MCX text",
        "2026-02-30 03:47:12.883 DEBUG com.apple.MCX text",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """A line without a level, a subsystem or a possible time would become a fact."""
    assert read(article, line) is None
