"""`abm-trace evidence …`: the evidence log; one file a subcommand, imported when it is asked for."""

from typing import ClassVar

import click

from abm_trace.cli import _program

_EPILOG = """\b
For example:
  abm-trace evidence key new evidence --origin acme.example/evidence
  abm-trace evidence add evidence CASE --trace
  abm-trace evidence verify evidence
"""


class _Subcommands(_program.Commands):
    home = __name__
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


@click.group("evidence", cls=_Subcommands, epilog=_EPILOG)
def command() -> None:
    """Keep evidence so that it can be checked without us: append-only, signed, with retention and holds."""
