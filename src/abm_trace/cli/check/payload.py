"""`abm-trace check payload FILE…`: the rules of `validate`, and the servers that they name (C6, G1)."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli.check import _report
from abm_trace.core.errors import NothingReadableError

if TYPE_CHECKING:
    from abm_trace.cli.validate._staple import How
    from abm_trace.core.nouns import Skipped
    from abm_trace.gates.looks import Subject

_EPILOG = """\b
For example:
  abm-trace check payload enrollment.mobileconfig
  abm-trace check payload enrollment.mobileconfig --region eu-west --staple

\b
Exit code:
  0  no error
  1  an error in a payload, or its endpoint does not staple as it must
  2  bad usage
  3  nothing readable, or the endpoint was not reached
"""


@click.command("payload", epilog=_EPILOG)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=_report.path())
@click.option("--region", metavar="REGION", default="", help="The token's region, which serverUrl must have.")
@click.option("--staple", is_flag=True, help="Shake hands with each server that the payloads name, too.")
@click.option("--at", metavar="HOST:PORT", help="Connect to this place in every server's stead.")
@click.option("--timeout", metavar="SECONDS", default="10", show_default=True, help="How long a handshake may take.")
@_report.reaching
@_report.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    files: tuple[Path, ...],
    region: str,
    staple: bool,
    at: str | None,
    timeout: str,
    proxy: str | None,
    trust: Path | None,
    allow_loopback: bool,
    form: str,
) -> None:
    """Decode enrolment profiles, plain or CMS-signed, and check their keys; with --staple their servers, too.

    `abm-trace validate` says the same of payloads at length, with exceptions, SARIF and more.
    """
    from abm_trace.cli import _terminal
    from abm_trace.gates.looks import Report
    from abm_trace.sources.probes.wall import now_us

    begun = time.monotonic()
    how = None
    if staple:
        from abm_trace.cli.validate import _staple

        how = _staple.how(at=at, proxy=proxy, trust=trust, timeout=timeout, loopback=allow_loopback)
    subjects, skipped = payloads(files, region, how)
    _terminal.name_skipped(skipped)
    if not subjects:
        raise NothingReadableError(
            "no profile among " + ", ".join(map(str, files)), hint="A profile is a .mobileconfig."
        )
    _report.say(ctx, Report("payload", now_us(), time.monotonic() - begun, tuple(subjects), do()), form)


def payloads(files: Sequence[Path], region: str, how: "How | None" = None) -> "tuple[list[Subject], list[Skipped]]":
    """A subject for each payload among the files, and what is none; `how` to shake hands with their servers, if so.

    What a server shows is a finding of each payload that names it, and of the server's own subject.
    """
    from abm_trace.cli.validate import _asked, _outcome
    from abm_trace.gates.looks import Subject

    asked = _asked.asked(region, None, None, signed=False, as_of=None, endpoints=how is not None)
    outcome = _outcome.validate(files, asked)
    if how:
        from abm_trace.cli.validate import _staple

        _staple.look(outcome, how)
    subjects = [
        Subject(
            each.path, f"{each.kind}, {each.form}" if each.form else each.kind, tuple(hit.finding for hit in each.hits)
        )
        for each in outcome.checked
    ]
    return [*subjects, *outcome.endpoints], outcome.skipped


def do() -> dict[str, str]:
    """What to do about each finding."""
    from abm_trace.checks.payload import catalogue

    return {rule.id: rule.do for rule in catalogue().values()}
