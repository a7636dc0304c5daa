"""`abm-trace explain SERIAL`: one device's ladder, proof and timeline, what was not read, and what to do."""

import difflib
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli import _tracing
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.pipeline.triage import Triage

_EPILOG = """\b
For example:
  abm-trace explain F9FXQ1ABCD --case CASE
  cd CASE; abm-trace explain sf9fxq1abcd     (as a scanner writes it)
"""


@click.command("explain", epilog=_EPILOG)
@click.argument("serial")
@click.option(
    "--case", type=click.Path(path_type=Path), default=Path(), metavar="CASE", help="Its folder; else this one."
)
@_tracing.options
def command(*, serial: str, case: Path, tracing: _tracing.Tracing) -> None:
    """Explain the device SERIAL: the rung it stopped on, the proof lines, its timeline, what to do next."""
    from abm_trace.cli import _terminal
    from abm_trace.cli.explain._dossier import lines
    from abm_trace.pipeline.triage import NothingReadable

    try:
        traced = _tracing.trace(case, tracing)
    except NothingReadable as error:
        _terminal.name_skipped(error.skipped)
        raise
    number = _find(serial, case, traced)
    screen = _terminal.screen()
    _terminal.write(screen.finish(lines(traced, number, case, screen)))


def _find(serial: str, case: Path, traced: "Triage") -> int:
    """The number of the device among the verdicts. Raises UsageError, with near matches, if there is none."""
    from abm_trace.identity import Serials

    serials = Serials([verdict.serial for verdict in traced.verdicts])
    numbers = {serials.key(verdict.serial): number for number, verdict in enumerate(traced.verdicts)}
    key = serials.key(serial)
    if key is not None:
        return numbers[key]
    message = f"{serial}: no device of {case} has this serial ({len(numbers):,} devices)"
    raise UsageError(message, hint=_hint(serial, case, serials.spelled))


def _hint(serial: str, case: Path, spelled: dict[str, str]) -> str:
    from abm_trace.identity import canonical

    near = [spelled[key] for key in difflib.get_close_matches(canonical(serial), spelled, n=3, cutoff=0.6)]
    if near:
        command = f"abm-trace explain {shlex.quote(near[0])} --case {shlex.quote(str(case))}"
        return f"Near it: {', '.join(near)}. Try: {command}"
    return f"See its devices: abm-trace triage {shlex.quote(str(case))}"
