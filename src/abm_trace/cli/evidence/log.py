"""`abm-trace evidence log STORE`: list the records, or print one with its proof."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from abm_trace.cli.evidence import _options
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.evidence.entry import Entry
    from abm_trace.evidence.places import Places
    from abm_trace.evidence.published import Published

_EPILOG = """\b
For example:
  abm-trace evidence log evidence
  abm-trace evidence log evidence --serial F9FXQ1ABCD
  abm-trace evidence log evidence --proof 12 > record-12.tlog-proof
  abm-trace evidence log evidence --entry 12 > record-12.json
  abm-trace evidence log evidence --since checkpoint-of-march > growth
  abm-trace evidence log evidence --bytes 12 > boot.log

\b
Exit code:
  0  done
  2  bad usage, or no such log, record or device
"""


@click.command("log", epilog=_EPILOG)
@_options.places
@click.option("--kind", help="Only records of this kind.")
@click.option("--serial", help="Only what is bound to this device; what was purged is bound to none.")
@click.option("--format", "form", type=click.Choice(["text", "ndjson"]), default="text", show_default=True)
@click.option("--proof", type=int, metavar="INDEX", help="Print the proof that this record is in the log (tlog-proof).")
@click.option("--entry", type=int, metavar="INDEX", help="Print this record alone, the bytes that its proof is about.")
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Print the proof that the log only grew since the checkpoint in FILE.",
)
@click.option("--bytes", "content", type=int, metavar="INDEX", help="Print what this record keeps.")
def command(
    *,
    places: "Places",
    kind: str | None,
    serial: str | None,
    form: str,
    proof: int | None,
    entry: int | None,
    since: Path | None,
    content: int | None,
) -> None:
    """List the records of the log STORE, the oldest first."""
    from abm_trace.cli import _terminal
    from abm_trace.evidence import alone, proofs
    from abm_trace.evidence.entry import encode
    from abm_trace.evidence.files import Folder
    from abm_trace.evidence.published import Published

    published = Published(Folder(places.store))
    if proof is not None:
        _terminal.write(published.proof(proof))
        return
    if entry is not None:
        _terminal.write(encode(published.entry(entry)))
        return
    if since is not None:
        _terminal.write(proofs.growth(published, alone.read(since)))
        return
    if content is not None:
        _terminal.write(b"".join(published.content(content)))
        return
    head = published.checkpoint()
    if head is None:
        raise UsageError(
            f"{places.store}: is no evidence log, or an empty one",
            hint=f"See: abm-trace evidence verify {shlex.quote(str(places.store))}",
        )
    screen = _terminal.screen()
    for index, each, binding in _records(published, head[0].size, serial):
        if kind not in {None, each.kind}:
            continue
        if form == "ndjson":
            _terminal.write(_object(index, each, binding))
        else:
            _terminal.write(screen.finish([f"{index:>7}  {each.t}  {each.kind:8}{_said(each, binding)}".rstrip()]))


def _records(published: "Published", size: int, serial: str | None) -> Iterator["tuple[int, Entry, bytes]"]:
    """Index, entry and binding (JSON, empty where there is none) of each record, or of those of a device."""
    from abm_trace.evidence import blobs, tiles

    lines: list[str] = []
    for index, entry in published.entries(size):
        if index % tiles.WIDTH == 0:
            lines = published.private(index // tiles.WIDTH)
        secret = blobs.Secret.parse(lines[index % tiles.WIDTH])
        binding = secret.binding if secret else b""
        if serial is None or any(each.serial == serial for each in blobs.binding_of(binding).devices):
            yield index, entry, binding


def _object(index: int, entry: "Entry", binding: bytes) -> bytes:
    import msgspec

    from abm_trace.evidence.entry import encode

    record = msgspec.Raw(encode(entry))
    return msgspec.json.encode({"index": index, "entry": record, "binding": msgspec.Raw(binding or b"null")}) + b"\n"


def _said(entry: "Entry", binding: bytes) -> str:
    """What an entry says, for people."""
    from abm_trace.evidence import blobs
    from abm_trace.evidence.entry import KEPT
    from abm_trace.exports import plain

    if entry.kind in KEPT:
        bound = blobs.binding_of(binding)
        names = [each.serial or each.udid or each.io_platform_uuid for each in bound.devices[:3]]
        more = len(bound.devices) + bound.more - len(names)
        devices = ", ".join(names) + (f" and {more:,} more" if more > 0 else "")
        return plain(f"{entry.size_bytes:,} bytes  " + (f"{bound.path}  {devices}" if binding else "purged"))
    words = [_options.records(entry.ranges)] if entry.ranges else []
    words += [f"{entry.act} {entry.key}"] if entry.key else []
    words += [f"lifts record {entry.hold}, with {entry.second}"] if entry.hold is not None else []
    words += [f"{entry.days_min} to {entry.days_max or '…'} days"] if entry.days_min else []
    return plain(", ".join([*words, f"by {entry.actor}: {entry.reason}"]))
