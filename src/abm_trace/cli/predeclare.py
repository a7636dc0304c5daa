"""`abm-trace predeclare CASE|FILE`: composite fingerprints, and declaring them to ABM before staging (SPEC E7)."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from abm_trace.cli import _sheet
from abm_trace.cli.check import _report
from abm_trace.core.errors import UsageError

if TYPE_CHECKING:
    from abm_trace.exports import Screen
    from abm_trace.identity.fingerprint import Declared
    from abm_trace.net.http import Answer

_EPILOG = """\b
For example:
  abm-trace predeclare manifest.csv --format csv --out fingerprints.csv
  abm-trace predeclare manifest.csv --submit --region eu-west \\
                       --bearer token.txt

\b
Exit code:
  0  fingerprints are printed; with --submit each of them is declared
  1  --submit: some are not declared
  2  bad usage
  3  nothing readable
"""
_BATCH: Final = 16
_FATAL: Final = frozenset({204, 401, 403, 429})
"""Answers after which no other one will be better."""


class FingerprintObject(msgspec.Struct, frozen=True):
    """A device's fingerprint; `lacks` names the parts that nobody knows; `state` what became of declaring it."""

    serial: str
    fingerprint: str
    lacks: str
    state: str


class PredeclareDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/predeclare/1"):
    """The fingerprints of a rollout."""

    simulated: bool
    region: str
    devices: list[FingerprintObject]


@click.command("predeclare", epilog=_EPILOG)
@click.argument("path", metavar="CASE|FILE", type=_report.path())
@click.option("--submit", is_flag=True, help="Declare them to ABM; else they are only printed.")
@click.option("--region", metavar="REGION", default="", help="The region; devices of another one are left out.")
@click.option("--bearer", type=_report.path(dir_okay=False, exists=True), metavar="FILE",
              help="The token's secret; else $ABM_TRACE_TOKEN.")  # fmt: skip
@click.option("--client-certificate", "client", type=_report.path(dir_okay=False, exists=True), metavar="FILE",
              help="Show this certificate (PEM, with its key).")  # fmt: skip
@click.option("--at", metavar="HOST:PORT", help="Connect to this place in the endpoint's stead.")
@_report.reaching
@_sheet.options
@click.pass_context
def command(
    ctx: click.Context,
    *,
    path: Path,
    submit: bool,
    region: str,
    bearer: Path | None,
    client: Path | None,
    at: str | None,
    proxy: str | None,
    trust: Path | None,
    allow_loopback: bool,
    form: str,
    out: Path | None,
) -> None:
    """Print the composite fingerprint of each device of a case, manifest or inventory; with --submit declare them.

    The same unit has the same fingerprint, so that declaring twice does no harm.
    """
    from abm_trace.cli.check.firmware import devices_of
    from abm_trace.identity.fingerprint import declared

    if submit and not region:
        raise UsageError("--submit needs the region", hint="Example: --submit --region eu-west --bearer token.txt")
    devices, simulated = devices_of(path)
    wanted = (each for each in devices if not region or each.attrs.get("region", region) == region)
    found = list(declared({**each.attrs, "serial": each.serial} for each in wanted))
    states = [""] * len(found)
    if submit:
        from abm_trace.cli.check._secret import secret
        from abm_trace.sources.probes import abm

        way = _report.way(at=at, proxy=proxy, trust=trust, client=client)
        allow = abm.allowed(region, way.at, way.proxy, loopback=allow_loopback)
        held = abm.Bearer("", secret(bearer))
        send = partial(_sent, partial(abm.predeclare, region, bearer=held, allow=allow, way=way))
        states = list(_declared(found, send))
    rows = [
        FingerprintObject(each.serial, each.fingerprint, ", ".join(each.lacks), state)
        for each, state in zip(found, states, strict=True)
    ]
    document = PredeclareDocument(simulated, region, rows)
    _sheet.hand_over(form, out, lambda screen: _page(document, screen, submit=submit), document, rows)
    ctx.exit(int(submit and any(each not in {"declared", "known"} for each in states)))


def _sent(post: "partial[Answer]", device: "Declared") -> tuple[str, bool]:
    """What became of declaring a device, and whether to go on."""
    from abm_trace.net.reach import ReachError

    try:
        answer = post((device.serial, device.fingerprint))
    except ReachError as error:
        return str(error), False
    if answer.status in {200, 201}:
        return ("declared" if answer.status == 201 else "known"), True
    return f"refused ({answer.status})", answer.status not in _FATAL


def _declared(found: "Sequence[Declared]", send: "partial[tuple[str, bool]]") -> Iterator[str]:
    """What became of each; after an answer that no other one can better, the rest is not sent."""
    from concurrent.futures import ThreadPoolExecutor

    on = True
    with ThreadPoolExecutor(_BATCH) as pool:
        for start in range(0, len(found), _BATCH):
            batch = found[start : start + _BATCH]
            if not on:
                yield from ("not sent" for _ in batch)
                continue
            for state, goes_on in pool.map(send, batch):
                on = on and goes_on
                yield state


def _page(document: PredeclareDocument, screen: "Screen", *, submit: bool) -> Iterator[str]:
    from collections import Counter

    from abm_trace.exports._interface import count

    if document.simulated:
        yield screen.paint(_report.SIMULATED, "bold")
    lacking = sum(bool(each.lacks) for each in document.devices)
    parts = [count(len(document.devices), "fingerprint")]
    parts += [
        f"{number:,} {state}" for state, number in Counter(each.state for each in document.devices).items() if state
    ]
    parts += [f"{lacking:,} lack a part, which is empty in theirs"] if lacking else []
    parts += [] if submit else ["nothing was sent"]
    yield from screen.sentence("; ".join(parts), style="bold")
    shown = document.devices if screen.rows is None else document.devices[: screen.rows]
    rows = [("serial", "fingerprint", "lacks", "state")]
    rows += [(each.serial, each.fingerprint, each.lacks or "–", each.state or "–") for each in shown]
    yield from screen.columns(rows, whole=(0, 1))
    if len(shown) < len(document.devices):
        yield f"  and {len(document.devices) - len(shown):,} more: --format csv --out FILE"
