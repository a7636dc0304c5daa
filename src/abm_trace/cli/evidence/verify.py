"""`abm-trace evidence verify STORE`: the check of `abm-trace-verify`, from the main program."""

from pathlib import Path

import click

_EPILOG = """\b
For example:
  abm-trace evidence verify evidence --key key.txt
  abm-trace evidence verify evidence --since checkpoint-of-march \\
                            --tsa-ca ca.pem
  abm-trace evidence verify bundle.tar --key key.txt

\b
abm-trace-verify is the same check as a program of its own.

\b
Exit code:
  0  the log is whole
  1  something is not as it was signed; each is named
  2  bad usage, or no evidence log
"""
_FILE = click.Path(path_type=Path)


@click.command("verify", epilog=_EPILOG)
@click.argument("store", type=_FILE)
@click.option(
    "--key", "keys", multiple=True, metavar="KEY", help="A trusted verifier key, or a file of such; may be given again."
)
@click.option(
    "--since", multiple=True, type=_FILE, metavar="FILE", help="A checkpoint kept from earlier; may be given again."
)
@click.option(
    "--tsa-ca",
    "roots",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="Roots of time-stamping authorities; may be given again.",
)
@click.option("--entry", type=_FILE, metavar="FILE", help="For a tlog-proof: the record that it is about.")
@click.option("--lock", type=_FILE, metavar="FILE", help="The lock database; STORE.lock if not given.")
@click.option("--records-only", is_flag=True, help="Leave out the kept bytes.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    store: Path,
    keys: tuple[str, ...],
    since: tuple[Path, ...],
    roots: tuple[Path, ...],
    entry: Path | None,
    lock: Path | None,
    records_only: bool,
    form: str,
) -> None:
    """Check the log, the bundle, or the proof STORE: alone, offline, without changing it."""
    import msgspec

    from abm_trace.cli import _progress, _terminal
    from abm_trace.cli.evidence import _options
    from abm_trace.evidence import alone

    given = alone.Given(keys, since, roots, not records_only, _options.now())
    if found := alone.proved(store, given, entry):
        click.echo(found[1])
        ctx.exit(found[0])
    with _progress.waiting(f"checking {store}"):
        report = alone.check(store, lock, given)
    if form == "json":
        _terminal.write(msgspec.json.format(msgspec.json.encode(alone.document(report))) + b"\n")
    else:
        _terminal.write(_terminal.screen().finish(alone.lines(report, given)))
    ctx.exit(alone.BROKEN if report.problems else alone.WHOLE)
