"""One device's facts of all sources in order of time, with its deadline drawn in between."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from abm_trace.cli.explain._places import Places
from abm_trace.core.instants import EPOCH
from abm_trace.core.nouns import Device, Fact, Origin, Verdict
from abm_trace.exports._interface import Screen, local, plain

if TYPE_CHECKING:
    from datetime import tzinfo

    from abm_trace.pipeline.case import Case
    from abm_trace.verdict.state import State


PLACES_MAX: Final = 20
"""Origin: ours; a device that moves through a hospital meets hundreds of access points."""


class _Entry(NamedTuple):
    """One line of the timeline; `raw` is what the device's own clock said where that differs from `at`."""

    at: int | None
    source: str
    what: str
    origin: Origin | None
    raw: int | None = None


def lines(case: "Case", verdict: Verdict, state: "State", places: Places, screen: Screen) -> Iterator[str]:
    """The timeline, undated statements first; each day has its heading, each entry its place."""
    entries = sorted(_entries(verdict, state.device, state), key=_order)
    yield ""
    yield screen.paint(f"Timeline: UTC, then the time at the site ({plain(case.zone_name)})", "bold")
    day = ""
    for entry in entries:
        heading = "without a time" if entry.at is None else f"{_utc(entry.at):%Y-%m-%d} (UTC)"
        if heading != day:
            day = heading
            yield screen.paint(f"  {day}", "faint")
        yield from _entry(entry, case.zone, places, screen)


def facts_of(device: Device, state: "State") -> list[Fact]:
    """The device's facts, each statement once: undated ones, those with their corrected time, where it was seen.

    Of the sightings at one place the last is told, of the places the last PLACES_MAX.
    """
    seen = {fact.value: fact for fact in device.sightings}
    facts = (
        [fact for fact in device.facts if fact.at is None]
        + state.dated
        + sorted(seen.values(), key=lambda fact: fact.at or 0)[-PLACES_MAX:]
    )
    once = {(fact.kind, fact.at, fact.value, fact.source, fact.origin.by): fact for fact in reversed(facts)}
    return list(once.values())


def _entries(verdict: Verdict, device: Device, state: "State") -> Iterator[_Entry]:
    raw = {(fact.origin, fact.kind): fact.at for fact in device.facts}
    seen = set()
    for fact in facts_of(device, state):
        said = raw.get((fact.origin, fact.kind), fact.at)
        kind = "seen" if fact.kind == "sighting" else fact.kind.replace("_", " ")
        what = kind + (f": {fact.value}" if fact.value and fact.value != fact.kind else "")
        seen.add(fact.origin)
        yield _Entry(fact.at, fact.source, what, fact.origin, None if said == fact.at else said)
    bare = {(origin.path, origin.offset) for origin in seen}
    for finding in verdict.findings:
        for origin in finding.evidence[:1]:
            if (origin.path, origin.offset) not in bare:
                yield _Entry(finding.at, "case", finding.text, origin)
    if state.deadline is not None:
        seconds = state.context.thresholds.value("apple_confirmation_s" if state.served else "confirmation_s")
        due = "both confirmations were" if state.pushed_at is None else "the MDM's record was"
        what = f"DEADLINE: {due} due ({seconds:g} s)"
        yield _Entry(state.deadline, "", what, None)
    yield _Entry(verdict.as_of, "", "AS OF: the verdict’s moment", None)


def _utc(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def _order(entry: _Entry) -> tuple[int, bool, str, str]:
    at = -(1 << 62) if entry.at is None else entry.at
    return at, entry.origin is None, entry.source, entry.what


def _entry(entry: _Entry, zone: "tzinfo", places: Places, screen: Screen) -> Sequence[str]:
    if entry.at is None:
        return [
            *screen.sentence(f"{entry.source:<8} {entry.what}", indent="  "),
            screen.paint(f"      {plain(places.where(entry.origin))}", "faint"),
        ]
    utc = _utc(entry.at)
    wall = local(entry.at, zone)
    times = f"{utc:%H:%M:%S}.{utc.microsecond // 1000:03d}"
    if wall is not None and wall.tzname() != "UTC":
        times += f"  {wall:%H:%M:%S %Z}"
    if entry.origin is None:
        return screen.sentence(f"{times}  ━━ {entry.what} ━━", indent="  ", style="bold")
    shown = screen.sentence(f"{times}  {entry.source:<8} {entry.what}", indent="  ")
    clock = ""
    if entry.raw is not None:
        said = _utc(entry.raw)
        clock = f"  (its clock: {said:%H:%M:%S}.{said.microsecond // 1000:03d})"
    return [*shown, screen.paint(f"      {plain(places.where(entry.origin))}{clock}", "faint")]
