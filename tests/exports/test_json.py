"""One document: counts, verdicts, what was not used."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.exports.building import healthy, reading, report, verdict

from abm_trace.exports import Report, Screen
from abm_trace.exports.json import render

GOLDEN = Path(__file__).parents[1] / "data/exports/chicago.json"


def test_golden(traced: Report, golden: Callable[[Path, bytes], None]) -> None:
    """If this failed, what other programs read of a case has changed."""
    golden(GOLDEN, render(traced, Screen()))


def test_counts_and_verdicts() -> None:
    """If this failed, the sums would not be those of the devices beside them."""
    document = json.loads(render(report(verdict(), healthy("A1"), healthy("A2")), Screen()))
    assert document["schema"] == "abm-trace/triage/1"
    assert document["counts"] == {"confirmed": 2, "vanished": 1}
    assert [line["serial"] for line in document["verdicts"]] == ["F9FXQ1ABCD", "A1", "A2"]
    assert [line["path"] for line in document["skipped"]] == ["audit.ndjson"]


def test_files_on_demand() -> None:
    """If this failed, --files would say nothing to a program, or 12,400 files would stand in every document."""
    readings = (reading(), reading("x.bin", format="", why="not recognised", lines=0, last_at=None))
    document = json.loads(render(report(readings=readings, files=True), Screen()))
    assert json.loads(render(report(), Screen()))["files"] is None
    assert [(line["schema"], line["path"], line["format"]) for line in document["files"]] == [
        ("abm-trace/file/1", "logs/F9FXQ1ABCD.log", "article"),
        ("abm-trace/file/1", "x.bin", None),
    ]
    assert (document["files_read"], document["files_refused"]) == (1, 2)  # As the summary counts: audit.ndjson too.
