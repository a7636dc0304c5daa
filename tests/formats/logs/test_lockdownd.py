"""Tests of abm_trace.formats.logs.lockdownd."""

from zoneinfo import ZoneInfo

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import lockdownd


def test_real_lines_are_records_in_the_case_s_zone() -> None:
    """Month and day would be exchanged, or the wall time be read as UTC."""
    chicago = ZoneInfo("America/Chicago")
    assert [read(lockdownd, line, chicago) for line in SAMPLES["lockdownd"]] == [
        Record(at("2021-10-13T12:57:42.865446Z"), "set_response_error: handle_get_value MissingValue", "lockdownd"),
        Record(
            at("2026-05-17T08:47:12.883Z"), "handle_get_value: AMPDevicesAgent attempting to get [SerialNumber]",
            "lockdownd",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "13/10/21 07:57:42.865446 pid=69 x",
        "10/13/21 07:57:42 pid=69 x",
        "10/13/21 07:57:42.865446 mglog: x",
        "02/29/21 07:57:42.865446 pid=69 x",
        "10/13/21 07:57:61.865446 pid=69 x",
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """A line without a possible time would get one."""
    assert read(lockdownd, line) is None
