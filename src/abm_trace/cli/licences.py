"""`abm-trace licences CASE`: the MDM seats that a rollout consumed, those in use, those lost, and what they cost."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from abm_trace.cli import _sheet, _tracing

if TYPE_CHECKING:
    from abm_trace.exports import Screen
    from abm_trace.pipeline.triage import Triage
    from abm_trace.views.licences import Licences, Seats

_EPILOG = """\b
For example:
  abm-trace licences CASE
  abm-trace licences CASE --price 4.50 --format csv --out seats.csv

\b
Exit code:
  0  done
  2  bad usage
  3  nothing readable
"""
_PRICE_MAX_USD = 1e6
_WIDE = 100
"""From this width on a row also says how many devices there are and wait."""


class SeatsObject(msgspec.Struct, frozen=True):
    """The seats of some devices; `lost` are those leaked and those of retries."""

    by: str
    name: str
    devices: int
    consumed: int
    in_use: int
    leaked: int
    retries: int
    lost: int
    waiting: int
    not_known: int
    over_provisioned: float | None
    cost_usd: float
    lost_usd: float


class LicencesDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/licences/1"):
    """The MDM seats of a rollout: consumed, in use, lost, in all and by site and batch."""

    as_of: str
    simulated: bool
    price_usd: float
    price_origin: str
    total: SeatsObject
    groups: list[SeatsObject]


@click.command("licences", epilog=_EPILOG)
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--price",
    metavar="USD",
    default="2.99",
    show_default=True,
    help="What a seat costs a device and year (the guide says so).",
)
@_sheet.options
@_tracing.options
def command(*, case: Path, price: str, form: str, out: Path | None, tracing: _tracing.Tracing) -> None:
    """Count the MDM seats that the rollout CASE consumed, and those that are lost. ABM itself is free."""
    from abm_trace.core.instants import render
    from abm_trace.views.licences import PRICE_USD, licences

    value = _sheet.number("--price", price, 0, _PRICE_MAX_USD, "4.50")
    traced = _sheet.trace(case, tracing)
    found = licences(traced.verdicts, traced.devices, value)
    rows = [_row(found, "all", "", found.total)]
    rows += [_row(found, by, name, each) for by, group in found.groups.items() for name, each in group.items()]
    origin = "guide" if value == PRICE_USD else "--price"
    document = LicencesDocument(render(traced.as_of), traced.case.simulated, value, origin, rows[0], rows[1:])
    _sheet.hand_over(form, out, lambda screen: _page(found, traced, screen), document, rows)


def _row(found: "Licences", by: str, name: str, seats: "Seats") -> SeatsObject:
    share = seats.over_provisioned
    return SeatsObject(
        by,
        name,
        seats.devices,
        seats.consumed,
        seats.used,
        seats.leaked,
        seats.retries,
        seats.lost,
        seats.waiting,
        seats.unknown,
        None if share is None else round(share, 6),
        round(seats.consumed * found.price, 2),
        round(seats.lost * found.price, 2),
    )


def _page(found: "Licences", traced: "Triage", screen: "Screen") -> Iterator[str]:
    from abm_trace.exports._interface import count, moment
    from abm_trace.views.licences import PRICE_USD, sentence

    if traced.case.simulated:
        yield screen.paint("SIMULATED: the lab made this case, no real device is in it", "bold")
    total = found.total
    if said := sentence(found):
        yield from screen.sentence(f"{'✗' if total.lost else '?'} {said}", style="bad" if total.lost else "bold")
    else:
        yield from screen.sentence(f"· No seat is lost, of {count(total.consumed, 'MDM seat')}", style="bold")
    guide = "the guide's price; ABM itself is free, the MDM's seat is what costs"
    whose = guide if found.price == PRICE_USD else "as --price says"
    yield from screen.columns(
        [
            ("as of", moment(traced.as_of, traced.case.zone)),
            ("price", f"${found.price:,.2f} a device and year ({whose})"),
            ("consumed", f"{count(total.consumed, 'seat')}, ${total.consumed * found.price:,.2f} a year"),
            ("", f"{total.synced:,} by being synced, {total.retries:,} by retries"),
            ("no seat", f"of {count(total.devices - total.synced, 'device')} nothing says that it was synced"),
        ]
    )
    for by, group in found.groups.items():
        yield ""
        yield screen.paint(f"By {by}, the most lost first", "bold")
        wide = screen.width >= _WIDE
        more = ("devices", "waiting") if wide else ()
        header = (by, "seats", "in use", "leaked", "retries", "not known", *more, "over", "lost")
        shown = list(group.items()) if screen.rows is None else list(group.items())[: screen.rows]
        rows = [header, *(_cells(found, name or f"(no {by})", seats, wide=wide) for name, seats in shown)]
        first, *rest = screen.columns(rows, right=range(1, len(header)))
        yield screen.paint(first, "faint")
        for (_, seats), line in zip(shown, rest, strict=True):
            yield screen.paint(line, "failed" if seats.lost else "")
        if len(shown) < len(group):
            yield f"  and {len(group) - len(shown):,} more"
    yield ""
    yield from screen.sentence(
        "A seat in use is of a device that Apple registered or the MDM enrolled; a leaked one of a device that never "
        "registered; of one that is not known a side was not read."
    )


def _cells(found: "Licences", name: str, seats: "Seats", *, wide: bool) -> tuple[str, ...]:
    over = seats.over_provisioned
    numbers = (seats.consumed, seats.used, seats.leaked, seats.retries, seats.unknown)
    more = (seats.devices, seats.waiting) if wide else ()
    share = "–" if over is None else f"{100 * over:.1f} %"
    return (name, *(f"{number:,}" for number in (*numbers, *more)), share, f"${seats.lost * found.price:,.2f}")
