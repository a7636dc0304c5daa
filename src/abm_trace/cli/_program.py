"""A command as a program, and groups of them: errors become text and exit codes here alone, for all of them."""

import copy
import importlib
import os
import re
import sys
from collections.abc import Sequence
from typing import ClassVar, Final, NoReturn

import click

from abm_trace.core import ending
from abm_trace.core.errors import AbmTraceError, NothingReadableError

_EXAMPLE: Final = re.compile(r"^For example:?.*\n +(.+(?:(?<=\\)\n.+)*)", re.MULTILINE)


class Group(click.Group):
    """A group whose help says each command's whole first sentence, and which offers what is near a mistyped one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the first word. Raises click's UsageError, with the nearest, if there is none."""
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not ctx.resilient_parsing:
            from difflib import get_close_matches

            for near in get_close_matches(name, known, n=1):
                ctx.fail(f"No such command '{name}'. Did you mean '{near}'? See: {ctx.command_path} {near} --help")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.said(ctx, name)) for name in self.list_commands(ctx)])

    def said(self, ctx: click.Context, name: str) -> str:
        """What a command does: the first sentence of its help."""
        command = self.get_command(ctx, name)
        return " ".join(re.split(r"(?<=\.)\s|\n\n", (command.help if command else "") or "", maxsplit=1)[0].split())


class Commands(Group):
    """A group that imports a command only when it is asked for, so that `--help` stays quick."""

    home: ClassVar[str]
    """The package whose modules are the commands."""

    names: ClassVar[dict[str, str]]
    """The commands in the order that they are listed in, each with what it does."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.names:
            return None
        command: click.Command = importlib.import_module(f"{self.home}.{cmd_name.replace('-', '_')}").command
        return command

    def said(self, _ctx: click.Context, name: str) -> str:
        """What a command does, without importing it."""
        return self.names[name]


def _version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from abm_trace import __version__

        click.echo(f"{ctx.info_name} {__version__}")
        ctx.exit()


version = click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
)


def alone(command: click.Command) -> click.Command:
    """A command of abm-trace as a program by itself, which knows its version."""
    program = copy.copy(command)
    program.params = list(command.params)
    program.context_settings = {"help_option_names": ["-h", "--help"]}
    return version(program)


def run(command: click.Command, name: str, words: Sequence[str] | None = None) -> NoReturn:
    """Run the command as the program `name`; ends with its exit code."""
    with ending.program(name):
        raise SystemExit(_code(command, name, list(sys.argv[1:] if words is None else words)))


def _code(command: click.Command, name: str, words: list[str]) -> int:
    variable = f"_{name.replace('-', '_').upper()}_COMPLETE"
    if instruction := os.environ.get(variable):
        from click.shell_completion import shell_complete

        return shell_complete(command, {}, name, variable, instruction)
    try:
        with command.make_context(name, words) as context:
            command.invoke(context)
    except AbmTraceError as error:
        from abm_trace.exports import plain

        click.echo(f"{name}: {plain(error.diagnostics(), keep=chr(10))}", err=True)
        return 3 if isinstance(error, NothingReadableError) else ending.MISUSED
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except click.ClickException as error:
        error.show()
        if example := _example(error):
            click.echo(f"  Example: {example}", err=True)
        return error.exit_code
    return 0


def _example(error: click.ClickException) -> str:
    """How the command that was mistyped is typed, where the error itself names nothing near."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    return "" if context is None or "Did you mean" in error.format_message() else example(context.command)


def example(command: click.Command) -> str:
    """The first example of a command's help, on one line; "" for a command without any."""
    found = _EXAMPLE.search(command.epilog or "")
    return re.sub(r"\\\n *", "", found[1]) if found else ""
