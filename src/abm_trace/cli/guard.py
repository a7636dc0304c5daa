"""`abm-trace guard -- CMD`: run a staging step, and abort it when a device stays silent."""

import os
import re
import shlex
import shutil
import signal
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from abm_trace.cli import _evidence
from abm_trace.core.errors import AbmTraceError, UsageError

if TYPE_CHECKING:
    from abm_trace.exports import Screen
    from abm_trace.gates.guard.plan import Outcome, Plan

_EPILOG = """\b
For example:
  abm-trace guard --device F9FXQ1ABCD -- idevicesyslog --udid UDID
  abm-trace guard --log /var/log/staging.log -- ./stage.sh clinic-07
  abm-trace guard --dry-run --log logs --with manifest.csv -- ./stage.sh

\b
Exit code:
  the command's own (128 and more: ended by a signal), or
  124  aborted: a device did not register in time
  125  the guard's own: refused, bad usage, the command cannot be started
"""

_FAILED: Final = 125
_SERIAL: Final = re.compile(r"[\w -]{1,64}", re.ASCII)
_SIGNALS: Final = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGXCPU")
    if hasattr(signal, name)
)
"""What would end this process, and leave the step running; SIGKILL cannot be caught."""


class _Guard(click.Command):
    """A command whose every fault of its own is 125, for all other codes are those of the command that it runs."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401  # As click has it.
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            error.show()
            raise click.exceptions.Exit(_FAILED) from error


@click.command("guard", cls=_Guard, epilog=_EPILOG, context_settings={"allow_interspersed_args": False})
@click.argument("argv", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND [ARGUMENT]...")
@click.option(
    "--log",
    "logs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="The log that is followed, instead of what the command prints; may be given again.",
)
@click.option(
    "--device", "devices", multiple=True, metavar="SERIAL", help="A device that is staged; may be given again."
)
@click.option("--limit", metavar="SECONDS", help="How long a device may stay silent; 45 if not given (the guide's).")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("abm-guard"),
    show_default=True,
    metavar="DIR",
    help="Where the evidence of every run is kept.",
)
@click.option(
    "--with",
    "extra",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="FILE|DIR",
    help="Evidence for the triage, such as manifest.csv or an audit export; may be given again.",
)
@_evidence.STORE
@_evidence.NONE
@click.option("--rebuilt", is_flag=True, help="Say that the devices were reimaged since their last attempt.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and run nothing.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    argv: tuple[str, ...],
    logs: tuple[Path, ...],
    devices: tuple[str, ...],
    limit: str | None,
    keep: Path,
    extra: tuple[Path, ...],
    evidence: Path | None,
    no_evidence: bool,
    rebuilt: bool,
    dry_run: bool,
) -> None:
    """Run COMMAND, and abort it when a device that prepares for enrolment does not register in time.

    The whole process tree is ended then, the log is triaged and kept, and the device is refused until --rebuilt.
    Nothing is ever tried again.
    """
    from abm_trace.cli import _terminal
    from abm_trace.gates.guard.plan import Plan

    try:
        if sys.platform == "win32":
            raise UsageError(
                "guard ends process trees as Unix has them", hint="Run it on the staging Mac, or on Linux."
            )
        seconds, origin = _limit(limit)
        store = _store(_evidence.asked(evidence, none=no_evidence), check=not dry_run)
        plan = Plan(argv, keep, seconds, origin, logs, tuple(map(_serial, devices)), extra, rebuilt, store)
        code = _dry_run(plan) if dry_run else _run(plan)
    except AbmTraceError as error:
        _terminal.aside(f"abm-trace: {error.diagnostics()}")
        code = _FAILED
    except Exception:  # noqa: BLE001  # Every other code is that of the command.
        traceback.print_exc()
        _terminal.aside("abm-trace: this is a fault of abm-trace, not of the step; report it with the lines above")
        code = _FAILED
    ctx.exit(code)


def _store(log: _evidence.Log | None, *, check: bool) -> Path | None:
    """The evidence log that gets the run, if any. Raises EvidenceError where one was named that takes nothing."""
    if log is not None and check:
        log.check()
    found: list[Path] = []
    _evidence.attempt(log, lambda each: found.append(each.store))
    return found[0] if found else None


def _limit(text: str | None) -> tuple[float, str]:
    from abm_trace.cli import _sheet
    from abm_trace.verdict import thresholds

    if text is not None:
        return _sheet.number("--limit", text, 0.1, 1e6, "45"), "--limit"
    limit = thresholds().items["staging_abort_s"]
    return limit.value, limit.origin


def _serial(text: str) -> str:
    from abm_trace.identity import Serials

    if not _SERIAL.fullmatch(text):
        raise UsageError(f"--device {text!r}: is no serial number", hint="Example: --device F9FXQ1ABCD")
    spelled = Serials((), (text,)).spelled  # Scanned or typed it is the same device.
    return next(iter(spelled.values()), text.strip())


def _dry_run(plan: "Plan") -> int:
    """Say what would be run, followed, ended, kept and refused, by name; the exit code that a refusal would have."""
    from abm_trace.cli import _terminal
    from abm_trace.gates.guard.cgroup import own_folder
    from abm_trace.gates.guard.follow import Logs
    from abm_trace.gates.guard.run import barred, refusal

    last, unread = barred(plan)
    error = refusal(plan, last)
    program = shutil.which(plan.argv[0])
    followed = [str(path) for path in Logs(list(plan.logs))] or [f"{path} (nothing yet)" for path in plan.logs]
    below = own_folder()
    group = f"a control group below {below}" if below else "no control group (none may be made here)"
    rows = [
        ("run", shlex.join(plan.argv) + ("" if program else "   — there is no such program")),
        *(("follow", text) for text in followed or ["what the command prints, passed on as it is"]),
        ("abort", f"{plan.limit_s:g} s ({plan.limit_origin}) after `Preparing for enrollment` without a registration"),
        ("end", f"the command and all that comes of it, daemons too; {group}"),
        ("keep", f"{plan.keep}/: a new folder with the log, the record, and the verdicts of an abort"),
        *(("keep", f"{path}: the same as new records") for path in [plan.store] if path),
        *(("triage", f"{path} too") for path in plan.extra),
        ("refuse", ", ".join(f"{device} (run {run})" for device, run in last.items()) or "no device"),
        *(("not used", each) for each in unread),
    ]
    screen = _terminal.screen()
    lines = screen.sentence("This would happen; nothing has been run.", style="bold")
    for label, text in rows:
        lines += screen.labelled(label, text)
    if error:
        lines += screen.sentence(f"■ {error}. {error.hint}", style="rejected")
    _terminal.write(screen.finish(lines))
    return _FAILED if error or not program else 0


def _run(plan: "Plan") -> int:
    from datetime import UTC, datetime

    from abm_trace.core.instants import from_datetime
    from abm_trace.gates.guard.run import Guard

    asked: list[int] = []
    before = {number: signal.signal(number, lambda number, _: asked.append(number)) for number in _SIGNALS}
    try:
        guard = Guard(
            plan,
            lambda: from_datetime(datetime.now(UTC), UTC),  # noqa: TID251  # For the record alone; nothing is judged by it.
            _tell,
            lambda: asked[0] if asked else 0,
        )
        outcome = guard.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    _say(_told(plan, outcome, _screen()))
    return outcome.code


def _screen() -> "Screen":
    """The screen behind standard error: standard output is the command's."""
    from dataclasses import replace

    from abm_trace.cli import _terminal

    return replace(_terminal.screen(), colour=False)


