"""The command line: one file a command, imported when it is asked for; errors become text and exit codes here alone."""

import importlib
import io
import os
import sys
from types import TracebackType
from typing import Any, ClassVar

import click

from abm_trace.core.errors import AbmTraceError, NothingReadableError

INTERRUPTED, UNREAD = 130, 141
"""The exit codes of a command that was stopped at the keyboard, or whose reader went away, as shells have them."""

CRASHED = 70
"""The exit code of a fault of abm-trace itself: 1 means "devices failed" and nothing else. From: sysexits.h."""


class _Commands(click.Group):
    """Imports a command only when it is asked for, so that `--help` stays quick."""

    names: ClassVar[dict[str, str]] = {
        "triage": "Trace a case: a verdict for every device.",
        "explain": "Explain one device, or a name such as L3.",
        "reconcile": "Compare manifest, ABM, DEP and MDM: who lacks whom.",
        "licences": "Count the MDM seats that are consumed, in use and lost.",
        "sla": "Say whether the agreed registration rate was met.",
        "check": "Check one thing, live or saved: check tls HOST.",
        "checklist": "Take the six triage steps; the exit code says whether to escalate.",
        "validate": "Validate enrolment profiles; abm-validate is the same.",
        "guard": "Run a staging step, and stop it when a device stays silent.",
        "health": "Score the rollout's health, and say whether it may go on.",
        "tokens": "List the tokens, their age, and when to rotate each.",
        "clock-guard": "Block staging while this computer's clock is wrong.",
        "policy": "Let Rego policies decide: policy eval|test.",
        "remedy": "Render what helps: configuration, scripts, runbooks.",
        "predeclare": "Fingerprint devices, and declare them before they are staged.",
        "v2-ready": "Say what still depends on the ABM API's v1, and rewrite it.",
        "mark": "Say of a finding whether it is right.",
        "signatures": "List, test, lint and convert the signatures.",
        "evidence": "Keep, check, hold and purge evidence: evidence verify STORE.",
        "completion": "Print the completion script of a shell.",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.names:
            return None
        command: click.Command = importlib.import_module(f"abm_trace.cli.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.names.items()))

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # As click has it.
        """Run the program, with streams that take any text and faults of ours that never look like findings."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        sys.excepthook = _crashed
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; its deliberate errors become a message on standard error and an exit code."""
        try:
            result: object = super().invoke(ctx)
        except AbmTraceError as error:
            from abm_trace.exports import plain

            print("abm-trace:", plain(error.diagnostics(), keep="\n"), file=sys.stderr)
            ctx.exit(3 if isinstance(error, NothingReadableError) else 2)
        except KeyboardInterrupt:
            print("abm-trace: stopped", file=sys.stderr)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(UNREAD)
        return result


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    import traceback

    traceback.print_exception(kind, error, trace)
    print("abm-trace: this is a fault of abm-trace, not of the case; report it with the lines above", file=sys.stderr)
    sys.stderr.flush()
    os._exit(CRASHED)


def _version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from abm_trace import __version__

        print(f"abm-trace {__version__}")
        ctx.exit()


_EPILOG = """\b
For example:
  abm-trace triage CASE
  abm-trace explain F9FXQ1ABCD --case CASE
  abm-trace check boot-log F9FXQ1ABCD.log
"""


@click.group(cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def main() -> None:
    """Say for every device of a rollout how far it came, what stopped it, and on what evidence."""
