"""`abm-trace evidence hold STORE`: put evidence under a legal hold."""

from typing import TYPE_CHECKING

import click

from abm_trace.cli.evidence import _names, _options

if TYPE_CHECKING:
    from abm_trace.evidence.places import Places

_EPILOG = """\b
For example:
  abm-trace evidence hold evidence --reason "matter 2026-17"
  abm-trace evidence hold evidence --index 120-480 --reason "matter 2026-17"

\b
Exit code:
  0  done
  2  bad usage, or the log refuses; it says why
"""


@click.command("hold", epilog=_EPILOG)
@_options.places
@click.option(
    "--index",
    "indexes",
    multiple=True,
    metavar="A-B",
    help="Records; all, also those to come, if not given; may be given again.",
)
@_options.statement
def command(places: "Places", indexes: tuple[str, ...], actor: str | None, reason: str) -> None:
    """Hold records of the log STORE: no purge touches them until a second person lifts the hold."""
    from abm_trace.evidence import retention
    from abm_trace.evidence.store import Writer

    held = _options.ranges(indexes)
    said = _options.entry("hold", actor, reason, ranges=held)
    with Writer(places) as writer:
        _names.refuse(writer, actor=said.actor, reason=reason)
        index = retention.state(writer, said)
    what = _options.records(held) if held else "every record, also those to come"
    click.echo(f"record {index}: {what} under hold")
