"""The devices that need someone, all of them: grouped by what stopped them, worst first, each group with what to do."""

from collections.abc import Iterator
from typing import Final

from abm_trace.core.nouns import FAILED, Verdict
from abm_trace.exports._interface import MARKS, Report, Screen, count, layer_name, moment, numbers, plain
from abm_trace.exports.text._notes import exposed

WIDE: Final = 120
"""From this width on a row also says when the last rung was reached and how often the device asked."""


def lines(report: Report, screen: Screen) -> Iterator[str]:
    """The lines of the groups, an empty one before each."""
    for group in numbers.groups(report):
        yield ""
        yield from _group(group, report, screen)


def _group(group: numbers.Group, report: Report, screen: Screen) -> Iterator[str]:
    what = f"{group.layer} {layer_name(group.layer, group.cause)}".strip()
    lack = f", missing: {' and '.join(group.missing)}" if group.missing else ""
    title = f"{MARKS[group.verdict]} {group.verdict} · {what}{lack} · {count(group.count, 'device')}"
    yield screen.paint(plain(title), group.verdict)
    yield from screen.sentence(f"To do: {group.advice}", indent="  ")
    rows = [_row(verdict, report, screen) for verdict in group.devices]
    style = "failed" if group.verdict in FAILED else group.verdict
    yield from (screen.paint(row, style) for row in screen.columns(rows, right=(len(rows[0]) - 1,), indent="    "))
    if said := exposed(group.devices):
        yield from screen.sentence(f"Exposed, as far as is known: {said}", indent="  ", style="failed")


def _row(verdict: Verdict, report: Report, screen: Screen) -> tuple[str, ...]:
    last = verdict.last_rung or "no rung"
    if screen.width >= WIDE and verdict.last_rung_at is not None:
        last = f"{last} {moment(verdict.last_rung_at, report.zone)}"
    attempts = (count(verdict.attempts, "attempt"),) if screen.width >= WIDE else ()
    layer = verdict.layer or "–"
    site = verdict.site or "(no site)"
    return (verdict.serial, site, verdict.verdict, last, layer, *attempts, f"{verdict.confidence} %")
