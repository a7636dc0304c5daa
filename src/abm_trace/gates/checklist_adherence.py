"""Adherence to the checklist over time (SPEC C7): which steps are left out at which hour, and how long it takes."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from abm_trace.core import instants

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Run:
    """One checklist that was run: when (µs UTC), whether it was complete, what it decided, how long it took.

    `skipped` and `left_open` are its steps that say nothing.
    """

    at: int
    is_complete: bool
    decision: str
    took_s: float
    skipped: tuple[str, ...] = ()
    left_open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hour:
    """The runs that began in an hour of the day: how many were complete, and what was left out how often.

    `diagnosis_s` is the median time of those that found something, None where none did.
    """

    hour: int
    runs: int
    complete: int
    skipped: tuple[tuple[str, int], ...]
    left_open: tuple[tuple[str, int], ...]
    diagnosis_s: float | None


def by_hour(runs: Iterable[Run], *, offset_s: int = 0) -> list[Hour]:
    """The hours of the day in which there were runs; `offset_s` is the site's time − UTC."""
    hours: dict[int, list[Run]] = defaultdict(list)
    for each in runs:
        second = (each.at // instants.SECOND + offset_s) % _DAY_S
        hours[second // 3600].append(each)
    return [_hour(hour, found) for hour, found in sorted(hours.items())]


def _hour(hour: int, runs: list[Run]) -> Hour:
    found = [each.took_s for each in runs if each.decision == "look_here_first"]
    return Hour(
        hour,
        len(runs),
        sum(each.is_complete for each in runs),
        tuple(Counter(step for each in runs for step in each.skipped).most_common()),
        tuple(Counter(step for each in runs for step in each.left_open).most_common()),
        median(found) if found else None,
    )
