"""`abm-trace check clock`: how far this computer's clock is off, or clocks that were measured before (SPEC C5)."""

import time
from pathlib import Path

import click

from abm_trace.cli.check import _files, _report

_EPILOG = """\b
For example:
  abm-trace check clock
  abm-trace check clock --server ntp.clinic.example --server time.apple.com
  abm-trace check clock --record CASE/clocks/staging-3.csv
  abm-trace check clock --saved sntp.txt

\b
Exit code:
  0  the clock is within the limit
  1  it is beyond the limit
  2  bad usage
  3  no time server answered, the limit lies within the error, or the clock
     was set meanwhile
"""


@click.command("clock", epilog=_EPILOG)
@click.option(
    "--server", "names", metavar="HOST[:PORT]", multiple=True, help="A time server, else Apple's; may be given again."
)
@click.option("--limit", metavar="SECONDS", help="How far a clock may be off; 5.79 if not given (the guide's).")
@click.option(
    "--saved", type=_report.path(), multiple=True, metavar="FILE", help="sntp, chronyc, CSV; may be given again."
)
@click.option("--record", type=_report.path(dir_okay=False), metavar="FILE", help="Append what was measured to FILE.")
@click.option("--allow-loopback", is_flag=True, help="Ask this very computer, too: for a lab that runs on it.")
@_report.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    names: tuple[str, ...],
    limit: str | None,
    saved: tuple[Path, ...],
    record: Path | None,
    allow_loopback: bool,
    form: str,
) -> None:
    """Measure this computer's clock against time servers, or say what saved measurements of clocks mean.

    An offset is the clock − the reference. More than half of the servers must agree. The clock is never set.
    """
    from abm_trace.checks import clock as checks
    from abm_trace.cli import _sheet
    from abm_trace.gates.looks import Report
    from abm_trace.gates.looks import clock as look
    from abm_trace.net import sntp
    from abm_trace.sources.probes.wall import now_us
    from abm_trace.verdict import thresholds

    begun, standard = time.monotonic(), thresholds().items["clock_s"]
    limit_s = standard.value if limit is None else _sheet.number("--limit", limit, 0, 1e9, "5.79")
    whose = standard.origin if limit is None else "--limit"
    subjects = []
    if names or not saved:
        servers = [sntp.server(each) for each in names or look.SERVERS]
        subject, row = look.look(servers, limit_s, whose, loopback=allow_loopback)
        subjects.append(subject)
        if record and row:
            fresh = not record.exists() or not record.stat().st_size
            _report.append("--record", record, row if fresh else row.split(b"\r\n", 1)[1])
    if saved:
        samples = _files.facts(saved, lambda fact: fact.kind == "clock_offset", "clock measurement")
        subjects += [look.told(each, limit_s, whose) for each in samples]
    _report.say(ctx, Report("clock", now_us(), time.monotonic() - begun, tuple(subjects), checks.DO), form)
