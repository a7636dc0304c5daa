"""Tests of abm_trace.formats.logs.log_json."""

import pytest
from tests.formats.logs.lines import REQUEST, SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import log_json


def test_a_real_line_is_a_record() -> None:
    """Ndjson of `log show` would lose process, subsystem, category or level."""
    assert [read(log_json, line) for line in SAMPLES["log-json"]] == [
        Record(
            at("2025-07-27T19:47:10.504275Z"), "Capturing image", "screencapture", "com.apple.screencapture", "default",
            "Default",
        ),
        Record(at("2026-05-17T08:47:12.883Z"), REQUEST, "teslad"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        '{"count":1201,"finished":1}',
        '{"eventType":"lossEvent","timestamp":"2025-07-27 15:47:10.504275-0400","machTimestamp":1}',
        '{"eventMessage":"no time"}',
        '{"timestamp":"2025-07-27 15:47:10.504275-0400","eventMessage":"cut',
        '{"timestamp":"2025-07-27 15:47:10.504275-0400","eventMessage":7}',
        '{"timestamp":"0000-07-27 15:47:10.504275-0400","eventMessage":"x"}',
        '{"timestamp":"2025-07-27 15:47:10.504275+9900","eventMessage":"x"}',
        '{"timestamp":"2025-07-27 15:47:10.504275-0400 or so","eventMessage":"x"}',
        "[" * 100_000,
        '{"timestamp":' * 50_000,
    ],
    ids=lambda line: line[:40],
)
def test_the_trailer_and_damaged_lines_are_none(line: str) -> None:
    """The end of an export would be a record, or a damaged or deeply nested line would end the triage."""
    assert read(log_json, line) is None
