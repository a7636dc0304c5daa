"""The sums of a report, each made once, for every export that shows it."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from abm_trace.core.beginnings import beginnings
from abm_trace.core.nouns import APPLES_OWN, FAILED, RUNGS, VERDICTS, Skipped
from abm_trace.exports._interface._report import Report

ACTION: Final = VERDICTS[:4]
"""The verdicts that somebody must do something about, worst first."""

_ASKED: Final = frozenset(RUNGS[RUNGS.index("requested") :])
_WITH_DIGITS: Final = re.compile(r"\S*\d\S*")


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung: of how many devices it can be shown, how many reached it, for how many it is proved and not implied.

    `of` is 0 where nothing tells of the rung. `stopped` are the devices whose last rung it is, by verdict.
    """

    rung: str
    of: int
    reached: int
    proved: int
    stopped: Mapping[str, int]

    @property
    def failed(self) -> int:
        """How many failed here: a device that never booted, or that still may come, did not."""
        return sum(self.stopped.get(name, 0) for name in FAILED)


def counts(report: Report) -> Counter[str]:
    """Devices by verdict."""
    return Counter(verdict.verdict for verdict in report.told)


def ladder(report: Report) -> list[Rung]:
    """The rungs, lowest first, and how many devices came so far; a reached rung implies those below it."""
    apples = sum("apple" in verdict.dialects for verdict in report.told)
    proved = Counter(rung for verdict in report.told for rung, at in verdict.rungs.items() if at is not None)
    last: dict[str, Counter[str]] = {rung: Counter() for rung in RUNGS}
    for verdict in report.told:
        if verdict.last_rung in last:
            last[verdict.last_rung][verdict.verdict] += 1
    steps = []
    reached = sum(here.total() for here in last.values())
    for rung, here in last.items():
        of = (apples if reached else 0) if rung == APPLES_OWN else len(report.told)
        steps.append(Rung(rung, of, reached, proved[rung], here))
        reached -= here.total()
    return steps


def pending(report: Report) -> int:
    """Of how many devices that are not confirmed a source says that they are `Pending`."""
    facts = (fact for reading in report.readings if not reading.captures for fact in beginnings(reading.facts))
    said = {fact.attrs.get("serial") for fact in facts if fact.kind == "pending"}
    return sum(verdict.serial in said and verdict.verdict in ACTION for verdict in report.told)


def retried(report: Report) -> tuple[int, int]:
    """How many devices asked more than once, of how many that asked, whether or not their own log tells of it."""
    asked = [verdict for verdict in report.told if verdict.attempts or verdict.last_rung in _ASKED]
    return sum(verdict.attempts >= 2 for verdict in asked), len(asked)


def newest(report: Report) -> int:
    """The newest time of any file, not beyond `as_of`: expiries and future dates are no events."""
    times = [reading.last_at for reading in report.readings if reading.last_at is not None]
    return max((at for at in times if at <= report.as_of), default=report.as_of)


def read(report: Report) -> int:
    """How many files were read."""
    return sum(bool(reading.format) for reading in report.readings)


def refused(report: Report) -> frozenset[str]:
    """The paths of which nothing could be used; settings and users' rules are no evidence."""
    known = {reading.path for reading in report.readings}
    strange = {
        each.path
        for each in report.skipped
        if each.path not in known and each.path != "case.toml" and not each.reason.startswith("signature not used")
    }
    return frozenset({reading.path for reading in report.readings if not reading.format} | strange)


def alike(skipped: Sequence[Skipped]) -> list[list[Skipped]]:
    """What was not used, grouped by its reason without numbers, the largest group first."""
    kinds: dict[str, list[Skipped]] = defaultdict(list)
    for each in skipped:
        kinds[_WITH_DIGITS.sub("", each.reason)].append(each)
    return sorted(kinds.values(), key=len, reverse=True)


def place(skipped: Skipped) -> str:
    """Where a skipped thing stands: `path:line`, or the offset where there is no line."""
    if skipped.line is not None:
        return f"{skipped.path}:{skipped.line}"
    return skipped.path if skipped.offset is None else f"{skipped.path} at byte {skipped.offset:,}"
