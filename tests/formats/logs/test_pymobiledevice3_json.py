"""Tests of abm_trace.formats.logs.pymobiledevice3_json."""

import pytest
from tests.formats.logs.lines import SAMPLES, at, read

from abm_trace.core.nouns import Record
from abm_trace.formats.logs import pymobiledevice3_json


def test_lines_with_and_without_label() -> None:
    """The json of the tool would lose process, label or level."""
    assert [read(pymobiledevice3_json, line) for line in SAMPLES["pymobiledevice3-json"]] == [
        Record(
            at("2026-06-23T16:41:07.512345Z"), "Preparing for enrollment…", "teslad",
            "com.apple.ManagedConfiguration", "DEP", "ERROR",
        ),
        Record(at("2026-06-23T16:41:07Z"), "x", level="NOTICE"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        '{"timestamp":"2026-06-23T16:41:07"}',
        '{"timestamp":"2026-06-23T25:41:07","message":"x"}',
        '{"timestamp":"2026-06-23","message":"x"}',
        '{"timestamp":"2026-06-23T16:41:07","message":"cut',
        '{"timestamp":"2026-06-23T16:41:07","message":"x","label":[]}',
        "[" * 100_000,
    ],
    ids=lambda line: line[:50],
)
def test_damaged_lines_are_none(line: str) -> None:
    """A damaged line would end the triage or get a time."""
    assert read(pymobiledevice3_json, line) is None
