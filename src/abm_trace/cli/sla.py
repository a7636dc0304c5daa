"""`abm-trace sla CASE`: the registration rate against a target, and whether so few devices can show it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from abm_trace.cli import _sheet, _tracing

if TYPE_CHECKING:
    from abm_trace.exports import Screen
    from abm_trace.pipeline.triage import Triage
    from abm_trace.views.sla import Rate, Sla

_EPILOG = """\b
For example:
  abm-trace sla CASE
  abm-trace sla CASE --target 99.9 --fail-on missed

\b
Exit code:
  0  done; also where the target is missed, if --fail-on does not ask for it
  1  the target is missed (or, with --fail-on unproved, not shown to be met)
  2  bad usage
  3  nothing readable
"""
_WIDE = 100
"""From this width on a row also says the rate itself."""

_MARKS = {"met": "✓", "missed": "✗", "unproved": "?"}
_STYLES = {"met": "confirmed", "missed": "failed", "unproved": "unknown"}


class RateObject(msgspec.Struct, frozen=True):
    """The registration rate of some devices; `low` and `high` are its bounds, each by itself with 95 %."""

    by: str
    name: str
    registered: int
    failed: int
    undecided: int
    rate: float | None
    low: float | None
    high: float | None
    state: str
    needed: int | None


class SlaDocument(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/sla/1"):
    """Whether the agreed registration rate was met, in all and by site and batch."""

    as_of: str
    simulated: bool
    target: float
    total: RateObject
    groups: list[RateObject]


@click.command("sla", epilog=_EPILOG)
@click.argument("case", type=click.Path(path_type=Path))
@click.option(
    "--target", metavar="PERCENT", default="99.99", show_default=True, help="The share of devices that must register."
)
@click.option(
    "--fail-on",
    type=click.Choice(["missed", "unproved", "none"]),
    default="none",
    show_default=True,
    help="What makes the exit code 1.",
)
@_sheet.options
@_tracing.options
def command(*, case: Path, target: str, fail_on: str, form: str, out: Path | None, tracing: _tracing.Tracing) -> None:
    """Compare the registration rate of the rollout CASE with a target: met, missed, or not to be shown with so few."""
    from abm_trace.core.instants import render
    from abm_trace.views.sla import sla

    share = round(_sheet.number("--target", target, 1, 100, "99.9") / 100, 12)
    traced = _sheet.trace(case, tracing)
    found = sla(traced.verdicts, traced.devices, share)
    rows = [_row("all", "", found.total)]
    rows += [_row(by, name, each) for by, group in found.groups.items() for name, each in group.items()]
    document = SlaDocument(render(traced.as_of), traced.case.simulated, share, rows[0], rows[1:])
    _sheet.hand_over(form, out, lambda screen: _page(found, traced, target, screen), document, rows)
    bad = {"missed": {"missed"}, "unproved": {"missed", "unproved"}, "none": set[str]()}[fail_on]
    click.get_current_context().exit(int(found.total.state in bad))


def _row(by: str, name: str, rate: "Rate") -> RateObject:
    share = None if rate.low is None else rate.registered / rate.decided
    numbers = (rate.registered, rate.failed, rate.open)
    return RateObject(by, name, *numbers, share, rate.low, rate.high, rate.state, rate.needed)


def _page(found: "Sla", traced: "Triage", target: str, screen: "Screen") -> Iterator[str]:
    from abm_trace.exports._interface import count, moment

    if traced.case.simulated:
        yield screen.paint("SIMULATED: the lab made this case, no real device is in it", "bold")
    total = found.total
    style = {"met": "confirmed", "missed": "bad", "unproved": "unknown"}[total.state]
    yield from screen.sentence(f"{_MARKS[total.state]} {_sentence(total, target)}", style=style)
    yield from screen.columns(
        [
            ("as of", moment(traced.as_of, traced.case.zone)),
            ("registered", f"{total.registered:,} of {total.decided:,} of which it is decided"),
            ("left out", f"{count(total.open, 'device')}: on their way, or a side was not read"),
            ("bounds", "exact (Clopper–Pearson), each by itself with 95 %"),
        ]
    )
    for by, group in found.groups.items():
        yield ""
        yield screen.paint(f"By {by}, the most failures first", "bold")
        shown = list(group.items()) if screen.rows is None else list(group.items())[: screen.rows]
        wide = screen.width >= _WIDE
        share = ("rate",) if wide else ()
        header = ("", by, "failed", "of", "left out", *share, "at least", "at most", "target", "needed")
        rows = [header, *(_cells(name or f"(no {by})", rate, wide=wide) for name, rate in shown)]
        last = len(header) - 1
        first, *rest = screen.columns(rows, right=(*range(2, last - 1), last))
        yield screen.paint(first, "faint")
        for (_, rate), line in zip(shown, rest, strict=True):
            yield screen.paint(line, _STYLES[rate.state])
        if len(shown) < len(group):
            yield f"  and {len(group) - len(shown):,} more"


def _sentence(rate: "Rate", target: str) -> str:
    if rate.low is None or rate.high is None:
        return f"The target of {target} % cannot be shown: of no device it is decided whether it registered"
    came = f"{rate.registered:,} of {rate.decided:,} devices registered ({_percent(rate.registered / rate.decided)})"
    if rate.state == "met":
        return f"The target of {target} % is met: {came}, at least {_percent(rate.low)}"
    if rate.state == "missed":
        return f"The target of {target} % is missed: {came}, at most {_percent(rate.high)}"
    more = "without a failure" if not rate.failed else f"with these {rate.failed:,} failures and no more"
    return (
        f"The target of {target} % cannot be shown with so few: {came}, which proves {_percent(rate.low)} at most; "
        f"it takes {rate.needed:,} devices {more}"
    )


def _cells(name: str, rate: "Rate", *, wide: bool) -> tuple[str, ...]:
    numbers = (f"{rate.failed:,}", f"{rate.decided:,}", f"{rate.open:,}")
    share = (rate.registered / rate.decided if rate.decided else None,) if wide else ()
    shares = tuple("–" if each is None else _percent(each) for each in (*share, rate.low, rate.high))
    needed = f"{rate.needed:,}" if rate.needed else ""
    return (_MARKS[rate.state], name, *numbers, *shares, rate.state, needed)


def _percent(share: float) -> str:
    """Three decimals, never rounded to a 100 that is none."""
    return "> 99.999 %" if 0.999995 <= share < 1 else f"{100 * share:.3f} %"