def _tell(mark: str, text: str) -> None:
    from abm_trace.exports import MARKS

    _say(_screen().sentence(f"guard: {MARKS[mark]} {text}"))


def _say(lines: "Iterator[str] | list[str]") -> None:
    data = _screen().finish(lines)
    try:
        sys.stderr.write(data.decode())
        sys.stderr.flush()
    except OSError:  # Its reader went away, as that of the command's own output may: the step is guarded on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _told(plan: "Plan", outcome: "Outcome", screen: "Screen") -> Iterator[str]:
    """What came of the run, and what to do."""
    from abm_trace.core.instants import render
    from abm_trace.exports import MARKS
    from abm_trace.gates.guard.run import called

    for wait in outcome.silent:
        text = f"{called(wait)}: not registered {plan.limit_s:g} s after it prepared for enrolment; the step is aborted"
        yield from screen.sentence(f"{MARKS['vanished']} {text}")
        if wait.prepared > 1:
            yield from screen.labelled("", f"It prepared {wait.prepared} times: each try makes another identifier.")
        if verdict := outcome.verdict_of(wait.device):
            cause = " ".join(filter(None, (verdict.layer, verdict.cause)))
            yield from screen.labelled(
                "verdict", f"{verdict.verdict}, {cause or 'no layer is proved'}, {verdict.confidence} %"
            )
            yield from screen.labelled("do", verdict.next_action)
        device = wait.device or "the device"
        yield from screen.labelled(
            "do", f"Reimage {device}. Do not start it again as it is: it is refused until --rebuilt."
        )
        if not wait.device:
            yield from screen.labelled("", "Name it the next time, or it cannot be refused: --device SERIAL")
    for wait in outcome.refused:
        yield from screen.sentence(
            f"{MARKS['rejected']} {called(wait)} prepares again, and its last attempt vanished; the step is ended"
        )
        yield from screen.labelled("do", "Reimage it first, then say that it was: --rebuilt.")
    if outcome.outcome == "ended":
        for wait in (each for each in outcome.waits if each.registered_s is None):
            yield from screen.sentence(
                f"{MARKS['unknown']} {called(wait)} had not registered when the step ended: it may, or not"
            )
        if not outcome.waits:
            yield from screen.sentence(
                f"{MARKS['unknown']} no device prepared for enrolment in what was followed: nothing was guarded"
            )
    if outcome.ended:
        names = ", ".join(f"{each.name} ({each.pid})" for each in outcome.ended[:20])
        yield from screen.labelled("ended", f"{len(outcome.ended)} processes: {names}")
    for each in outcome.survived:
        yield from screen.sentence(
            f"{MARKS['vanished']} {each.name} ({each.pid}) could not be ended: end it by hand, then reimage"
        )
    yield from screen.labelled("kept", str(outcome.folder))
    if outcome.records:
        yield from screen.labelled("", f"{plan.store}, records {outcome.records[0]} to {outcome.records[-1]}")
    if outcome.as_of is not None:
        named = next((wait.device for wait in outcome.silent if wait.device), "")
        what = f"explain {named} --case" if named else "triage"
        yield f"next      abm-trace {what} {shlex.quote(str(outcome.case))} --as-of {render(outcome.as_of)}"
