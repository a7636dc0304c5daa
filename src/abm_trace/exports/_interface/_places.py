"""Where: the sites and the MDM servers, and which of them stands out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from abm_trace.core import chance
from abm_trace.core.nouns import FAILED, Verdict
from abm_trace.exports._interface._report import Report
from abm_trace.exports._interface._words import stopped_by

_DEVICES_MIN: Final = 5
"""A smaller site has no share worth a name. Origin: ours."""

_ON_ONE_MIN: Final = 0.6
"""From this share of the failed and undecided on, and twice that of all, a server is the place. Origin: ours."""

_CHANCE_MAX: Final = 0.01
"""How likely so many failures at one of all sites may come by chance, for it to stand out. Origin: ours."""

_UNTRIED: Final = frozenset({"not_started", "in_progress"})


@dataclass(frozen=True, slots=True)
class Place:
    """A site or server: how many of its devices failed, of how many that were tried, and what stopped most of them.

    `stands_out` says that more failed there than chance would have, looked for at every site.
    """

    name: str
    total: int
    tried: int
    failed: int
    unknown: int
    mostly: str
    mostly_count: int
    stands_out: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether every device that was tried failed."""
        return bool(self.name) and self.failed == self.tried >= _DEVICES_MIN


def by_site(report: Report) -> list[Place]:
    """Every site: first those that stand out, by how many failed beyond the share of all; then by how many failed.

    So a small site that is wholly lost goes before a large one that lost its share, and chance blames none.
    """
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in report.told:
        groups[verdict.site].append(verdict)
    found = [_place(*each) for each in groups.items()]
    whole = everywhere(found)
    usual = whole.failed / max(whole.total, 1)
    found = [replace(site, stands_out=_stands_out(site, whole, len(found))) for site in found]
    return sorted(
        found,
        key=lambda site: (
            not site.stands_out,
            site.total * usual - site.failed if site.stands_out else 0,
            -site.failed,
            -site.unknown,
            site.name,
        ),
    )


def named(sites: Iterable[Place]) -> int:
    """How many sites there are: devices without one are at none."""
    return sum(bool(site.name) for site in sites)


def everywhere(sites: Iterable[Place]) -> Place:
    """All sites together."""
    each = list(sites)
    total, tried = sum(site.total for site in each), sum(site.tried for site in each)
    return Place("", total, tried, sum(site.failed for site in each), sum(site.unknown for site in each), "", 0)


def lost(sites: Iterable[Place]) -> list[Place]:
    """The sites at which every device that was tried failed, and not by chance."""
    return [site for site in sites if site.is_lost and site.stands_out]


def _stands_out(site: Place, whole: Place, sites: int) -> bool:
    """Whether more failed at a site than chance would have; of one that is wholly lost the untried do not count."""
    if not (site.name and site.failed):
        return False
    of = (site.tried, whole.tried) if site.is_lost else (site.total, whole.total)
    likely = chance.at_least(site.failed, whole.failed, of[0] - site.failed, of[1] - whole.failed)
    return likely * sites <= _CHANCE_MAX


def server(report: Report) -> Place | None:
    """The MDM server that most of the failed and the undecided belong to, None where none stands out."""
    bad = [verdict for verdict in report.told if verdict.verdict in FAILED or verdict.verdict == "unknown"]
    name = on_server(bad, report, _ON_ONE_MIN)
    return _place(name, [each for each in report.told if report.servers.get(each.serial) == name]) if name else None


def on_server(verdicts: Sequence[Verdict], report: Report, least: float) -> str:
    """The MDM server that at least this share of the devices belongs to, and twice the share of all; "" for none."""
    if len(verdicts) < _DEVICES_MIN or not report.servers:
        return ""
    found = Counter(name for each in verdicts if (name := report.servers.get(each.serial)))
    name, number = min(found.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
    part = number / len(verdicts)
    everywhere = sum(each == name for each in report.servers.values()) / len(report.told)
    return name if part >= least and part >= 2 * everywhere else ""


def _place(name: str, each: Sequence[Verdict]) -> Place:
    causes = Counter(stopped_by(verdict) for verdict in each if verdict.verdict in FAILED)
    mostly, number = min(causes.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
    tried = sum(verdict.verdict not in _UNTRIED for verdict in each)
    unknown = sum(verdict.verdict == "unknown" for verdict in each)
    return Place(name, len(each), tried, causes.total(), unknown, mostly, number)
