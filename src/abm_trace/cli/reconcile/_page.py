"""The reconciliation for people: what was read, the table of comparisons, then the devices by likely reason."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from abm_trace.exports import Screen, plain
from abm_trace.exports._interface import count, moment
from abm_trace.pipeline.triage import Triage
from abm_trace.views.reconcile import SOURCES, Audit, Difference, Reconciliation, Row

_SHOWN_MIN: Final = 3


def lines(found: Reconciliation, traced: Triage, case: Path, screen: Screen) -> Iterator[str]:
    """The lines of the page. A terminal gets some of the names of each set, a pipe or a file all of them."""
    if traced.case.simulated:
        yield screen.paint("SIMULATED: the lab made this case, no real device is in it", "bold")
    yield from _headline(found, traced, screen)
    yield ""
    yield screen.paint("Sources", "bold")
    rows = [_source(each.id, each.state, each.devices, each.until, traced) for each in found.sources]
    yield from screen.columns(rows, right=(2,))
    yield ""
    yield screen.paint("Comparisons", "bold")
    yield from _comparisons(found, screen)
    differing = [each for each in found.differences if each.devices]
    open_ = [each for each in found.differences if each.not_compared]
    shown_max = None if screen.rows is None else max(screen.rows // max(len(differing) + len(open_), 1), _SHOWN_MIN)
    for each in differing:
        yield ""
        yield screen.paint(plain(f"{each.title} · {count(len(each.devices), 'device')}"), "failed")
        yield from _names(each.devices, "likely: ", shown_max, screen)
    for each in open_:
        yield ""
        yield plain(f"not compared: {each.title} · {count(len(each.not_compared), 'device')}")
        yield from _names(each.not_compared, "", shown_max, screen)
    yield ""
    yield from _audit(found.audit, traced, shown_max, screen)
    yield ""
    yield from _next(differing, case, screen)


def _headline(found: Reconciliation, traced: Triage, screen: Screen) -> Iterator[str]:
    unread = sum(bool(each.unread) for each in found.differences)
    made = len(found.differences) - unread
    differ = sum(bool(each.devices) for each in found.differences)
    devices = count(len(traced.devices), "device")
    read = sum(bool(reading.format) for reading in traced.readings)
    parts = [
        f"{found.differing:,} of {devices} differ, in {differ:,} of {count(made, 'comparison')}",
        f"{unread:,} not made, for lack of a source" if unread else "none left out",
        f"read {read:,} of {count(len(traced.readings), 'file')}",
        f"as of {moment(traced.as_of, traced.case.zone)}",
    ]
    left = {row.serial for each in found.differences for row in each.not_compared}
    if left:
        parts.insert(1, f"{len(left):,} not compared in some")
    mark = "✗" if found.differing else "?" if unread or left else "✓"
    yield from screen.sentence(f"{mark} {'; '.join(parts)}", style="bad" if found.differing else "bold")


def _source(name: str, state: str, devices: int, until: int | None, traced: Triage) -> tuple[str, ...]:
    if state == "read" and until is not None:
        how = "read" if name == "manifest" else f"read up to {moment(until, traced.case.zone)}"
    elif state == "read":
        how = "read"
    else:
        how = "in part: what it does not name proves nothing" if state == "in part" else "not read"
    return (SOURCES[name], "names", f"{devices:,}", how)


def _comparisons(found: Reconciliation, screen: Screen) -> Iterator[str]:
    rows = [("", "differ", "not compared", "")]
    for each in found.differences:
        mark = "✗" if each.devices else "?" if each.unread or each.not_compared else "✓"  # Never an untested zero.
        numbers = ("–", "all") if each.unread else (f"{len(each.devices):,}", f"{len(each.not_compared):,}")
        rows.append((mark, *numbers, each.title))
    header, *rest = screen.columns(rows, right=(1, 2))
    yield screen.paint(header, "faint")
    for each, line in zip(found.differences, rest, strict=True):
        yield screen.paint(line, "failed" if each.devices else "unknown" if line[2] == "?" else "")
    for reason, number in Counter(each.unread for each in found.differences if each.unread).items():
        yield from screen.sentence(f"{count(number, 'comparison')} not made: {reason}", indent="  ")


def _names(rows: Sequence[Row], prefix: str, shown_max: int | None, screen: Screen) -> Iterator[str]:
    """The devices under their reasons, the commonest first."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.reason].append(row)
    each_max = None if shown_max is None else max(shown_max // len(groups), 1)
    for reason, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        yield from screen.sentence(f"{prefix}{reason} ({len(members):,})", indent="  ")
        shown = members if each_max is None else members[:each_max]
        cells = [(row.serial, row.site or "(no site)", row.server or "(no server)") for row in shown]
        yield from screen.columns(cells, whole=(0,), indent="    ")
        if len(shown) < len(members):
            yield f"    and {len(members) - len(shown):,} more"


def _audit(audit: Audit, traced: Triage, shown_max: int | None, screen: Screen) -> Iterator[str]:
    yield screen.paint("Audit ↔ inventory: who asked, and whose MDM row still waits", "bold")
    if audit.unread or audit.window is None:
        yield from screen.sentence(f"? not compared: {audit.unread}", indent="  ")
        return
    first, last = (moment(at, traced.case.zone) for at in audit.window)
    text = (
        f"{count(audit.requests, 'request')} of {count(len(audit.requested), 'device')} in the audit; "
        f"{count(len(audit.waiting), 'MDM row')} without enrolled_at, made in the staging window "
        f"({first} – {last}); {audit.both:,} in both"
    )
    yield from screen.sentence(text, indent="  ")
    sets = (("asked", audit.requested), ("waiting in the MDM", audit.waiting), ("waiting, undated", audit.undated))
    for name, rows in sets:
        if rows:
            yield plain(f"  {name} · {count(len(rows), 'device')}")
            yield from _names(rows, "", shown_max, screen)


def _next(differing: Sequence[Difference], case: Path, screen: Screen) -> Iterator[str]:
    folder = plain(shlex.quote(str(case)))
    if differing:
        serial = plain(shlex.quote(max(differing, key=lambda each: len(each.devices)).devices[0].serial))
        yield f"{screen.paint('next', 'bold')}  abm-trace explain {serial} --case {folder}"
    else:
        yield f"{screen.paint('next', 'bold')}  abm-trace triage {folder}"
