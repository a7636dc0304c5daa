"""`abm-trace evidence …`: the evidence log; one file a subcommand, imported when it is asked for."""

import importlib
from typing import ClassVar

import click

_EPILOG = """\b
For example:
  abm-trace evidence key new evidence --origin acme.example/evidence
  abm-trace evidence add evidence CASE --trace
  abm-trace evidence verify evidence
"""


class _Subcommands(click.Group):
    """Imports a subcommand only when it is asked for."""

    names: ClassVar[dict[str, str]] = {
        "key": "Make a log and its keys; rotate them: key new STORE.",
        "add": "Keep files, or a traced case with its verdicts.",
        "log": "List the records; print one, with its proof.",
        "verify": "Check a log: alone, offline, without changing it.",
        "hold": "Put evidence under a legal hold.",
        "release": "Lift a hold, with a second person.",
        "purge": "Delete what is old enough, and leave proof of it.",
        "bundle": "Make one file for an auditor or a vendor, redacted or not.",
        "sample": "Draw devices for an auditor, who can draw them again.",
        "stamp": "Have a checkpoint time-stamped (RFC 3161).",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.names:
            return None
        command: click.Command = importlib.import_module(f"abm_trace.cli.evidence.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.names.items()))


@click.group("evidence", cls=_Subcommands, epilog=_EPILOG)
def command() -> None:
    """Keep evidence so that it can be checked without us: append-only, signed, with retention and holds."""
