"""`abm-trace evidence stamp STORE`: have a checkpoint time-stamped by an outside authority (RFC 3161)."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli.evidence import _options
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.evidence.places import Places

_EPILOG = """\b
For example, once a day:
  abm-trace evidence stamp evidence --query today.tsq
  curl --max-time 60 -H "Content-Type: application/timestamp-query" \\
       --data-binary @today.tsq https://tsa.example/ > today.tsr
  abm-trace evidence stamp evidence --response today.tsr --tsa-ca ca.pem
"""
_FILE = click.Path(path_type=Path)


@click.command("stamp", epilog=_EPILOG)
@_options.places
@click.option("--query", type=_FILE, metavar="FILE", help="Write the question over today's checkpoint to FILE.")
@click.option("--response", type=_FILE, metavar="FILE", help="Check the answer in FILE and keep it.")
@_options.FORCE
@click.option("--tsa-ca", type=_FILE, metavar="FILE", help="The authority's root certificate (PEM).")
def command(*, places: "Places", query: Path | None, response: Path | None, tsa_ca: Path | None, force: bool) -> None:
    """Ask for, or keep, a time stamp over the newest checkpoint of the log STORE."""
    from abm_trace.cli import _terminal
    from abm_trace.core import instants
    from abm_trace.evidence import alone, stamp, stamping
    from abm_trace.evidence.store import Writer

    if (query is None) == (response is None) or (response is None) != (tsa_ca is None):
        raise UsageError("give --query FILE, or --response FILE with --tsa-ca FILE", hint="See: evidence stamp --help")
    if query is not None:
        _options.target(query, places, "--query", force=force)
    with Writer(places) as writer:
        if query is not None:
            data = stamping.ask(writer)
            _terminal.save(query, stamp.question(data, secrets.randbits(63)))
            click.echo(f"wrote {query}: send it to the authority, and keep its answer with --response")
        elif response is not None and tsa_ca is not None:
            answer = alone.read(response)
            found = stamping.keep(writer, answer, alone.roots(tsa_ca), now=_options.now())
            click.echo(f"kept: {found.authority} saw this checkpoint at {instants.render(found.at)}")
