"""`abm-trace evidence release STORE INDEX`: lift a hold, with a second person."""

from typing import TYPE_CHECKING

import click

from abm_trace.cli.evidence import _names, _options

if TYPE_CHECKING:
    from abm_trace.evidence.places import Places

_EPILOG = """\b
For example:
  abm-trace evidence release evidence 481 --second counsel-2 \\
                             --reason "matter 2026-17 closed"

\b
Exit code:
  0  done
  2  bad usage, or the log refuses; it says why
"""


@click.command("release", epilog=_EPILOG)
@_options.places
@click.argument("hold", type=int)
@click.option("--second", required=True, help="Who agrees: neither who asks nor who placed the hold.")
@_options.statement
def command(places: "Places", hold: int, second: str, actor: str | None, reason: str) -> None:
    """Lift the hold that stands in record HOLD of the log STORE."""
    from abm_trace.evidence import retention
    from abm_trace.evidence.store import Writer

    said = _options.entry("release", actor, reason, hold=hold, second=second)
    with Writer(places) as writer:
        _names.refuse(writer, actor=said.actor, reason=reason, second=second)
        index = retention.state(writer, said)
    click.echo(f"record {index}: the hold of record {hold} is lifted")
