"""Tests of abm_trace.formats.logs.unifiedlog_json."""

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import unifiedlog_json


def test_lines_of_new_and_old_versions() -> None:
    """An archive that was read off a Mac would lose process or level; old versions print nanoseconds alone."""
    assert [read(unifiedlog_json, line) for line in SAMPLES["unifiedlog-json"]] == [
        Record(
            at("2026-05-17T08:47:12.883Z"), "Preparing for enrollment…", "teslad",
            "com.apple.CloudConfigurationDaemon", "daemon", "Error",
        ),
        Record(at("2026-05-17T08:47:12.883Z"), "older", "mdmclient", level="Default"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        '{"message":"x"}',
        '{"message":"x","time":1e300}',
        '{"message":"x","time":-1}',
        '{"message":"x","time":0}',
        '{"message":"x","timestamp":"2026-05-17T08:47:12"}',
        '{"message":"x","timestamp":"2026-02-30T08:47:12Z"}',
        '{"timestamp":"2026-05-17T08:47:12Z"}',
        '{"message":"cut","timestamp":"2026-05-17T08:4',
    ],
)
def test_damaged_lines_are_none(line: str) -> None:
    """A damaged line would end the triage or get a time beyond the calendar."""
    assert read(unifiedlog_json, line) is None
