"""`abm-trace check boot-log FILE…`: a registration that failed and was never made good (SPEC C2)."""

import time
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from abm_trace.cli.check import _report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from abm_trace.core.nouns import Fact, Reading
    from abm_trace.gates.looks import Subject
    from abm_trace.pipeline.reading import Reader

FAILURES: Final = frozenset({"abm-registration-failed", "abm-identifier-rejected"})
"""The signatures of ABMRegistrationFailedWithErrorDomain."""

FAILED: Final = "registration failed, no ABMDeviceRegistered after it"
SILENT: Final = "neither a failure nor a registration in it"

DO: Final = {"boot-failed": "Read what the device says: abm-trace triage CASE, with this log and the audit in it."}
"""What to do about the finding."""

_EPILOG = """\b
For example:
  abm-trace check boot-log F9FXQ1ABCD.log
  abm-trace check boot-log logs/*.log --format json
  idevicesyslog > boot.log; abm-trace check boot-log boot.log

\b
Exit code:
  0  a registration, and no failure that stands after it
  1  ABMRegistrationFailedWithErrorDomain with no ABMDeviceRegistered after it
  2  bad usage
  3  neither of them in a log, or nothing readable
"""


@click.command("boot-log", epilog=_EPILOG)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=_report.path())
@_report.options
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], form: str) -> None:
    """Look through the boot logs FILE… for a registration that failed and was never made good.

    A log in which there is neither says nothing: a device may have stopped before it asked.
    """
    from abm_trace import signatures
    from abm_trace.cli import _terminal
    from abm_trace.core.errors import NothingReadableError
    from abm_trace.gates.looks import Report
    from abm_trace.pipeline.reading import Reader
    from abm_trace.sources.probes.wall import now_us

    begun = time.monotonic()
    rules, _ = signatures.load()
    reader = Reader(rules, UTC)
    readings = [_read(reader, path) for path in files]
    for reading in readings:
        _terminal.name_skipped(reading.skipped)
    logs = [reading for reading in readings if reading.captures]
    if not logs:
        message = "no device log among " + ", ".join(map(str, files))
        raise NothingReadableError(message, hint="Give the log of one device's boot: abm-trace check boot-log FILE")
    subjects = tuple(subject for reading in logs for subject in _told(reading))
    _report.say(ctx, Report("boot-log", now_us(), time.monotonic() - begun, subjects, DO), form)


def _read(reader: "Reader", path: Path) -> "Reading":
    """The reading of one file; what is no regular file is refused, for a fifo would be waited for."""
    from abm_trace.core.nouns import Blob, Reading, Skipped

    if not path.is_file():
        reason = "is no regular file" if path.exists() else "does not exist"
        return Reading(str(path), "", "", skipped=(Skipped(str(path), reason),))
    return reader.read(Blob(str(path), str(path), path.stat().st_size))


def _told(reading: "Reading") -> "Iterator[Subject]":
    """What a log shows, each statement at its line: every failure that stands, else the last registration."""
    from abm_trace.cli.explain._places import Places
    from abm_trace.core.nouns import Blob, Finding
    from abm_trace.gates.looks import Subject

    failures, registered = standing(reading)
    last = max(registered, key=_place, default=None)
    shown = failures or ([last] if last else [])
    blob = Blob(reading.path, reading.path, reading.size_bytes)
    places = Places((fact.origin for fact in shown), {blob.path: blob})
    for fact in shown:
        where, text = places.where(fact.origin), f"{FAILED}: {places.text(fact.origin)}"
        finding = Finding("boot-failed", "check", fact.layer, "error", 100, (places.complete(fact.origin),), "", text)
        yield Subject(where, findings=(finding,)) if failures else Subject(where, "registered")
    if not shown:
        do = "See how far the device came: abm-trace explain SERIAL --case CASE, with this log in it."
        yield Subject(reading.path, problem=SILENT, do=do)


def standing(reading: "Reading") -> "tuple[list[Fact], list[Fact]]":
    """The failures of registration that no later registration of the same device overcame, and the registrations."""
    registered = [fact for fact in reading.facts if fact.kind == "registered"]
    failed = [
        fact
        for fact in reading.facts
        if fact.origin.by in FAILURES
        and not any(_place(later) > _place(fact) and _may_be_one_device(fact, later) for later in registered)
    ]
    return failed, registered


def _may_be_one_device(one: "Fact", other: "Fact") -> bool:
    """Whether no name in the two lines tells them apart."""
    shared = one.attrs.keys() & other.attrs.keys() & {"serial", "udid", "host"}
    return all(one.attrs[key] == other.attrs[key] for key in shared)


def _place(fact: "Fact") -> tuple[int, int]:
    return fact.at or 0, fact.origin.offset or 0
