"""`abm-trace check region REGION`: the region guard (SPEC G2)."""

import time
from pathlib import Path

import click

from abm_trace.cli.check import _files, _report

_EPILOG = """\b
For example:
  abm-trace check region eu-west --token token.json && ./stage.sh
  abm-trace check region eu-west

\b
Exit code:
  0  the region says that it is well, and the tokens are its own
  1  it is not well, or a token is of another region
  2  bad usage
  3  it could not be asked
"""


@click.command("region", epilog=_EPILOG)
@click.argument("region", metavar="REGION")
@click.option("--token", "tokens", type=_report.path(), multiple=True, metavar="FILE",
              help="A token (JSON) that is to be used there; may be given again.")  # fmt: skip
@click.option("--client-certificate", "client", type=_report.path(dir_okay=False, exists=True), metavar="FILE",
              help="Show this certificate (PEM, with its key).")  # fmt: skip
@click.option("--at", metavar="HOST:PORT", help="Connect to this place in the endpoint's stead.")
@click.option("--timeout", metavar="SECONDS", default="10", show_default=True, help="How long the answer may take.")
@_report.reaching
@_report.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    region: str,
    tokens: tuple[Path, ...],
    client: Path | None,
    at: str | None,
    timeout: str,
    proxy: str | None,
    trust: Path | None,
    allow_loopback: bool,
    form: str,
) -> None:
    """Ask the endpoint of REGION for its health, and hold the region of each token against it, before staging."""
    from abm_trace.checks import region as checks
    from abm_trace.gates.looks import Report
    from abm_trace.gates.looks import region as look
    from abm_trace.sources.probes import abm
    from abm_trace.sources.probes.wall import now_us

    begun = time.monotonic()
    way = _report.way(at=at, proxy=proxy, trust=trust, client=client, timeout=timeout)
    allow = abm.allowed(region, way.at, way.proxy, loopback=allow_loopback)
    subjects = [look.health(region, allow, way)]
    if tokens:
        found = _files.facts(tokens, lambda fact: fact.kind == "token", "token")
        subjects += [look.token(each, region) for each in found]
    _report.say(ctx, Report("region", now_us(), time.monotonic() - begun, tuple(subjects), checks.DO), form)
