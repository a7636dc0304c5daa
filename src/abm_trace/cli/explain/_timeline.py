"""One device's facts of all sources in order of time, with its deadline drawn in between."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from abm_trace.cli.explain._places import Places
from abm_trace.core.instants import NEVER, local, to_datetime
from abm_trace.core.nouns import Device, Fact, Origin, Verdict
from abm_trace.exports._interface import Screen, plain

if TYPE_CHECKING:
    from datetime import tzinfo

    from abm_trace.pipeline.case import Case
    from abm_trace.verdict.state import State


PLACES_MAX: Final = 20
"""Origin: ours; a device that moves through a hospital meets hundreds of access points."""

ENTRIES_MAX: Final = 200
"""So many entries are all shown; of more the first, the last and those beside a rung or the deadline. Origin: ours."""

_ENDS: Final = 50
_BESIDE: Final = 3
_NAMED_MAX: Final = 3


class Entry(NamedTuple):
    """One line of the timeline; `raw` is what the device's own clock said where that differs from `at`.

    `left_out` says that it stands for entries which are not shown.
    """

    at: int | None
    source: str
    what: str
    origin: Origin | None
    raw: int | None = None
    left_out: bool = False


def entries(verdict: Verdict, state: "State") -> list[Entry]:
    """The timeline's entries in order of time, undated ones first; what is left out of very many is counted."""
    found = sorted(_entries(verdict, state.device, state), key=_order)
    if len(found) <= ENTRIES_MAX:
        return found
    rungs = {fact.origin for fact in state.rungs.values()}
    marked = [number for number, each in enumerate(found) if each.origin is None or each.origin in rungs]
    shown = {*range(_ENDS), *range(len(found) - _ENDS, len(found))}
    shown.update(number for mark in marked for number in range(mark - _BESIDE, mark + _BESIDE + 1))
    some: list[Entry] = []
    done = 0
    for number in sorted(shown & set(range(len(found)))):
        if number > done:
            some.append(_left_out(found[done:number]))
        some.append(found[number])
        done = number + 1
    return some


def _left_out(entries: Sequence[Entry]) -> Entry:
    """How many entries are not shown, of what kind, and where they stand."""
    kinds = Counter(f"{each.source} {each.what.partition(':')[0]}" for each in entries).most_common()
    paths = list(dict.fromkeys(each.origin.path for each in entries if each.origin is not None))
    told = _few([f"{number:,} {kind}" for kind, number in kinds])
    what = f"… {len(entries):,} in between are not shown: {told}; they stand in {_few(paths)}"
    return Entry(entries[0].at, "", what, None, left_out=True)


def _few(words: Sequence[str]) -> str:
    more = len(words) - _NAMED_MAX
    return ", ".join(words[:_NAMED_MAX]) + (f" and {more:,} more" if more > 0 else "")


def lines(case: "Case", entries: Sequence[Entry], places: Places, screen: Screen) -> Iterator[str]:
    """The timeline; each day has its heading, each entry its place."""
    yield ""
    yield screen.paint(f"Timeline: UTC, then the time at the site ({plain(case.zone_name)})", "bold")
    day = ""
    for entry in entries:
        heading = "without a time" if entry.at is None else f"{to_datetime(entry.at):%Y-%m-%d} (UTC)"
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


def _entries(verdict: Verdict, device: Device, state: "State") -> Iterator[Entry]:
    raw = {(fact.origin, fact.kind): fact.at for fact in device.facts}
    seen = set()
    for fact in facts_of(device, state):
        said = raw.get((fact.origin, fact.kind), fact.at)
        kind = "seen" if fact.kind == "sighting" else fact.kind.replace("_", " ")
        what = kind + (f": {fact.value}" if fact.value and fact.value != fact.kind else "")
        seen.add(fact.origin)
        yield Entry(fact.at, fact.source, what, fact.origin, None if said == fact.at else said)
    bare = {(origin.path, origin.offset) for origin in seen}
    for finding in verdict.findings:
        for origin in finding.evidence[:1]:
            if (origin.path, origin.offset) not in bare:
                yield Entry(finding.at, "case", finding.text, origin)
    if state.deadline is not None:
        seconds = state.context.thresholds.value("apple_confirmation_s" if state.served else "confirmation_s")
        due = "both confirmations were" if state.pushed_at is None else "the MDM's record was"
        what = f"DEADLINE: {due} due ({seconds:g} s)"
        yield Entry(state.deadline, "", what, None)
    yield Entry(verdict.as_of, "", "AS OF: the verdict’s moment", None)


def _order(entry: Entry) -> tuple[int, bool, str, str]:
    at = NEVER if entry.at is None else entry.at
    return at, entry.origin is None, entry.source, entry.what


def _entry(entry: Entry, zone: "tzinfo", places: Places, screen: Screen) -> Sequence[str]:
    if entry.left_out:
        return screen.sentence(entry.what, indent="  ", style="bold")
    if entry.at is None:
        return [
            *screen.sentence(f"{entry.source:<8} {entry.what}", indent="  "),
            screen.paint(f"      {plain(places.where(entry.origin))}", "faint"),
        ]
    utc = to_datetime(entry.at)
    wall = local(entry.at, zone)
    times = f"{utc:%H:%M:%S}.{utc.microsecond // 1000:03d}"
    if wall is not None and wall.tzname() != "UTC":
        times += f"  {wall:%H:%M:%S %Z}"
    if entry.origin is None:
        return screen.sentence(f"{times}  ━━ {entry.what} ━━", indent="  ", style="bold")
    shown = screen.sentence(f"{times}  {entry.source:<8} {entry.what}", indent="  ")
    clock = ""
    if entry.raw is not None:
        said = to_datetime(entry.raw)
        clock = f"  (its clock: {said:%H:%M:%S}.{said.microsecond // 1000:03d})"
    return [*shown, screen.paint(f"      {plain(places.where(entry.origin))}{clock}", "faint")]
