"""The answer in a few lines: how many vanished, what the failed share, what was not read, and what to do first."""

from collections.abc import Iterator
from typing import Final

from abm_trace.exports._interface import (
    FAILED,
    LABEL_WIDTH,
    MARKS,
    SIDES,
    Report,
    Screen,
    count,
    moment,
    numbers,
    plain,
    share,
)
from abm_trace.exports.text._next import Step

_COMPARED_MIN: Final = 5
"""Below so many failed or healthy devices nothing is compared (docs/contrast.md)."""


def lines(report: Report, screen: Screen, first: Step | None) -> Iterator[str]:
    """The answer; `first` is what to do first, None where nothing is."""
    if report.simulated:
        yield screen.paint("SIMULATED: the lab made this case, no real device is in it", "bold")
    read, refused = numbers.read(report), len(numbers.refused(report))
    files = f"read {read:,} of {count(read + refused, 'file')}, {refused:,} refused"
    newest = numbers.newest(report)
    yield from _headline(report, screen, f"; {files}; evidence reaches {moment(newest, report.zone)}")
    if any(verdict.verdict in FAILED for verdict in report.verdicts):
        yield from screen.labelled("Shared", _shared(report), style="bold" if report.shared else "")
    yield from _read(report, screen, newest)
    if first is None:
        yield from screen.labelled("Next", "nothing: no device needs anyone")
        return
    yield from screen.labelled("Next", f"{first.what}, {count(first.devices, 'device')}: {first.do}")
    yield f"{' ' * LABEL_WIDTH}{plain(first.commands[0][0])}"


def result(report: Report, screen: Screen) -> Iterator[str]:
    """The first sentence alone."""
    yield from _headline(report, screen, "")


def _headline(report: Report, screen: Screen, more: str) -> Iterator[str]:
    found, total = numbers.counts(report), len(report.verdicts)
    parts = [
        f"{found['vanished']:,} vanished of {count(total, 'device')} ({share(found['vanished'], total)})",
        *(f"{found[name]:,} {name}" for name in FAILED[1:] if found[name]),
        f"{found['unknown']:,} unknown",
    ]
    style = "bad" if any(found[name] for name in FAILED) else "bold"
    mark = MARKS["vanished"] if style == "bad" else MARKS["unknown"] if found["unknown"] else "·"
    yield from screen.sentence(f"{mark} {', '.join(parts)}{more}", style=style)


def _shared(report: Report) -> str:
    """What the failed have in common, and the healthy do not; said to be nothing where it was looked for in vain."""
    if report.shared:
        one_layer = report.contrast and all(each.layer is not None for each in report.contrast)
        return f"{'nothing as a whole; ' if one_layer else ''}{report.shared[0]}"
    found = numbers.counts(report)
    failed, healthy = sum(found[name] for name in FAILED), found["confirmed"]
    if not healthy:
        return "no device is confirmed that the failed could be compared with"
    if min(failed, healthy) < _COMPARED_MIN:
        return f"too few to compare ({failed:,} failed, {healthy:,} confirmed)"
    return "nothing that is known of them tells the failed from the healthy"


def _read(report: Report, screen: Screen, newest: int) -> Iterator[str]:
    """How far each side was read where that is less far than the evidence reaches; and `as_of`, if it is another."""
    said = []
    for side, name in SIDES.items():
        until = report.reach.get(side)
        if until is None:
            said.append(f"{name} not read, the case holds none")
        elif until < newest:
            said.append(f"{name} only up to {moment(until, report.zone)}")
    style = "unknown" if said else ""
    if report.as_of != newest:
        said.append(f"judged as of {moment(report.as_of, report.zone)}")
    if said:
        yield from screen.labelled("Read", "; ".join(said), style=style)
