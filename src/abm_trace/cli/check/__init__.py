"""`abm-trace check …`: one check, without a case around it; one file a check, imported when it is asked for."""

from typing import ClassVar

import click

from abm_trace.cli import _evidence

_EPILOG = """\b
For example:
  abm-trace check boot-log F9FXQ1ABCD.log
  abm-trace check tls eu-west.abm.apple.com
  abm-trace check network
"""


class _Checks(_evidence.RecordedGroup):
    home = __name__
    names: ClassVar[dict[str, str]] = {
        "boot-log": "Find a registration that failed and was never made good.",
        "firmware": "Name the devices that need a fix before they are staged.",
        "tls": "Shake hands with an endpoint: staple, chain, protocol.",
        "network": "Look at every host that staging needs, from here.",
        "token": "Say whether tokens hold: expiry, rotation, region, sync.",
        "clock": "Measure this computer's clock, or judge saved measurements.",
        "audit": "List who asked, and whose MDM row still waits.",
        "payload": "Check enrolment profiles, and the staple of their host.",
        "region": "Guard a region: its health, and whose tokens are used there.",
    }


@click.group("check", cls=_Checks, epilog=_EPILOG)
@_evidence.STORE
@_evidence.NONE
def command() -> None:
    """Check one thing, without a case: a file, an endpoint, a clock, a token, this network."""
