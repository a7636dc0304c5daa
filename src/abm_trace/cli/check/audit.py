"""`abm-trace check audit CASE`: the audit's requests against the MDM's rows that wait, by name (SPEC C3)."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli import _tracing
from abm_trace.cli.check import _report

if TYPE_CHECKING:
    from abm_trace.cli._tracing import Tracing
    from abm_trace.gates.looks import Subject
    from abm_trace.pipeline.triage import Triage

_EPILOG = """\b
For example:
  abm-trace check audit CASE
  abm-trace check audit CASE --format json

\b
Exit code:
  0  no MDM row of the staging window waits
  1  a row waits; each is named
  2  bad usage
  3  the audit or the MDM's inventory was not read, or nothing readable
"""

_NAME = "audit ↔ inventory"


@click.command("audit", epilog=_EPILOG)
@click.argument("case", type=_report.path())
@_report.options
@_tracing.options
@click.pass_context
def command(ctx: click.Context, *, case: Path, form: str, tracing: "Tracing") -> None:
    """Count who asked in ABM's audit, and whose MDM row has no enrolled_at, within the staging window; list both."""
    from abm_trace.checks import audit
    from abm_trace.cli import _sheet
    from abm_trace.gates.looks import Report
    from abm_trace.sources.probes.wall import now_us

    begun = time.monotonic()
    traced = _sheet.trace(case, tracing)
    took_s = time.monotonic() - begun
    report = Report("audit", now_us(), took_s, look(traced), audit.DO, traced.case.simulated)
    _report.say(ctx, report, form)


def look(traced: "Triage") -> "tuple[Subject, ...]":
    """What a traced case says: both sets with their numbers, then each device of either."""
    from abm_trace.checks import audit as checks
    from abm_trace.cli.reconcile._gathering import listings, seen
    from abm_trace.core.instants import render
    from abm_trace.gates.looks import Subject, live
    from abm_trace.views.reconcile import reconcile

    limit_us = traced.case.thresholds.us("confirmation_s")
    found = reconcile(seen(traced), listings(traced), confirmation_us=limit_us, zone=traced.case.zone).audit
    if found.unread or found.window is None:
        return (Subject(_NAME, problem=found.unread or "there is no staging window", do="Add it to the case."),)
    first, last = map(render, found.window)
    head = (
        f"{found.requests:,} requests of {len(found.requested):,} devices in the audit, "
        f"{len(found.waiting):,} MDM rows without enrolled_at (made {first} to {last}), "
        f"{found.both:,} in both, {len(found.undated):,} rows undated"
    )
    asked = {row.serial for row in found.requested}
    early = {each.serial for each in traced.verdicts if each.verdict == "in_progress"}
    subjects = [Subject(_NAME, head)]
    for row in found.waiting:
        serial, origin = row.serial, live(row.serial, "audit")
        finding = checks.waiting(serial, row.reason, asked=serial in asked, late=serial not in early, origin=origin)
        subjects.append(Subject(serial, f"waits in the MDM, {row.site or 'no site'}", (finding,)))
    waiting = {row.serial for row in found.waiting}
    others = (row for row in found.requested if row.serial not in waiting)
    return (*subjects, *(Subject(row.serial, f"{row.reason}, {row.site or 'no site'}") for row in others))
