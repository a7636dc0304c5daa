"""Where: the sites and the MDM servers, and which of them stands out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from abm_trace.core.nouns import FAILED, Verdict
from abm_trace.exports._interface._report import Report
from abm_trace.exports._interface._words import stopped_by

_DEVICES_MIN: Final = 5
"""A smaller site has no share worth a name. Origin: ours."""

_ON_ONE_MIN: Final = 0.6
"""From this share of the failed and undecided on, and twice that of all, a server is the place. Origin: ours."""

_UNTRIED: Final = frozenset({"not_started", "in_progress"})


@dataclass(frozen=True, slots=True)
class Place:
    """A site or server: how many of its devices failed, of how many that were tried, and what stopped most of them."""

    name: str
    total: int
    tried: int
    failed: int
    unknown: int
    mostly: str
    mostly_count: int


def by_site(report: Report) -> list[Place]:
    """Every site, the worst first: the one at which the most devices failed beyond what is usual in this rollout.

    So a small site that is wholly lost goes before a large one that lost its share, and a single device before none.
    """
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in report.verdicts:
        groups[verdict.site].append(verdict)
    found = [_place(*each) for each in groups.items()]
    usual = sum(site.failed for site in found) / max(len(report.verdicts), 1)
    return sorted(
        found,
        key=lambda site: (not site.failed, site.total * usual - site.failed, -site.failed, -site.unknown, site.name),
    )


def lost(sites: Iterable[Place]) -> list[Place]:
    """The sites at which every device that was tried failed."""
    return [site for site in sites if site.name and site.failed == site.tried >= _DEVICES_MIN]


def server(report: Report) -> Place | None:
    """The MDM server that most of the failed and the undecided belong to, None where none stands out."""
    bad = [verdict for verdict in report.verdicts if verdict.verdict in FAILED or verdict.verdict == "unknown"]
    name = on_server(bad, report, _ON_ONE_MIN)
    return _place(name, [each for each in report.verdicts if report.servers.get(each.serial) == name]) if name else None


def on_server(verdicts: Sequence[Verdict], report: Report, least: float) -> str:
    """The MDM server that at least this share of the devices belongs to, and twice the share of all; "" for none."""
    if len(verdicts) < _DEVICES_MIN or not report.servers:
        return ""
    found = Counter(name for each in verdicts if (name := report.servers.get(each.serial)))
    name, number = min(found.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
    part = number / len(verdicts)
    everywhere = sum(each == name for each in report.servers.values()) / len(report.verdicts)
    return name if part >= least and part >= 2 * everywhere else ""


def _place(name: str, each: Sequence[Verdict]) -> Place:
    causes = Counter(stopped_by(verdict) for verdict in each if verdict.verdict in FAILED)
    mostly, number = min(causes.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
    tried = sum(verdict.verdict not in _UNTRIED for verdict in each)
    unknown = sum(verdict.verdict == "unknown" for verdict in each)
    return Place(name, len(each), tried, causes.total(), unknown, mostly, number)
