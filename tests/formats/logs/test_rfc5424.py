"""Tests of abm_trace.formats.logs.rfc5424."""

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import rfc5424


def test_structured_data_names_the_device_and_is_no_message() -> None:
    """The device that the sender names would be lost, or no message would begin where it begins."""
    assert read(rfc5424, SAMPLES["rfc5424"][0]) == Record(
        at("2026-05-17T03:47:12.883Z"), "Preparing for enrollment…", "teslad", level="info", host="F9FXQ1ABCD",
        attrs={"serial": "F9FXQ1ABCD"},
    )  # fmt: skip


def test_octet_count_and_byte_order_mark_are_no_message() -> None:
    """RFC 6587 puts the one before a message and RFC 5424 the other at its start; no fact would be seen."""
    assert read(rfc5424, SAMPLES["rfc5424"][3]) == Record(
        at("2026-05-17T03:47:12Z"), "Preparing for enrollment…", "teslad", level="error", host="F9FXQ1ABCD"
    )


def test_nil_values_are_nothing() -> None:
    """`-` would be a process or a host."""
    assert read(rfc5424, "<11>1 2026-05-17T03:47:12Z - - - - - ABM response: 204") == Record(
        at("2026-05-17T03:47:12Z"), "ABM response: 204", level="error"
    )


def test_quoted_brackets_do_not_end_structured_data() -> None:
    """A value that holds `]` (escaped, RFC 5424 6.3.3) would cut the message."""
    record = read(rfc5424, r'<14>1 2026-05-17T03:47:12Z h teslad 1 - [a@1 b="x\]\"y"][c@1 udid="0000-8030-1"] text')
    assert record is not None
    assert (record.message, record.attrs) == ("text", {"udid": "0000-8030-1"})


@pytest.mark.parametrize(
    "line",
    [
        "with another line",
        "<14>2 2026-05-17T03:47:12Z h teslad 1 - - text",
        "<14>1 2026-05-17T03:47:12 h teslad 1 - - text",
        "<14>1 2026-05-17T03:47:12+99:00 h teslad 1 - - text",
        "<14>1 0000-05-17T03:47:12Z h teslad 1 - - text",
        '<14>1 2026-05-17T03:47:12Z h teslad 1 - [a@1 b="cut',
    ],
)
def test_other_lines_are_none(line: str) -> None:
    """A continuation, another version, a missing zone or an impossible stamp would become a record."""
    assert read(rfc5424, line) is None
