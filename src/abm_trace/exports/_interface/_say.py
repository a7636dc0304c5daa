"""The answer in sentences, each made once for the terminal, the page and the paper."""

from collections.abc import Collection, Sequence
from typing import Final

from abm_trace.core.nouns import FAILED, Verdict
from abm_trace.exports._interface import _numbers as numbers
from abm_trace.exports._interface import _places as places
from abm_trace.exports._interface._report import Report
from abm_trace.exports._interface._screen import MARKS, count, moment, share
from abm_trace.exports._interface._steps import Step
from abm_trace.exports._interface._words import SIDES

_COMPARED_MIN: Final = 5
"""Below so many failed or healthy devices nothing is compared (docs/contrast.md)."""

_LOST_MAX: Final = 2
"""So many sites at which everything failed are named."""


def headline(report: Report) -> tuple[str, str, str]:
    """The mark, the verdict that colours it ("" for none), and how many of how many."""
    found, total = numbers.counts(report), len(report.verdicts)
    failed = sum(found[name] for name in FAILED)
    others = [f"{found[name]:,} {name.replace('_', ' ')}" for name in FAILED[1:] if found[name]]
    part = f" of {count(total, 'device')} ({share(failed, total)})"
    vanished = f"{found['vanished']:,} vanished"
    first = f"{failed:,} failed{part}: {vanished}" if others else f"{vanished}{part}"
    parts = ", ".join((first, *others)) + ("; " if others else ", ") + f"{found['unknown']:,} unknown"
    if failed:
        kind = "vanished"
    elif found["unknown"]:
        kind = "unknown"
    else:
        kind = "confirmed" if total and found["confirmed"] == total else ""
    return MARKS[kind] if kind else "·", kind, parts


def plainly(report: Report) -> str:
    """What the numbers alone leave to be guessed: that all are lost, or that none is, as far as anybody knows."""
    found, total = numbers.counts(report), len(report.verdicts)
    if any(found[name] for name in FAILED):
        return "Every device vanished: none is healthy to compare them with." if found["vanished"] == total else ""
    if found["unknown"]:
        return f"No failure was seen, but {count(found['unknown'], 'device')} cannot be judged: no all-clear."
    return "Every device is confirmed." if found["confirmed"] == total else "No device failed, as far as was read."


def read(report: Report) -> str:
    """What was read, how much was refused, and how far the evidence reaches."""
    files, lost = numbers.read(report), len(numbers.refused(report))
    newest = numbers.newest(report)
    judged = "" if report.as_of == newest else f"; judged as of {moment(report.as_of, report.zone)}"
    reach = f"evidence reaches {moment(newest, report.zone)}"
    return f"{files:,} of {count(files + lost, 'file')}, {lost:,} refused; {reach}{judged}"


def warnings(report: Report) -> list[str]:
    """Which side was not read, or not far enough for some devices, and how many that leaves open."""
    ends: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for side in SIDES:
        until = report.reach.get(side)
        open_ = [each for each in report.verdicts if side in each.missing and each.verdict != "half_confirmed"]
        if until is None or open_:
            ends.setdefault((_end(until, open_, report), tuple(each.serial for each in open_)), []).append(side)
    failed = {each.serial for each in report.verdicts if each.verdict in FAILED}
    return [
        f"{' and '.join(SIDES[side] for side in sides)} {end}{_left_open(serials, failed)}"
        for (end, serials), sides in ends.items()
    ]


def _left_open(serials: Sequence[str], failed: Collection[str]) -> str:
    """What hangs on a side that was not read: devices of which nothing is known, and failed ones that it may clear."""
    doubtful = sum(serial in failed for serial in serials)
    unknown = len(serials) - doubtful
    said = [f"{count(unknown, 'device')} cannot be settled"] if unknown else []
    said += [f"it may clear {doubtful:,} of the failed"] if doubtful else []
    return f": {', and '.join(said)}" if said else ""


def _end(until: int | None, open_: Sequence[Verdict], report: Report) -> str:
    """Where the reading of a side ended."""
    if until is None:
        return "not read, the case holds none"
    if until < numbers.newest(report):
        return f"read only up to {moment(until, report.zone)}"
    server = places.on_server(open_, report, 1)
    return f"not read far enough{f' for MDM server {server}' if server else ' for some'}"


