"""`abm-trace check tls HOST…`: a real handshake from this segment, or saved ones (SPEC C4)."""

import time
from functools import partial
from pathlib import Path

import click

from abm_trace.cli.check import _files, _report
from abm_trace.core.errors import UsageError

_EPILOG = """\b
For example:
  abm-trace check tls eu-west.abm.apple.com
  abm-trace check tls iprofiles.apple.com mdm.example.org:8443 -6
  abm-trace check tls eu-west.abm.apple.com --proxy proxy.clinic.example:3128
  abm-trace check tls eu-west.abm.apple.com --segment clinic-01 \\
                  --record CASE/tls/clinic-01.ndjson
  abm-trace check tls --saved handshake.txt

\b
Exit code:
  0  staple, chain and protocol are right
  1  something is wrong with one of them
  2  bad usage
  3  no handshake came about, or nothing readable
"""


@click.command("tls", epilog=_EPILOG)
@click.argument("hosts", nargs=-1, metavar="HOST[:PORT]...")
@click.option("--saved", type=_report.path(), multiple=True, metavar="FILE", help="A saved one; may be given again.")
@click.option("--at", metavar="HOST:PORT", help="Connect to this place, and ask it for HOST.")
@click.option("-4", "family", flag_value="4", help="IPv4 addresses alone.")
@click.option("-6", "family", flag_value="6", help="IPv6 addresses alone.")
@click.option("--segment", default="", metavar="NAME", help="The site or staging host that the record is of.")
@click.option("--record", type=_report.path(dir_okay=False), metavar="FILE", help="Append what was seen to FILE.")
@click.option("--timeout", metavar="SECONDS", default="10", show_default=True, help="How long a handshake may take.")
@_report.reaching
@_report.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    hosts: tuple[str, ...],
    saved: tuple[Path, ...],
    at: str | None,
    family: str | None,
    segment: str,
    record: Path | None,
    timeout: str,
    proxy: str | None,
    trust: Path | None,
    allow_loopback: bool,
    form: str,
) -> None:
    """Shake hands with each HOST, as a device would from here, and say what is wrong with what it shows.

    TLS 1.2 and 1.3; the staple's signature and age, the chain, the issuer seen. A saved `openssl s_client -status`
    transcript, or a record that --record kept, gives the same findings.
    """
    from abm_trace.checks import tls
    from abm_trace.cli import _sheet
    from abm_trace.gates import looks
    from abm_trace.gates.looks.tls import look, told
    from abm_trace.net.allow import Allow
    from abm_trace.net.reach import place
    from abm_trace.sources.probes.tls import Plan
    from abm_trace.sources.probes.wall import now_us

    if not hosts and not saved:
        raise UsageError("no host was named", hint="Name one: abm-trace check tls eu-west.abm.apple.com")
    begun = time.monotonic()
    seconds = _sheet.number("--timeout", timeout, 0.1, 600, "10")
    other = place(at, 443) if at else None
    through = place(proxy, 3128) if proxy else None
    plans = [
        Plan(place(each, 443), other, through, family or "", str(trust) if trust else None, segment, seconds)
        for each in hosts
    ]
    named = [each.host for each in (*(plan.endpoint for plan in plans), other, through) if each]
    allow = Allow(named, loopback=allow_loopback)
    kept: list[bytes] = []
    subjects = list(looks.together([partial(look, each, allow, kept) for each in plans]))
    if saved:
        probes = _files.facts(saved, lambda fact: fact.kind == "tls_probe", "TLS transcript or record")
        subjects += [told(each) for each in probes]
    if record and kept:
        _report.append("--record", record, b"".join(kept))
    report = looks.Report("tls", now_us(), time.monotonic() - begun, tuple(subjects), tls.DO)
    _report.say(ctx, report, form)
