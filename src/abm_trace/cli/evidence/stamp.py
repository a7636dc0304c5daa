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
For example:
  abm-trace evidence stamp evidence --url https://tsa.example/ --tsa-ca ca.pem

\b
By hand, where this computer reaches no network:
  abm-trace evidence stamp evidence --query today.tsq
  curl --max-time 60 -H "Content-Type: application/timestamp-query" \\
       --data-binary @today.tsq https://tsa.example/ > today.tsr
  abm-trace evidence stamp evidence --response today.tsr --tsa-ca ca.pem

\b
Exit code:
  0  done
  2  bad usage, or the log refuses; it says why
"""
_FILE = click.Path(path_type=Path)


@click.command("stamp", epilog=_EPILOG)
@_options.places
@click.option("--url", metavar="URL", help="Ask this authority (https or http) now, and keep its answer.")
@click.option("--query", type=_FILE, metavar="FILE", help="Write the question over today's checkpoint to FILE.")
@click.option("--response", type=_FILE, metavar="FILE", help="Check the answer in FILE and keep it.")
@_options.FORCE
@click.option("--tsa-ca", type=_FILE, metavar="FILE", help="The authority's root certificate (PEM).")
@click.option("--policy", default="", metavar="OID", help="Ask for a stamp under this policy, and take no other.")
@click.option("--timeout", default="30", show_default=True, metavar="SECONDS", help="How long --url may take.")
@click.option("--tls-trust", type=_FILE, metavar="FILE", help="For https: PEM roots, else this computer's own.")
@click.option("--proxy", metavar="HOST:PORT", help="For --url: go through this HTTP proxy (CONNECT).")
@click.option("--allow-loopback", is_flag=True, help="For --url: this very computer, too, for a lab that runs on it.")
def command(
    *,
    places: "Places",
    url: str | None,
    query: Path | None,
    response: Path | None,
    tsa_ca: Path | None,
    force: bool,
    policy: str,
    timeout: str,
    tls_trust: Path | None,
    proxy: str | None,
    allow_loopback: bool,
) -> None:
    """Ask for, or keep, a time stamp over the newest checkpoint of the log STORE."""
    from abm_trace.cli import _sheet, _terminal
    from abm_trace.core import instants
    from abm_trace.evidence import alone, stamp, stamping
    from abm_trace.evidence.errors import FormatError
    from abm_trace.evidence.store import Writer

    ways = [each for each in (url, query, response) if each is not None]
    if len(ways) != 1 or (query is None) == (tsa_ca is None):
        raise UsageError(
            "give --url URL with --tsa-ca FILE, or --query FILE, or --response FILE with --tsa-ca FILE",
            hint="See: evidence stamp --help",
        )
    if query is not None:
        _options.target(query, places, "--query", force=force)
        with Writer(places) as writer:
            _terminal.save(query, stamp.question(stamping.ask(writer), secrets.randbits(63), policy))
        click.echo(f"wrote {query}: send it to the authority, and keep its answer with --response")
        return
    root = tsa_ca or Path()
    if url is not None:
        from abm_trace.cli.evidence import _authority

        seconds = _sheet.number("--timeout", timeout, 0.1, 600, "30")
        asked = _authority.Asked(url, root, policy, tls_trust, proxy, allow_loopback, seconds)
        found = _authority.stamped(places, asked, _options.now)
    else:
        answer = alone.read(response or Path())
        roots = alone.roots(root)
        try:
            parsed = stamp.parse(answer)
        except FormatError as error:
            raise UsageError(f"--response {response}: {error}", hint=error.hint) from error
        if policy:
            stamp.answers(parsed, parsed.nonce or 0, policy)
        with Writer(places) as writer:
            found = stamping.keep(writer, answer, roots, now=_options.now())
    click.echo(f"kept: {found.authority} saw this checkpoint at {instants.render(found.at)}")
