"""The command line: one file a command, imported when it is asked for; errors become text and exit codes here alone."""

import importlib
import sys
from typing import ClassVar

import click

from abm_trace.core.errors import AbmTraceError, NothingReadableError

INTERRUPTED = 130
"""The exit code of a command that was stopped at the keyboard, as shells have it."""


class _Commands(click.Group):
    """Imports a command only when it is asked for, so that `--help` stays quick."""

    names: ClassVar[dict[str, str]] = {
        "triage": "Trace a case: a verdict for every device.",
        "explain": "Explain one device: its ladder, its timeline, its proof.",
        "check": "Check one thing: check boot-log FILE.",
        "signatures": "List, test and lint the signatures.",
        "completion": "Print the completion script of a shell.",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.names:
            return None
        command: click.Command = importlib.import_module(f"abm_trace.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.names.items()))

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
        return result


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    r"""Say for every device of a rollout how far it came, what stopped it, and on what evidence.

    \b
    For example:
      abm-trace triage CASE
      abm-trace explain F9FXQ1ABCD --case CASE
    """
