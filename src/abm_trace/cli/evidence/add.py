"""`abm-trace evidence add STORE PATH…`: keep files, or a traced case with its verdicts."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli.evidence import _names, _options
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.evidence.entry import Kept
    from abm_trace.evidence.places import Places

_EPILOG = """\b
For example:
  abm-trace evidence add evidence CASE --trace
  abm-trace evidence add evidence boot.log --serial F9FXQ1ABCD --token tok_1
  abm-trace evidence add evidence checklist.json --kind check

\b
Exit code:
  0  everything is kept
  1  something could not be read; it is named, the rest is kept
  2  bad usage, or the log refuses
"""


@click.command("add", epilog=_EPILOG)
@_options.places
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice(["raw", "verdict", "check", "action"]),
    default="raw",
    show_default=True,
    help="An input; verdicts; the report of a check; the record of what a person did.",
)
@click.option("--source", default="folder", show_default=True, help="Where they came from: an id, such as abm-api.")
@click.option("--trace", is_flag=True, help="PATH is a case: bind each file to its devices, keep the verdicts too.")
@click.option("--serial", default="", help="The device that they belong to.")
@click.option("--io-platform-uuid", default="", help="Its IOPlatformUUID.")
@click.option("--secure-rom-uuid", default="", help="Its SecureROMUUID.")
@click.option("--udid", default="", help="Its UDID.")
@click.option("--token", "tokens", multiple=True, help="A token that was used; may be given again.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    places: "Places",
    paths: tuple[Path, ...],
    kind: "Kept",
    source: str,
    trace: bool,
    serial: str,
    io_platform_uuid: str,
    secure_rom_uuid: str,
    udid: str,
    tokens: tuple[str, ...],
) -> None:
    """Keep the bytes of each PATH (a file, or all files below a folder) in the log STORE."""
    from abm_trace.cli import _progress, _terminal
    from abm_trace.cli.evidence import _inputs
    from abm_trace.evidence.adding import add
    from abm_trace.evidence.blobs import Binding, Ids
    from abm_trace.evidence.store import Writer

    ids = Ids(serial, io_platform_uuid, secure_rom_uuid, udid)
    binding = Binding(devices=(ids,) if ids != Ids() else (), tokens=tokens)
    if trace and (len(paths) > 1 or kind != "raw" or binding != Binding()):
        raise UsageError("--trace takes one case, and binds its files itself", hint="Leave out --kind, --serial, …")
    _options.check("source", source)
    for path in paths:
        if places.holds(path):
            raise UsageError(f"{path}: is in the log itself, or what stands beside it", hint="Name other files.")
    inputs, verdicts = _inputs.traced(paths[0], places) if trace else (_inputs.below(paths, binding, places), ())
    refused = kept = 0
    with Writer(places) as writer, _options.telling(writer), _progress.waiting("keeping", "files") as one:
        if source != "folder":
            _names.refuse(writer, source=source)
        for each in add(writer, inputs, kind=kind, origin=source, now=_options.now()):
            kept += each.record is not None
            one()
            if each.record is None:
                refused += 1
                _terminal.aside(f"not kept: {each.name}: {each.reason}")
        for each in add(writer, verdicts, kind="verdict", origin="triage", now=_options.now()):
            _terminal.write(f"record {each.record}: the verdicts\n".encode())
        size = writer.size
    click.echo(f"{kept:,} kept, {refused:,} not; {places.store} has {_options.counted(size, 'record')}")
    ctx.exit(int(refused > 0))
