"""The checklist for programs and for the evidence: one JSON document."""

import socket
from collections.abc import Mapping

import msgspec

from abm_trace.cli.check._report import CheckSubject, subject_of
from abm_trace.core import instants
from abm_trace.exports._interface import encode
from abm_trace.gates.checklist import STEPS, Checklist, Decision, Done, Result


class StepObject(msgspec.Struct, frozen=True):
    """One step; `skipped_by` and `reason` say who left it out, null where nobody did."""

    id: str
    title: str
    result: Result
    began_s: float
    took_s: float
    skipped_by: str | None
    reason: str | None
    subjects: list[CheckSubject]


class ChecklistDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/checklist/1"):
    """A checklist that was run: by whom, where, when, and whether it lets one escalate."""

    at: str
    by: str
    host: str
    simulated: bool
    took_s: float
    complete: bool
    decision: Decision
    steps: list[StepObject]


def document(done: Checklist, at: int, by: str, do: Mapping[str, str], *, simulated: bool) -> ChecklistDocument:
    """All of it, as seen from this computer."""
    return ChecklistDocument(
        instants.render(at),
        by,
        socket.gethostname(),
        simulated,
        round(done.took_s, 3),
        done.is_complete,
        done.decision,
        [_step(each, do) for each in done.steps],
    )


def _step(done: Done, do: Mapping[str, str]) -> StepObject:
    excuse = done.excuse
    return StepObject(
        done.id,
        STEPS[done.id],
        done.result,
        round(done.began_s, 3),
        round(done.took_s, 3),
        excuse.by if excuse else None,
        excuse.reason if excuse else None,
        [subject_of(each, do) for each in done.subjects],
    )


def encoded(document: ChecklistDocument) -> bytes:
    """The bytes of it, indented."""
    return encode(document)
