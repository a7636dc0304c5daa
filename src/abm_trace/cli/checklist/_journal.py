"""The journal of checklists: a line a run, and how they were kept to by the hour of the day (SPEC C7)."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from abm_trace.cli import _appended, _terminal
from abm_trace.cli.checklist._wire import ChecklistDocument
from abm_trace.core import instants
from abm_trace.exports import Screen
from abm_trace.exports._interface import count, encode
from abm_trace.gates.checklist import STEPS
from abm_trace.gates.checklist_adherence import Hour, Run, by_hour

_NAME: Final = "checklists.ndjson"


class SkippedStep(msgspec.Struct, frozen=True):
    """A step that somebody left out, and why."""

    step: str
    by: str
    reason: str


class RunRecord(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/checklistrun/1"):
    """One checklist that was run, in short."""

    at: str
    by: str
    host: str
    took_s: float
    complete: bool
    decision: str
    skipped: list[SkippedStep]
    left_open: list[str]


class HourObject(msgspec.Struct, frozen=True):
    """The runs that began in an hour of the day, by this computer's time zone."""

    hour: int
    runs: int
    complete: int
    skipped: dict[str, int]
    left_open: dict[str, int]
    diagnosis_s: float | None


class AdherenceDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/adherence/1"):
    """How the checklist was kept to."""

    runs: int
    complete: int
    hours: list[HourObject]


def keep(journal: Path | None, done: ChecklistDocument) -> None:
    """Add a run to the journal. Raises OutputError."""
    skipped = [SkippedStep(each.id, each.skipped_by, each.reason or "") for each in done.steps if each.skipped_by]
    left_open = [each.id for each in done.steps if each.result == "open"]
    record = RunRecord(
        done.at, done.by[:300], done.host[:300], done.took_s, done.complete, done.decision, skipped, left_open
    )
    _appended.append(_appended.path_of(journal, _NAME), record, hint="Name a file that can be written: --journal FILE")


def tell(journal: Path | None, form: str) -> None:
    """Print adherence by the hour of the day."""
    records, skipped = _appended.read(_appended.path_of(journal, _NAME), RunRecord, _flaw)
    _terminal.name_skipped(skipped)
    runs = [
        Run(
            instants.parse(each.at),
            each.complete,
            each.decision,
            each.took_s,
            tuple(one.step for one in each.skipped),
            tuple(each.left_open),
        )
        for each in records
    ]
    hours = by_hour(runs, offset_s=time.localtime().tm_gmtoff)
    if form == "json":
        rows = [
            HourObject(h.hour, h.runs, h.complete, dict(h.skipped), dict(h.left_open), h.diagnosis_s) for h in hours
        ]
        _terminal.write(encode(AdherenceDocument(len(runs), sum(each.is_complete for each in runs), rows)))
        return
    screen = _terminal.screen()
    _terminal.write(screen.finish(_lines(runs, hours, screen)))


def _flaw(record: RunRecord) -> str:
    try:
        instants.parse(record.at)
    except ValueError as error:
        return str(error)
    return ""


def _lines(runs: list[Run], hours: list[Hour], screen: Screen) -> Iterator[str]:
    complete = sum(each.is_complete for each in runs)
    if not runs:
        yield from screen.sentence("no checklist was run yet: abm-trace checklist CASE --region REGION")
        return
    yield from screen.sentence(f"{complete:,} of {count(len(runs), 'checklist')} complete")
    rows = [("hour", "runs", "complete", "diagnosis", "left out", "could not be told")]
    for each in hours:
        took = "–" if each.diagnosis_s is None else f"{each.diagnosis_s:.0f} s"
        numbers = (f"{each.hour:02}:00", f"{each.runs:,}", f"{each.complete:,}", took)
        rows.append((*numbers, _steps(each.skipped), _steps(each.left_open)))
    yield from screen.columns(rows, right=(1, 2, 3))


def _steps(found: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{step} {number}×" for step, number in found if step in STEPS) or "–"
