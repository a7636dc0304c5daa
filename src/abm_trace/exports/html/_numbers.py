"""The sums that the page shows, each made once."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from abm_trace.core.nouns import RUNGS, Fact, Skipped, Verdict
from abm_trace.exports._interface import FAILED, VERDICTS, Report

_WITH_DIGITS: Final = re.compile(r"\S*\d\S*")
WINDOW_US: Final = 15 * 60 * 1_000_000
ALERT_SHARE: Final = 0.03
"""Above this share of requests without a registration, in a window of 15 minutes, the guide alerts (SPEC S2)."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site: how many of its devices failed, what stopped most of them (layer, cause), and how many that was."""

    name: str
    total: int
    failed: int
    unknown: int
    mostly: tuple[str, str]
    mostly_count: int


@dataclass(frozen=True, slots=True)
class Group:
    """Devices that need the same: their verdict, what stopped them, how many, and the surest of them."""

    verdict: str
    layer: str
    cause: str
    missing: tuple[str, ...]
    count: int
    first: Verdict


@dataclass(frozen=True, slots=True)
class Window:
    """A quarter of an hour: how many devices asked in it, and how many of those came to be registered."""

    at: int
    asked: int
    registered: int

    @property
    def alert(self) -> bool:
        """Whether more than the guide's share of them did not."""
        return self.asked - self.registered > ALERT_SHARE * self.asked


def counts(report: Report) -> Counter[str]:
    """Devices by verdict."""
    return Counter(verdict.verdict for verdict in report.verdicts)


def by_layer(report: Report) -> list[tuple[str, str, int]]:
    """(layer, cause, devices) of those that were stopped, the most first."""
    stopped = (verdict for verdict in report.verdicts if verdict.layer or verdict.verdict in FAILED)
    found = Counter((verdict.layer or "", verdict.cause or "") for verdict in stopped)
    return [(*key, number) for key, number in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def by_site(report: Report) -> list[Site]:
    """Every site, the one with the most failures first."""
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in report.verdicts:
        groups[verdict.site].append(verdict)
    return sorted((_site(*each) for each in groups.items()), key=lambda site: (-site.failed, -site.unknown, site.name))


def _site(name: str, each: Sequence[Verdict]) -> Site:
    causes = Counter((verdict.layer or "", verdict.cause or "") for verdict in each if verdict.verdict in FAILED)
    key, number = min(causes.items(), key=lambda item: (-item[1], item[0]), default=(("", ""), 0))
    return Site(name, len(each), causes.total(), sum(v.verdict == "unknown" for v in each), key, number)


def groups(report: Report) -> list[Group]:
    """The devices that somebody must do something about, the worst verdict and the most devices first."""
    need = VERDICTS[:4]
    found: dict[tuple[str, str, str, tuple[str, ...]], list[Verdict]] = defaultdict(list)
    for verdict in report.verdicts:
        if verdict.verdict in need:
            found[verdict.verdict, verdict.layer or "", verdict.cause or "", verdict.missing].append(verdict)
    ranked = sorted(found.items(), key=lambda item: (need.index(item[0][0]), -len(item[1]), item[0]))
    return [Group(*key, len(each), min(each, key=lambda v: (-v.confidence, v.serial))) for key, each in ranked]


def funnel(report: Report) -> list[tuple[str, int, int]]:
    """(rung, devices that reached it, devices of which it is proved), lowest rung first."""
    reached, proved = [0] * len(RUNGS), [0] * len(RUNGS)
    for verdict in report.verdicts:
        top = RUNGS.index(verdict.last_rung) if verdict.last_rung in RUNGS else -1
        for number, rung in enumerate(RUNGS):
            reached[number] += number <= top
            proved[number] += verdict.rungs.get(rung) is not None
    return list(zip(RUNGS, reached, proved, strict=True))


def rungs_of(report: Report) -> dict[str, dict[tuple[str, int | None, int | None], Fact]]:
    """Path → (rung, offset, record) → the fact that proves it: an origin that is cited has gained a line since."""
    return {
        reading.path: {(fact.kind, fact.origin.offset, fact.origin.record): fact for fact in reading.facts}
        for reading in report.readings
        if reading.facts
    }


def windows(times: Sequence[tuple[int, bool]]) -> list[Window]:
    """The windows in which anybody asked, of (when a device asked, whether it came to be registered)."""
    asked: Counter[int] = Counter()
    registered: Counter[int] = Counter()
    for at, came in times:
        asked[at // WINDOW_US] += 1
        registered[at // WINDOW_US] += came
    return [Window(number * WINDOW_US, asked[number], registered[number]) for number in sorted(asked)]


def pending(report: Report) -> int:
    """Of how many devices that are not confirmed a source says that they are `Pending`."""
    said = {fact.attrs.get("serial") for reading in report.readings for fact in reading.facts if fact.kind == "pending"}
    return sum(verdict.serial in said and verdict.verdict in VERDICTS[:4] for verdict in report.verdicts)


def newest(report: Report) -> int:
    """The newest time of any file, not beyond `as_of`: expiries and future dates are no events."""
    times = [reading.last_at for reading in report.readings if reading.last_at is not None]
    return max((at for at in times if at <= report.as_of), default=report.as_of)


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
