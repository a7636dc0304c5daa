"""`abm-trace check network`: the preflight over Apple's list of hosts, from this segment (SPEC C8)."""

import time
from pathlib import Path

import click

from abm_trace.cli.check import _report
from abm_trace.core.errors import UsageError

_EPILOG = """\b
For example:
  abm-trace check network
  abm-trace check network mdm.example.org eu-west.abm.apple.com
  abm-trace check network --for device --proxy proxy.clinic.example:3128
  abm-trace check network --hosts our-hosts.toml --format json

\b
Exit code:
  0  all that an enrolment must have is reached, and nobody stands between
  1  something is blocked, inspected, or answered by somebody else
  2  bad usage
  3  something could not be told
"""
_BYTES_MAX = 1 << 20


@click.command("network", epilog=_EPILOG)
@click.argument("hosts", nargs=-1, metavar="[HOST[:PORT]]...")
@click.option("--hosts", "file", type=_report.path(dir_okay=False, exists=True), metavar="FILE",
              help="A list of your own (TOML) in place of Apple's.")  # fmt: skip
@click.option("--for", "who", type=click.Choice(["device", "mdm", "mac"]), help="Only what these ask.")
@click.option("--timeout", metavar="SECONDS", default="5", show_default=True, help="How long one look may take.")
@_report.reaching
@_report.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    hosts: tuple[str, ...],
    file: Path | None,
    who: str | None,
    timeout: str,
    proxy: str | None,
    trust: Path | None,
    allow_loopback: bool,
    form: str,
) -> None:
    """Look from here at every host that Apple says staging needs, and at each HOST of yours, all at once.

    DNS, TCP, TLS with the issuer seen (inspection is named), time over UDP, captive portal, proxy. Nobody who is not
    on the list is connected to.
    """
    from abm_trace.checks.hosts import apples, read
    from abm_trace.cli import _progress, _sheet
    from abm_trace.gates.looks import Report
    from abm_trace.gates.looks.network import DO, Preflight, look
    from abm_trace.net.reach import place
    from abm_trace.sources.probes.wall import now_us

    begun = time.monotonic()
    listed = read(bounded(file), str(file)) if file else apples()
    asked = Preflight(
        listed,
        tuple(place(each, 443) for each in hosts),
        who or "",
        str(trust) if trust else None,
        place(proxy, 3128) if proxy else None,
        _sheet.number("--timeout", timeout, 0.1, 600, "5"),
        allow_loopback,
    )
    with _progress.waiting("asking every host"):
        subjects = look(asked)
    _report.say(ctx, Report("network", now_us(), time.monotonic() - begun, subjects, DO), form)


def bounded(path: Path) -> bytes:
    """The bytes of a file of settings. Raises UsageError for one that is too large."""
    with path.open("rb") as file:
        data = file.read(_BYTES_MAX + 1)
    if len(data) > _BYTES_MAX:
        raise UsageError(f"{path}: is larger than {_BYTES_MAX:,} bytes", hint="docs/checks.md shows its form.")
    return data
