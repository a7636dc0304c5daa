"""`abm-trace clock-guard`, also called `abm-clock-guard`: blocks staging while this computer's clock is wrong."""

import contextlib
import os
import select
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from abm_trace.cli import _evidence
from abm_trace.core.errors import AbmTraceError, UsageError

if TYPE_CHECKING:
    from abm_trace.gates.clock_guard import ClockGuard, Measurement

_EPILOG = """\b
For example:
  abm-trace clock-guard --once && ./stage.sh
  abm-clock-guard --server time.apple.com --server ntp.clinic.example
  abm-clock-guard --status-file /run/abm-clock-guard/status.json \\
                  --hook '/usr/local/bin/hold-staging'

\b
Exit code:
  0  --once: the clock is within the limit; else: it was told to stop
  1  --once: the clock is beyond the limit, do not stage
  2  bad usage
  3  --once: not sure, no server answered or the limit lies within the error
"""

SERVER: Final = "time.apple.com"
"""Apple's own, which devices ask too. From: https://support.apple.com/101555."""

_HOOK_S_MAX: Final = 10
_CODES: Final = {"clear": 0, "blocked": 1, "not_sure": 3}


class ServerObject(msgspec.Struct, frozen=True):
    """What a time server said: this clock − its own."""

    server: str
    stratum: int
    offset_s: float
    bound_s: float


class ClockDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/clockguard/1"):
    """One look at this computer's clock. `state` holds now; `clock_shows` is what the very clock said."""

    state: str
    measured: str
    offset_s: float | None
    bound_s: float | None
    limit_s: float
    limit_origin: str
    interval_s: float
    held_s: float | None
    clock_shows: str
    pid: int
    servers: list[ServerObject]
    problems: list[str]


@click.command("clock-guard", epilog=_EPILOG)
@click.option(
    "--server",
    "names",
    metavar="HOST[:PORT]",
    multiple=True,
    help="A time server, time.apple.com if none is named; may be given again.",
)
@click.option("--limit", metavar="SECONDS", help="How far the clock may be off; 5.79 if not given (the guide's).")
@click.option("--interval", metavar="SECONDS", default="15", show_default=True, help="How often it is looked at.")
@click.option("--once", is_flag=True, help="Look once, and say it by the exit code.")
@click.option("--hook", metavar="COMMAND", default="", help="Run this at each change, with the state behind it.")
@click.option(
    "--status-file",
    "status",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the last look in FILE (JSON), which is there only while the guard runs.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="Say each change in words, or each look as a line of JSON.",
)  # fmt: skip
@_evidence.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    names: tuple[str, ...],
    limit: str | None,
    interval: str,
    once: bool,
    hook: str,
    status: Path | None,
    form: str,
    log: _evidence.Log | None,
) -> None:
    """Measure this computer's clock against time servers, and block staging while it is off by more than the limit.

    It blocks at once, and lifts the block after two good looks in a row. It never sets the clock.
    """
    from abm_trace.cli import _sheet
    from abm_trace.gates.clock_guard import ClockGuard
    from abm_trace.net import sntp
    from abm_trace.verdict import thresholds

    limits = thresholds().items
    guard = ClockGuard(
        [sntp.server(each) for each in names or (SERVER,)],
        limits["clock_s"].value if limit is None else _sheet.number("--limit", limit, 0, 1e9, "5.79"),
        time.time_ns,  # noqa: TID251  # This very clock is what is measured.
        _sheet.number("--interval", interval, 1, 1e6, "15"),
        limits["source_intervals"].value,
    )
    origin = "--limit" if limit is not None else limits["clock_s"].origin
    telling = _Telling(guard, origin, form, _words(hook), status, log=log)
    if log is not None:
        log.check()
    if once:
        found = guard.measure()
        if (unkept := telling.tell(found)) is not None:
            raise unkept
        ctx.exit(_CODES[found.state])
    _watch(guard, telling)


def _words(hook: str) -> list[str]:
    try:
        return shlex.split(hook)
    except ValueError as error:
        message = f"--hook {hook}: {error}"
        raise UsageError(
            message, hint="It is a command and its arguments, without a shell: --hook '/path/to/hold'"
        ) from error


def _watch(guard: "ClockGuard", telling: "_Telling") -> None:
    """Look again and again until told to stop. The file goes with the guard: what is old must not look like a yes."""
    from abm_trace.net.sd_notify import notify

    stopped, stopping = socket.socketpair()
    stopping.setblocking(False)
    before = signal.set_wakeup_fd(stopping.fileno()), signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        due_s = 0.0
        while not select.select([stopped], [], [], due_s)[0]:
            begun = time.monotonic()
            if (unkept := telling.tell(guard.measure(), ready=True)) is not None:
                _evidence.aside(f"NOT KEPT: {unkept.diagnostics()}")  # The floor is guarded all the same.
            due_s = min(max(guard.interval_s - (time.monotonic() - begun), 0), guard.interval_s)
    finally:
        signal.set_wakeup_fd(before[0])
        signal.signal(signal.SIGTERM, before[1])
        stopped.close()
        stopping.close()
        notify(STOPPING=1)
        telling.end()


