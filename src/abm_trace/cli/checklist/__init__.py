"""`abm-trace checklist`: six triage steps and the preflight; the exit code says whether to escalate (C7)."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from abm_trace.cli import _evidence
from abm_trace.cli.check import _report
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.gates.checklist import Excuse

_EPILOG = """\b
For example:
  abm-trace checklist CASE --region eu-west --evidence evidence
  abm-trace checklist --region eu-west --token token.json \\
                      --boot-log boot.log --payload enrollment.mobileconfig
  abm-trace checklist CASE --by "J. Doe" --skip "payload=no MDM at hand"
  abm-trace checklist --adherence

\b
Exit code:
  0  complete, and nothing is wrong here: escalate
  1  complete, and something is wrong here: look at that first
  2  bad usage
  3  not complete: escalation is refused until each step is told or excused
"""
_TEXT_MAX: Final = 300


@click.command("checklist", epilog=_EPILOG)
@click.argument("case", required=False, type=_report.path(exists=True, file_okay=False))
@click.option("--region", metavar="REGION", help="The region that devices are staged in.")
@click.option(
    "--token",
    "tokens",
    multiple=True,
    type=_report.path(),
    metavar="FILE",
    help="C1: a token, else the case's; may be given again.",
)
@click.option(
    "--boot-log",
    "logs",
    multiple=True,
    type=_report.path(),
    metavar="FILE",
    help="C2: a log, else the case's; may be given again.",
)
@click.option(
    "--host", "hosts", multiple=True, metavar="HOST", help="C4: an endpoint, else the region's; may be given again."
)
@click.option(
    "--server", "servers", multiple=True, metavar="HOST", help="C5: a time server, else Apple's; may be given again."
)
@click.option("--payload", "payloads", multiple=True, type=_report.path(), metavar="FILE",
              help="C6: a profile, else the case's; may be given again.")  # fmt: skip
@click.option("--hosts", "listed", type=_report.path(dir_okay=False, exists=True), metavar="FILE",
              help="C8: a list of your own (TOML) in place of Apple's.")  # fmt: skip
@click.option("--at", metavar="HOST:PORT", help="C4: connect to this place in the endpoint's stead.")
@click.option(
    "--skip", "skipped", multiple=True, metavar="STEP=REASON", help="Leave a step out; needs --by; may be given again."
)
@click.option("--by", default="", metavar="NAME", help="Who leaves it out.")
@click.option("--timeout", metavar="SECONDS", default="8", show_default=True, help="How long one look may take.")
@click.option("--journal", type=_report.path(dir_okay=False), metavar="FILE",
              help="Where runs are counted; else in the user's data folder.")  # fmt: skip
@click.option("--adherence", is_flag=True, help="Take no step: say by the hour how the checklist was kept to.")
@_report.reaching
@_report.options
@_evidence.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    case: Path | None,
    region: str | None,
    tokens: tuple[Path, ...],
    logs: tuple[Path, ...],
    hosts: tuple[str, ...],
    servers: tuple[str, ...],
    payloads: tuple[Path, ...],
    listed: Path | None,
    at: str | None,
    skipped: tuple[str, ...],
    by: str,
    timeout: str,
    journal: Path | None,
    adherence: bool,
    proxy: str | None,
    trust: Path | None,
    allow_loopback: bool,
    form: str,
    log: _evidence.Log | None,
) -> None:
    """Take the six triage steps and the network preflight side by side, and record them.

    Escalation is refused until each step is told, or is left out by name and with a reason. With CASE its logs,
    tokens, profiles and exports are read; TLS, clock and network are looked at from here, now.
    """
    from abm_trace.cli import _sheet, _terminal
    from abm_trace.cli.checklist import _journal, _page, _steps, _wire
    from abm_trace.gates import checklist
    from abm_trace.pipeline import case as cases
    from abm_trace.sources.probes.wall import now_us

    if adherence:
        _journal.tell(journal, form)
        return
    excuses = _excuses(skipped, by)
    if log is not None:
        log.check()
    asked = _steps.Asked(
        case, region or "", tokens, logs, hosts, servers, payloads, listed, at, proxy,
        str(trust) if trust else None, _sheet.number("--timeout", timeout, 0.1, 600, "8"), allow_loopback,
    )  # fmt: skip
    began = now_us()
    steps, reading = _steps.steps(asked)
    done = checklist.run(steps, excuses, prepare=reading)
    simulated = case is not None and cases.read(case).simulated
    document = _wire.document(done, began, by or _evidence.user(), _steps.do(), simulated=simulated)
    data = _wire.encoded(document)
    screen = _terminal.screen()
    _terminal.write(
        data if form == "json" else screen.finish(_page.lines(done, _steps.do(), screen, simulated=simulated))
    )
    _journal.keep(journal, document)
    error = _evidence.attempt(log, lambda each: each.record("check", "checklist", data, "checklist.json"))
    if error is not None:
        raise error
    ctx.exit({"escalate": 0, "look_here_first": 1, "refused": 3}[done.decision])


def _excuses(skipped: tuple[str, ...], by: str) -> "list[Excuse]":
    """Who leaves which step out, and why. Raises UsageError for one without a name or a reason."""
    from abm_trace.gates.checklist import STEPS, Excuse

    found = []
    for text in skipped:
        step, _, reason = text.partition("=")
        if step not in STEPS:
            raise UsageError(f"--skip {text[:80]}: there is no such step", hint=f"The steps: {', '.join(STEPS)}")
        if not reason.strip() or not by.strip():
            raise UsageError(
                f"--skip {step}: a step is left out by somebody, for a reason",
                hint=f'Say both: --by "J. Doe" --skip "{step}=no token at hand"',
            )
        found.append(Excuse(step, by.strip()[:_TEXT_MAX], reason.strip()[:_TEXT_MAX]))
    return found
