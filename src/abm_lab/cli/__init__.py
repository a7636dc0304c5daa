"""The command line of the lab: `abm-lab case`, `serve` and `grade`, one file a command."""

import contextlib
import importlib
import os
import sys
from typing import Any, ClassVar, Final, NoReturn

import click
from click.shell_completion import shell_complete

_MISUSED: Final = 2
_COMPLETE: Final = "_ABM_LAB_COMPLETE"
_INTERRUPTED, _UNREAD = 130, 141
"""The exit codes of a program that was stopped at the keyboard, or whose reader went away, as shells have them."""


class _Commands(click.Group):
    """Imports a command only when it is asked for, so that `--help` stays quick."""

    names: ClassVar[dict[str, str]] = {
        "case": "Write a simulated case and its truth.",
        "serve": "Serve a simulated world over real protocols, on loopback.",
        "grade": "Grade verdicts against the truth.",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.names:
            return None
        command: click.Command = importlib.import_module(f"abm_lab.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.names.items()))

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ANN401  # As click has it.
        """Run the program; what ends it without a result becomes a line and a code, never the 1 of a low grade."""
        words = args[0] if args else kwargs.get("args")
        # One that is closed becomes one that cannot be written to.
        sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
        try:
            try:
                code = _code(self, list(sys.argv[1:] if words is None else words))
            finally:
                sys.stdout.flush()
        except (KeyboardInterrupt, click.Abort):
            code = _ended(_INTERRUPTED, "stopped")
        except BrokenPipeError:
            code = _ended(_UNREAD)
        except OSError as error:
            if error.filename is not None:
                raise
            code = _ended(_MISUSED, f"standard output cannot be written: {error.strerror}; give it room")
        sys.exit(code)


def _code(command: click.Command, words: list[str]) -> int:
    if instruction := os.environ.get(_COMPLETE):
        return shell_complete(command, {}, "abm-lab", _COMPLETE, instruction)
    try:
        with command.make_context("abm-lab", words) as context:
            command.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return 0


def _ended(code: int, said: str = "") -> int:
    """The code, once nothing is left that Python would still write at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if said:
        click.echo(f"abm-lab: {said}", err=True)
    return code


_EPILOG = """\b
For example:
  abm-lab case /tmp/chicago --scenario chicago --devices 600 --sites 9
  abm-trace triage /tmp/chicago/case --format ndjson --out /tmp/verdicts
  abm-lab grade /tmp/chicago/truth.json /tmp/verdicts
"""


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EPILOG)
@click.version_option(package_name="abm-trace", message="%(prog)s %(version)s", help="Show the version.")
def main() -> None:
    """Simulate rollouts whose truth is known, and grade verdicts against that truth."""
