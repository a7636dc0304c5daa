"""`abm-trace check payload FILE…`: the rules of `validate`, and the staple of a host (C6, G1)."""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli.check import _report
from abm_trace.core.errors import NothingReadableError

if TYPE_CHECKING:
    from abm_trace.core.nouns import Skipped
    from abm_trace.gates.looks import Subject

_EPILOG = """\b
For example:
  abm-trace check payload enrollment.mobileconfig
  abm-trace check payload enrollment.mobileconfig --region eu-west --staple eu-west.abm.apple.com

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
@click.option("--staple", "hosts", metavar="HOST[:PORT]", multiple=True, help="Shake hands with HOST, too.")
@click.option("--at", metavar="HOST:PORT", help="Connect to this place in HOST's stead.")
@click.option("--timeout", metavar="SECONDS", default="10", show_default=True, help="How long a handshake may take.")
@_report.reaching
@_report.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    files: tuple[Path, ...],
    region: str,
    hosts: tuple[str, ...],
    at: str | None,
    timeout: str,
    proxy: str | None,
    trust: Path | None,
    allow_loopback: bool,
    form: str,
) -> None:
    """Decode enrolment profiles, plain or CMS-signed, and check their keys; with --staple see whether HOST is ready.

    `abm-trace validate` says the same of payloads at length, with exceptions, SARIF and more.
    """
    from abm_trace.cli import _sheet, _terminal
    from abm_trace.gates.looks import Report, together
    from abm_trace.gates.looks.tls import look
    from abm_trace.net.allow import Allow
    from abm_trace.net.reach import place
    from abm_trace.sources.probes.tls import Plan
    from abm_trace.sources.probes.wall import now_us

    begun = time.monotonic()
    seconds = _sheet.number("--timeout", timeout, 0.1, 600, "10")
    other, through = place(at, 443) if at else None, place(proxy, 3128) if proxy else None
    subjects, skipped = payloads(files, region)
    _terminal.name_skipped(skipped)
    if not subjects:
        raise NothingReadableError(
            "no profile among " + ", ".join(map(str, files)), hint="A profile is a .mobileconfig."
        )
    plans = [Plan(place(each, 443), other, through, "", str(trust) if trust else None, "", seconds) for each in hosts]
    named = [each.host for each in (*(plan.endpoint for plan in plans), other, through) if each]
    allow = Allow(named, loopback=allow_loopback)
    subjects += together([partial(look, plan, allow) for plan in plans])
    _report.say(ctx, Report("payload", now_us(), time.monotonic() - begun, tuple(subjects), do()), form)


def payloads(files: Sequence[Path], region: str) -> "tuple[list[Subject], list[Skipped]]":
    """A subject for each payload among the files, and what is none."""
    from abm_trace.cli.validate import _asked, _outcome
    from abm_trace.gates.looks import Subject

    outcome = _outcome.validate(files, _asked.asked(region, None, None, signed=False, as_of=None))
    subjects = [
        Subject(
            each.path, f"{each.kind}, {each.form}" if each.form else each.kind, tuple(hit.finding for hit in each.hits)
        )
        for each in outcome.checked
    ]
    return subjects, outcome.skipped


def do() -> dict[str, str]:
    """What to do about each finding."""
    from abm_trace.checks import tls
    from abm_trace.checks.payload import catalogue

    return {**tls.DO, **{rule.id: rule.do for rule in catalogue().values()}}
