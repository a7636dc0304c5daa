"""A change as the machine formats have it."""

import json

import msgspec
from tests.exports.building import AS_OF, DIGEST, healthy, report, verdict

from abm_trace.core.changes import Changes
from abm_trace.core.instants import render as rendered
from abm_trace.core.nouns import Origin, Verdict
from abm_trace.exports import Report, Screen, render
from abm_trace.views.changes import changes

BEFORE = [healthy("A0"), verdict(serial="B0"), healthy("C0"), healthy("D0"), verdict(serial="F0", verdict="unknown",
          missing=("mdm",), layer=None, findings=())]  # fmt: skip
RUNGS = {"enrolled": Origin("mdm.csv", "mdm-inventory", 9, 4, 2, None, DIGEST)}
AFTER = [
    verdict(serial="A0"), msgspec.structs.replace(healthy("B0"), rungs=RUNGS), healthy("C0"), verdict(serial="E0"),
    verdict(serial="F0", verdict="unknown", missing=("apple", "mdm"), layer=None, findings=()),
]  # fmt: skip


def compared(before: list[Verdict] = BEFORE, after: list[Verdict] = AFTER) -> Report:
    """A report of these, with what changed."""
    return report(*after, changes=Changes("last.ndjson", AS_OF, len(before), changes(before, after)))


def test_a_line_for_each_that_changed_behind_the_others() -> None:
    """If this failed, a program could not follow what happened, or would take a change for a verdict."""
    lines = [json.loads(line) for line in render("ndjson", compared(), Screen()).splitlines()]
    assert [line["schema"] for line in lines[:6]] == ["abm-trace/verdict/1"] * 5 + ["abm-trace/skipped/1"]
    assert [(line["schema"], line["serial"], line["change"]) for line in lines[6:]] == [
        ("abm-trace/change/1", serial, kind)
        for serial, kind in (("A0", "failed"), ("E0", "new"), ("B0", "recovered"), ("F0", "changed"), ("D0", "gone"))
    ]


def test_the_document_has_them_on_demand() -> None:
    """If this failed, the document would lack what `--since` asked for, or have it unasked."""
    document = json.loads(render("json", compared(), Screen()))
    lines = [json.loads(line) for line in render("ndjson", compared(), Screen()).splitlines()]
    assert document["changes"] == lines[6:]
    assert json.loads(render("json", report(), Screen()))["changes"] is None
    assert json.loads(render("json", compared(AFTER), Screen()))["changes"] == []


def test_the_table_has_a_column() -> None:
    """If this failed, nobody could filter a spreadsheet by what happened."""
    table = render("csv", compared(), Screen()).decode().splitlines()
    assert table[0].endswith(",change")
    assert [line.rpartition(",")[2] for line in table[1:]] == ["failed", "recovered", "unchanged", "new", "changed"]
    assert not render("csv", report(), Screen()).decode().splitlines()[0].endswith("change")


def test_why_in_words() -> None:
    """If this failed, a reader of the line would have to know the rules of this program."""
    said = {each["serial"]: each["text"] for each in json.loads(render("json", compared(), Screen()))["changes"]}
    assert said == {
        "A0": "now cited: abm-identifier-rejected: L6 rejected",
        "B0": "now cited: enrolled is proved (2026-05-17T08:46:12.883Z)",
        "D0": "no source of the case names it any more",
        "E0": "the earlier verdicts do not name it",
        "F0": "evidence went away: ABM or DEP: it is not read far enough any more",
    }


def test_each_reason_has_its_sentence() -> None:
    """If this failed, a deadline that passed, or another threshold, would be told as something else."""
    early = AS_OF - 60_000_000
    waiting = verdict(serial="A0", verdict="in_progress", layer=None, as_of=early, findings=AFTER[0].findings)
    again = msgspec.structs.replace(AFTER[0], journeys=2, rungs=RUNGS)
    cited = "now cited: abm-identifier-rejected: L6 rejected"
    same = "nothing new is cited and nothing went away: other limits, signatures, or another version of abm-trace"
    due = "only the time passed: both confirmations were due at 2026-05-17T08:46:45.883Z"
    for before, after, said in (
        (waiting, AFTER[0], due),
        (verdict(serial="A0", layer="L3"), AFTER[0], same),
        (healthy("A0"), again, f"a new journey began: {cited}; enrolled is proved"),
    ):
        (line,) = json.loads(render("json", compared([before], [after]), Screen()))["changes"]
        assert line["text"] == said
        assert line["earlier"]["as_of"] == rendered(before.as_of)