def shared(report: Report) -> list[str]:
    """What the failed have in common and the healthy have not, or why nothing is said; [] where nothing failed."""
    found = numbers.counts(report)
    failed, healthy = sum(found[name] for name in FAILED), found["confirmed"]
    if not failed:
        return []
    lost = [] if not healthy else [each for each in places.lost(places.by_site(report)) if not _told(each.name, report)]
    said = [f"all {each.failed:,} devices that were tried at {each.name} failed" for each in lost[:_LOST_MAX]]
    more = [f"so did all at {count(len(lost) - _LOST_MAX, 'more site')}"] if len(lost) > _LOST_MAX else []
    everywhere = "; ".join((*said, *more))
    if report.shared:
        return [*report.shared, *([f"{everywhere[:1].upper()}{everywhere[1:]}"] if everywhere else [])]
    if not healthy:
        return ["not known: no device is confirmed that the failed could be compared with"]
    if min(failed, healthy) < _COMPARED_MIN:
        return [f"not known: too few to compare ({failed:,} failed, {healthy:,} confirmed)"]
    late = f" ({report.left_out:,} of the failed were not read far enough to compare)" if report.left_out else ""
    if everywhere:
        return [f"{everywhere}. Beyond that and the cause, failed and healthy are alike{late}"]
    return [
        f"nothing beyond the cause: model, version, site, whatever is known of them, is alike with the healthy{late}"
    ]


def _told(site: str, report: Report) -> bool:
    return any(f"site {site}" in each for each in report.shared[:1])


def where(report: Report) -> list[str]:
    """Where, a sentence each: the MDM server if it is one's; at how many sites, and which is the worst."""
    sites = places.by_site(report)
    said = []
    if found := places.server(report):
        unknown = f" and {found.unknown:,} unknown" if found.unknown else ""
        part = share(found.failed, found.total)
        said.append(f"MDM server {found.name}: {found.failed:,} failed{unknown} of {found.total:,} ({part})")
    if not any(site.name for site in sites):
        return [*said, "no evidence names the site of a device: the manifest's column site would"]
    worst = sites[0]
    if len(sites) == 1:
        only = f"{worst.name}: it is the only site, {worst.failed:,} of {count(worst.total, 'device')} failed"
        return [*said, only]
    if not worst.failed and not worst.unknown:
        return [*said, f"nowhere: none of {count(len(sites), 'site')} has a failure or an unknown device"]
    if not worst.failed:
        most = f"{worst.name or '(no site)'} ({worst.unknown:,} of {worst.total:,})"
        return [*said, f"no site has a failure; the most unknown devices are at {most}"]
    at = sum(bool(site.failed) for site in sites)
    part = f"{worst.failed:,} of {worst.total:,} failed ({share(worst.failed, worst.total)})"
    return [*said, f"at {at:,} of {count(len(sites), 'site')}, worst at {worst.name or '(no site)'}: {part}"]


def why(causes: Sequence[Step]) -> str:
    """What stopped most of the failed, with its words; that it is one of many, where no cause stands for the others."""
    if not causes:
        return "no device failed, as far as was read"
    first, failed = causes[0], sum(each.failed for each in causes)
    scattered = f"{many(causes)}, the largest " if many(causes) else ""
    part = f"{first.failed:,} of {failed:,} ({share(first.failed, failed)})" if len(causes) > 1 else f"all {failed:,}"
    return f"{scattered}{first.name}, {part}{f': {first.means}' if first.means else ''}"


def many(causes: Sequence[Step]) -> str:
    """That no cause stopped half of the failed, where it is so: who sees only the first would mend a tenth."""
    failed = sum(each.failed for each in causes)
    return f"no single cause but {len(causes):,}" if causes and causes[0].failed * 2 < failed else ""


def calm(report: Report) -> str:
    """What to do where nobody is needed."""
    found, total = numbers.counts(report), len(report.verdicts)
    if not total:
        return "name the devices first: nothing that was read names one, a manifest.csv with a column serial would"
    if waiting := found["in_progress"]:
        ends = (each.deadline_at for each in report.verdicts if each.verdict == "in_progress")
        due = max((at for at in ends if at is not None), default=None)
        until = "" if due is None else f" until {moment(due, report.zone)}"
        return f"wait{until}, then trace again: {count(waiting, 'device')} may still come"
    if idle := found["not_started"]:
        return f"nothing to mend; {count(idle, 'device')} not switched on yet: trace again when they are"
    return "nothing to mend, no device needs anyone: go on, and keep these verdicts for the next shift"
