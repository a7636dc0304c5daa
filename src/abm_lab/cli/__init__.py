"""The command line of the lab: `abm-lab case`, `serve` and `grade`, one file a command."""

import importlib
from typing import ClassVar

import click


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


_EPILOG = """\b
For example:
  abm-lab case /tmp/chicago --scenario chicago --devices 600 --sites 9
  abm-trace triage /tmp/chicago/case --format ndjson --out /tmp/verdicts.ndjson
  abm-lab grade /tmp/chicago/truth.json /tmp/verdicts.ndjson
"""


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EPILOG)
def main() -> None:
    """Simulate rollouts whose truth is known, and grade verdicts against that truth."""