class _Telling:
    """Says what was measured: on the screen, in the status file, to systemd, to the hook, in an evidence log."""

    def __init__(
        self,
        guard: "ClockGuard",
        origin: str,
        form: str,
        hook: list[str],
        status: Path | None,
        *,
        log: _evidence.Log | None = None,
    ) -> None:
        self._guard = guard
        self._origin = origin
        self._form = form
        self._hook = hook
        self._status = status
        self._log = log
        self._last = ""

    def tell(self, found: "Measurement", *, ready: bool = False) -> AbmTraceError | None:
        """Say a measurement everywhere; the screen of a person, the hook and the log are told of changes alone.

        What comes back is why a log that was named did not keep it.
        """
        from abm_trace.cli import _terminal
        from abm_trace.exports._interface import encode_lines
        from abm_trace.net.sd_notify import notify

        data = encode_lines([self._document(found)])
        words = self._words(found)
        changed, is_first, self._last = found.state != self._last, not self._last, found.state
        if self._status:
            self._save(self._status, data, is_first=is_first)
        if ready:
            notify(READY=1, WATCHDOG=1, STATUS=words)
        if changed and self._hook:  # Before the screen, whose reader may have gone away.
            self._run(found.state)
        if self._form == "json":
            _terminal.write(data)
        elif changed:
            self._say(found, words)
        return self._keep(found, data) if changed else None

    def _save(self, path: Path, data: bytes, *, is_first: bool) -> None:
        """Write the status file. One that can no longer be written is taken away and told: the floor is guarded on."""
        from abm_trace.cli import _terminal

        try:
            _terminal.save(path, data)
        except AbmTraceError as error:
            if is_first:
                hint = "Name a file in a folder that exists and has room: --status-file FILE"
                raise UsageError(str(error), hint=hint) from error
            with contextlib.suppress(OSError):
                self.end()  # What is old must not look like a yes.
            _terminal.aside(f"abm-trace: {error}")

    def _keep(self, found: "Measurement", data: bytes) -> AbmTraceError | None:
        """Record a change, dated by the time servers where they say how wrong this clock is: it may be years ahead."""
        from abm_trace.core import instants

        off_us = round(found.interval.offset_s * 1e6) if found.interval else 0
        now = min(max(self._guard.wall_ns() // 1000 - off_us, instants.FIRST), instants.LAST)
        now -= now % instants.SECOND
        return _evidence.attempt(
            self._log, lambda each: each.record("check", "clock-guard", data, "clock-guard.json", now)
        )

    def end(self) -> None:
        """Take the status file away."""
        if self._status:
            self._status.unlink(missing_ok=True)

    def _document(self, found: "Measurement") -> ClockDocument:
        from abm_trace.core import instants

        interval, guard = found.interval, self._guard
        shows = min(max(guard.wall_ns() // 1000, instants.FIRST), instants.LAST)
        return ClockDocument(
            found.state,
            found.measured,
            round(interval.offset_s, 6) if interval else None,
            round(interval.bound_s, 6) if interval else None,
            guard.limit_s,
            self._origin,
            guard.interval_s,
            found.held_s,
            instants.render(shows),
            os.getpid(),
            [ServerObject(s.server, s.stratum, round(s.offset_s, 6), round(s.bound_s, 6)) for s in found.samples],
            list(found.problems),
        )

    def _words(self, found: "Measurement") -> str:
        guard = self._guard
        limit = f"the limit is {guard.limit_s:g} s ({self._origin})"
        if found.interval is None:
            return f"how this clock stands, nothing says; {limit}"
        interval = found.interval
        way = "ahead" if interval.offset_s > 0 else "behind"
        text = f"this clock is {abs(interval.offset_s):.3f} s {way}, ± {interval.bound_s:.3f} s; {limit}"
        if found.held_s is not None:
            text += f"; no server answers, last one did {found.held_s:.0f} s ago"
        if found.state != found.measured:
            text += "; it stays blocked until two looks in a row are good"
        return text

    def _say(self, found: "Measurement", words: str) -> None:
        from abm_trace.cli import _terminal
        from abm_trace.exports import MARKS

        screen = _terminal.screen()
        verdict, advice = {
            "clear": ("confirmed", ""),
            "blocked": (
                "vanished",
                "do   stage nothing here: let this computer follow a time server (NTP), and look again",
            ),
            "not_sure": ("unknown", "do   stage nothing here: name a time server that can be reached, --server HOST"),
        }[found.state]
        lines = screen.sentence(f"{MARKS[verdict]} {found.state.replace('_', ' ')}: {words}", style=verdict)
        for each in found.problems:
            lines += screen.sentence(f"? {each}", indent="  ")
        lines += screen.sentence(advice, indent="  ") if advice else []
        _terminal.write(screen.finish(lines))

    def _run(self, state: str) -> None:
        """Run the hook; one that fails or hangs is told, and the guard goes on."""
        from abm_trace.cli import _terminal

        words = [*self._hook, state]
        ended, held = os.pipe()  # Its end is waited for with select: sleeping asks the clock that is in question.
        try:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, pass_fds=[held])  # noqa: S603  # What the user named, without a shell.
            os.close(held)
            held = -1
            if not select.select([ended], [], [], _HOOK_S_MAX)[0]:
                process.kill()
            code = process.wait()
        except OSError as error:
            _terminal.aside(f"abm-trace: the hook failed: {shlex.join(words)}: {error.strerror}")
        else:
            if code:
                why = f"did not end within {_HOOK_S_MAX} s" if code < 0 else f"ended with {code}"
                _terminal.aside(f"abm-trace: the hook failed: {shlex.join(words)} {why}")
        finally:
            for each in {ended, held} - {-1}:
                os.close(each)


def main() -> None:
    """The program `abm-clock-guard`: the command by itself."""
    from abm_trace.cli import _program

    _program.run(_program.alone(command), "abm-clock-guard")
