"""`abm-trace explain SERIAL`: one device's ladder, proof and timeline, what was not read, and what to do.

`abm-trace explain TOPIC` prints the page of a layer, cause, verdict, rung or signature.
"""

import difflib
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli import _marks, _tracing
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abm_trace.pipeline.triage import Resolved

_EPILOG = """\b
For example:
  abm-trace explain F9FXQ1ABCD --case CASE
  cd CASE; abm-trace explain sf9fxq1abcd   # as a scanner writes it
  abm-trace explain F9FXQ1ABCD --case CASE --for apple   # a ticket, redacted
  abm-trace explain L3                     # a layer; also vanished, requested
  abm-trace explain                        # all topics

\b
Exit code:
  0  explained
  2  bad usage: no device or topic of that name; what is near it is named
  3  nothing readable
"""


def _complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The topics that begin so; serials would cost a trace."""
    from abm_trace.cli.explain import _reference

    return _reference.beginning(incomplete)


@click.command("explain", epilog=_EPILOG)
@click.argument("serial", metavar="[SERIAL|TOPIC]", required=False, shell_complete=_complete)
@click.option("--case", type=click.Path(path_type=Path), metavar="CASE", help="The device's folder; else this one.")
@click.option(
    "--for",
    "audience",
    type=click.Choice(("apple", "mdm", "network")),
    help="A ticket to paste instead: only what concerns this receiver.",
)
@click.option(
    "--redact/--no-redact",
    default=True,
    help="Hide in a ticket what its receiver must not see (other devices, people, IMEI, secrets); done by default.",
)
@click.option("--anew", is_flag=True, help="Read the case again, though nothing in it has changed since it was traced.")
@_marks.option
@_tracing.options
def command(
    *,
    serial: str | None,
    case: Path | None,
    audience: str | None,
    redact: bool,
    anew: bool,
    marks: Path | None,
    tracing: _tracing.Tracing,
) -> None:
    """Explain the device SERIAL: the rung it stopped on, the proof lines, its timeline, what to do next.

    Or explain TOPIC, a layer, cause, verdict, rung or signature: what it means, what proves it, what to do.
    Without either: list the topics.
    """
    from abm_trace.cli.explain import _reference

    if serial is None and audience is not None:
        message = f"--for {audience}: which device?"
        raise UsageError(message, hint=f"Example: abm-trace explain F9FXQ1ABCD --for {audience} --case CASE")
    if serial is None and case is None:
        _reference.show_all(tracing.folders)
    elif serial is None:
        message = f"--case {case}: which device of it?"
        raise UsageError(message, hint=f"See its devices: abm-trace triage {shlex.quote(str(case))}")
    elif case is None and audience is None and (topics := _reference.asked(serial, tracing.folders)):
        _reference.show(topics, tracing.folders)
    else:
        case = case or Path()
        traced = _resolved(case, tracing, anew=anew)
        _device(serial, case, traced, tracing.folders, audience=audience, redact=redact, marks=marks)


def _resolved(case: Path, tracing: _tracing.Tracing, *, anew: bool) -> "Resolved":
    from abm_trace.cli import _terminal
    from abm_trace.core.instants import SECOND, render
    from abm_trace.pipeline.triage import NothingReadable

    try:
        traced = _tracing.resolve(case, tracing, anew=anew)
    except NothingReadable as error:
        _terminal.name_skipped(error.skipped)
        raise
    if traced.kept_at is not None:
        at = render(traced.kept_at // SECOND * SECOND)
        _terminal.aside(f"nothing has changed since the case was read at {at}; --anew reads it again")
    return traced


def _device(
    serial: str,
    case: Path,
    traced: "Resolved",
    folders: "Sequence[Path]",
    *,
    audience: str | None,
    redact: bool,
    marks: Path | None,
) -> None:
    from abm_trace.cli import _terminal
    from abm_trace.cli.explain import _reference
    from abm_trace.cli.explain._dossier import lines

    topics = _reference.found(serial, folders)
    try:
        number = find(serial, case, traced.serials)
    except UsageError as error:
        if not topics or audience is not None:
            raise
        _terminal.aside(f"{error}; this is the topic of that name")
        _reference.show(topics, folders)
        return
    if topics:
        _terminal.aside(f"{serial} is also a topic; for its page leave --case away: abm-trace explain {serial}")
    screen = _terminal.screen()
    if audience is not None:
        from abm_trace.cli.explain import _audience, _ticket

        ticket = _ticket.lines(traced, number, _audience.AUDIENCES[audience], redact=redact)
        _terminal.write(screen.finish(ticket))
        return
    kept = _marks.read(_marks.path_of(marks))
    _terminal.name_skipped(kept.skipped)
    _terminal.write(screen.finish(lines(traced, number, case, kept, screen)))


def find(serial: str, case: Path, known: "Sequence[str]") -> int:
    """The number of the device among those of the case. Raises UsageError, with near matches, if there is none."""
    from abm_trace.identity import Serials

    serials = Serials(known)
    numbers = {serials.key(each): number for number, each in enumerate(known)}
    key = serials.key(serial)
    if key is not None:
        return numbers[key]
    message = f"{serial}: no device of {case} has this serial ({len(numbers):,} devices)"
    raise UsageError(message, hint=_hint(serial, case, serials.spelled))


def _hint(serial: str, case: Path, spelled: dict[str, str]) -> str:
    from abm_trace.cli.explain import _reference
    from abm_trace.identity import canonical

    topics = _reference.near(serial)
    near = [spelled[key] for key in difflib.get_close_matches(canonical(serial), spelled, n=3, cutoff=0.6)]
    if near:
        command = f"abm-trace explain {shlex.quote(near[0])} --case {shlex.quote(str(case))}"
        return f"Near it: {', '.join([*near, *topics])}. Try: {command}"
    if topics:
        return f"Near it, as a topic: {', '.join(topics)}. Try: abm-trace explain {topics[0]}"
    return f"See its devices: abm-trace triage {shlex.quote(str(case))}   (all topics: abm-trace explain)"
