"""`abm-trace check boot-log FILE…`: a registration that failed and was never made good (SPEC C2)."""

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click

FAILURES = frozenset({"abm-registration-failed", "abm-identifier-rejected"})
"""The signatures of ABMRegistrationFailedWithErrorDomain."""

if TYPE_CHECKING:
    from abm_trace.core.nouns import Fact, Reading
    from abm_trace.pipeline.reading import Reader

_EPILOG = """\b
For example:
  abm-trace check boot-log F9FXQ1ABCD.log
  idevicesyslog > boot.log; abm-trace check boot-log boot.log

\b
Exit code:
  0  no failure, or a registration came after it
  1  ABMRegistrationFailedWithErrorDomain with no ABMDeviceRegistered after it
  2  bad usage
  3  nothing readable
"""


@click.command("boot-log", epilog=_EPILOG)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Look through the boot logs FILE… for a registration that failed and was never made good."""
    from abm_trace import signatures
    from abm_trace.cli import _terminal
    from abm_trace.core.errors import NothingReadableError
    from abm_trace.pipeline.reading import Reader

    rules, _ = signatures.load()
    reader = Reader(rules, UTC)
    readings = [_read(reader, path) for path in files]
    for reading in readings:
        _terminal.name_skipped(reading.skipped)
    logs = [reading for reading in readings if reading.captures]
    if not logs:
        message = "no device log among " + ", ".join(map(str, files))
        raise NothingReadableError(message, hint="Give the log of one device's boot: abm-trace check boot-log FILE")
    failed = [_say(reading) for reading in logs]
    ctx.exit(int(any(failed)))


def _read(reader: "Reader", path: Path) -> "Reading":
    """The reading of one file; what is no regular file is refused, for a fifo would be waited for."""
    from abm_trace.core.nouns import Blob, Reading, Skipped

    if not path.is_file():
        reason = "is no regular file" if path.exists() else "does not exist"
        return Reading(str(path), "", "", skipped=(Skipped(str(path), reason),))
    return reader.read(Blob(str(path), str(path), path.stat().st_size))


def _say(reading: "Reading") -> bool:
    """Say what a log shows, each statement with its line; whether it shows a failure that stands."""
    from abm_trace.cli import _terminal
    from abm_trace.cli.explain._places import Places
    from abm_trace.core.nouns import Blob
    from abm_trace.exports import MARKS

    screen = _terminal.screen()
    failures, registered = standing(reading)
    last = max(registered, key=_place, default=None)
    shown = [*failures, *([last] if last else [])]
    blob = Blob(reading.path, reading.path, reading.size_bytes)
    places = Places((fact.origin for fact in shown), {blob.path: blob})
    lines = []
    for fact in failures:
        head = f"{MARKS['vanished']} {places.where(fact.origin)}: registration failed, no ABMDeviceRegistered after it"
        lines += screen.sentence(head, style="vanished")
        lines += screen.sentence(f"> {places.text(fact.origin)}", indent="    ")
    if not failures and last:
        lines += screen.sentence(f"{MARKS['confirmed']} {places.where(last.origin)}: registered", style="confirmed")
    if not failures and not last:
        text = f"{MARKS['unknown']} {reading.path}: neither a failure nor a registration in it"
        lines += screen.sentence(text, style="unknown")
    if failures:
        lines.append("next  abm-trace triage CASE   (with this log and the audit export in the folder CASE)")
    _terminal.write(screen.finish(lines))
    return bool(failures)


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
