"""`abm-trace check firmware CASE|FILE`: which devices need a fix before they are staged."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from abm_trace.cli import _sheet
from abm_trace.core.errors import NothingReadableError, UsageError

if TYPE_CHECKING:
    from abm_trace.checks.firmware import Checked, Need
    from abm_trace.core.nouns import Device
    from abm_trace.exports import Screen

_EPILOG = """\b
For example:
  abm-trace check firmware manifest.csv
  abm-trace check firmware CASE --format json
  abm-trace check firmware CASE --data our-firmware.toml

\b
Exit code:
  0  no device needs a fix first (what is not known stands in the headline)
  1  a device needs a fix first
  2  bad usage
  3  nothing readable
"""
_DATA_BYTES_MAX = 1024 * 1024


class NeedObject(msgspec.Struct, frozen=True):
    """A fix that devices need first, and on whose word: the guide's claim, and what Apple documents."""

    id: str
    title: str
    fix: str
    origin: str
    guide: str
    apple: str
    layer: str
    do: str
    devices: int


class FirmwareObject(msgspec.Struct, frozen=True):
    """A device and what the needs say of it."""

    serial: str
    state: str
    need: str
    why: str
    model: str
    os_version: str
    build: str
    evidence: str


class FirmwareDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/firmware/1"):
    """Which devices need a fix before they are staged."""

    simulated: bool
    counts: dict[str, int]
    needs: list[NeedObject]
    devices: list[FirmwareObject]


@click.command("firmware", epilog=_EPILOG)
@click.argument("path", metavar="CASE|FILE", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Needs of your own (TOML); one with the id of ours takes its place.",
)
@_sheet.options
@click.pass_context
def command(ctx: click.Context, *, path: Path, data: Path | None, form: str, out: Path | None) -> None:
    """Say which devices of a case, a manifest or an inventory need a fix before they are staged."""
    from abm_trace.checks.firmware import NEEDS_FIX, STATES, check, needs

    wanted = needs(_data(data) if data else None, str(data))
    devices, simulated = devices_of(path)
    found = check(devices, wanted)
    counts = Counter(each.state for each in found)
    rows = [
        FirmwareObject(
            each.serial, each.state, each.need, each.why, each.model, each.os_version, each.build,
            "; ".join(f"{o.path}:{o.line}" if o.line else f"{o.path} record {o.record}" for o in each.evidence),
        )
        for each in found
    ]  # fmt: skip
    meant = Counter(each.need for each in found if each.state == NEEDS_FIX)
    document = FirmwareDocument(
        simulated,
        {state: counts[state] for state in STATES},
        [
            NeedObject(n.id, n.title, n.fix, n.origin, n.guide, n.apple, n.layer, n.do, meant[n.id])
            for n in wanted
        ],
        rows,
    )  # fmt: skip
    _sheet.hand_over(form, out, lambda screen: _page(found, wanted, screen, simulated=simulated), document, rows)
    ctx.exit(int(bool(counts[NEEDS_FIX])))


def _data(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_DATA_BYTES_MAX + 1)
    if len(data) > _DATA_BYTES_MAX:
        raise UsageError(
            f"--data {path}: is larger than {_DATA_BYTES_MAX:,} bytes", hint="docs/gates.md shows its form."
        )
    return data


def devices_of(path: Path) -> "tuple[Sequence[Device], bool]":
    """The devices of a case, or of one file; what was not used is named. Raises NothingReadableError."""
    from abm_trace import identity, signatures
    from abm_trace.cli import _terminal
    from abm_trace.cli._tracing import Tracing
    from abm_trace.core.nouns import Blob
    from abm_trace.pipeline.reading import Reader

    if path.is_dir():
        traced = _sheet.trace(path, Tracing())
        return traced.devices, traced.case.simulated
    if not path.is_file():
        reason = "is no regular file" if path.exists() else "does not exist"
        raise UsageError(f"{path}: {reason}", hint="Give a case, a manifest or an MDM inventory: manifest.csv")
    rules, _ = signatures.load()
    readings = Reader(rules, UTC).readings(Blob(str(path), str(path), path.stat().st_size))
    resolution = identity.resolve(readings, lambda _reading: frozenset())
    _terminal.name_skipped([*(each for reading in readings for each in reading.skipped), *resolution.skipped])
    if not resolution.devices:
        raise NothingReadableError(
            f"{path}: names no device", hint="Give a case, a manifest or an MDM inventory: manifest.csv"
        )
    return resolution.devices, False


def _page(found: "list[Checked]", wanted: "Sequence[Need]", screen: "Screen", *, simulated: bool) -> Iterator[str]:
    from abm_trace.checks.firmware import FIXED, NEEDS_FIX, UNKNOWN
    from abm_trace.exports import MARKS
    from abm_trace.exports._interface import count

    if simulated:
        yield screen.paint("SIMULATED: the lab made this case, no real device is in it", "bold")
    of = Counter(each.state for each in found)
    verdict = "vanished" if of[NEEDS_FIX] else "unknown" if of[UNKNOWN] else "confirmed"
    text = f"{of[NEEDS_FIX]:,} of {count(len(found), 'device')} need a fix before they are staged"
    text += f"; of {of[UNKNOWN]:,} it is not known" if of[UNKNOWN] else ""
    text += f"; {of[FIXED]:,} have theirs" if of[FIXED] else ""
    yield from screen.sentence(f"{MARKS[verdict]} {text}", style=verdict)
    for need in wanted:
        meant = [each for each in found if each.need == need.id and each.state == NEEDS_FIX]
        if meant:
            yield ""
            yield screen.paint(f"{need.title}  ({count(len(meant), 'device')}; origin: {need.origin})", "bold")
            yield from screen.labelled("fix", need.fix)
            yield from screen.labelled("guide", need.guide) if need.guide else ()
            yield from screen.labelled("Apple", need.apple) if need.apple else ()
            yield from screen.labelled("do", need.do)
            yield from _list(meant, screen)
    unknown = [each for each in found if each.state == UNKNOWN]
    if unknown:
        yield ""
        yield screen.paint(f"Not known  ({count(len(unknown), 'device')})", "bold")
        yield from _list(unknown, screen)


def _list(meant: "list[Checked]", screen: "Screen") -> Iterator[str]:
    shown = meant if screen.rows is None else meant[: screen.rows]
    yield from screen.columns([(e.serial, e.model, e.os_version, e.build, e.why) for e in shown], whole=(0,))
    if len(shown) < len(meant):
        yield f"  and {len(meant) - len(shown):,} more"
