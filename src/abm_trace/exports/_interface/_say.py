"""The answer in sentences, each made once for the terminal, the page and the paper."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from abm_trace.core.nouns import FAILED, Verdict
from abm_trace.exports._interface import _numbers as numbers
from abm_trace.exports._interface import _places as places
from abm_trace.exports._interface._report import Report
from abm_trace.exports._interface._screen import MARKS, count, moment, share
from abm_trace.exports._interface._steps import Step
from abm_trace.exports._interface._words import NO_LAYER, SIDES

_COMPARED_MIN: Final = 5
"""Below so many failed or healthy devices nothing is compared (docs/contrast.md)."""

_LOST_MAX: Final = 2
"""So many sites at which everything failed are named."""

_FEW: Final = 3
"""So many sites with failures are all named, whether or not one stands out."""


@dataclass(frozen=True, slots=True)
class Where:
    """A sentence about where devices failed, with the place that stands in it, None for none."""

    before: str
    place: places.Place | None = None
    after: str = ""

    @property
    def text(self) -> str:
        """The sentence."""
        return f"{self.before}{self.place.name or '(no site)' if self.place else ''}{self.after}"


@dataclass(frozen=True, slots=True)
class Why:
    """A sentence about what stopped most of those with a verdict: the words before its name, the name, the rest.

    `group` is the name of those devices in lists, "" where there are none.
    """

    before: str
    name: str = ""
    after: str = ""
    group: str = ""

    @property
    def text(self) -> str:
        """The sentence."""
        return f"{self.before}{self.name}{self.after}"


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
    """What was read, how much was refused, and how far each side reaches."""
    files, lost = numbers.read(report), len(numbers.refused(report))
    newest = numbers.newest(report)
    judged = "" if report.as_of == newest else f"; judged as of {moment(report.as_of, report.zone)}"
    return f"{files:,} of {count(files + lost, 'file')}, {lost:,} refused; {_reach(newest, report)}{judged}"


def _reach(newest: int, report: Report) -> str:
    """How far the sides were read, those together that end alike, and all else where it goes on."""
    ends: dict[str, list[str]] = {}
    for side in SIDES:
        if (until := report.reach.get(side)) is not None:
            ends.setdefault(moment(until, report.zone), []).append(SIDES[side])
    last = moment(newest, report.zone)
    if newest > max((until for until in report.reach.values() if until is not None), default=newest - 1):
        rest = "all else" if ends else "what there is"
        ends.setdefault(last, []).append(rest)
    said = [
        f"{' and '.join(names)} {'reach' if len(names) > 1 else 'reaches'} {until}" for until, names in ends.items()
    ]
    short = any((report.reach.get(side) or 0) >= newest and _open(side, report) for side in SIDES)
    return ", ".join(said) + (", but not for all devices" if short else "")


def _open(side: str, report: Report) -> list[Verdict]:
    """The devices for which a side was not read far enough."""
    return [each for each in report.verdicts if side in each.missing and _is_open(each)]


def warnings(report: Report) -> list[str]:
    """Which side was not read, or not far enough for some devices, and how many that leaves open."""
    ends: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for side in SIDES:
        until = report.reach.get(side)
        open_ = _open(side, report)
        if until is None or open_:
            ends.setdefault((_end(side, open_, report), tuple(each.serial for each in open_)), []).append(side)
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
    said += [f"it may clear {doubtful:,} of the {len(failed):,} failed"] if doubtful else []
    return f": {', and '.join(said)}" if said else ""


def _end(side: str, open_: Sequence[Verdict], report: Report) -> str:
    """Where the reading of a side ended."""
    until = report.reach.get(side)
    if until is None:
        return "not read, the case holds none"
    if until < numbers.newest(report):
        return f"read only up to {moment(until, report.zone)}"
    server = places.on_server(open_, report, 1)
    if not server or (side, server) not in report.reaches:
        return f"not read far enough for {f'MDM server {server}' if server else 'some'}"
    until = report.reaches[side, server]
    return f"{'not read' if until is None else f'read only up to {moment(until, report.zone)}'} for MDM server {server}"


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
        return [f"{everywhere}. Beyond that failed and healthy are alike{late}"]
    return [f"nothing: in model, version, site and whatever else is known, failed and healthy are alike{late}"]


def _told(site: str, report: Report) -> bool:
    return any(f"site {site}" in each for each in report.shared[:1])


def where(report: Report) -> list[Where]:
    """Where, a sentence each: the MDM server if it is one's; at how many sites, and which stands out."""
    sites = places.by_site(report)
    whole = places.everywhere(sites)
    said = [_on_server(found, whole, report)] if (found := places.server(report)) else []
    if not any(site.name for site in sites):
        return [*said, Where("no evidence names the site of a device: the manifest's column site would")]
    first = sites[0]
    if len(sites) == 1:
        devices = count(first.total, "device")
        return [*said, Where("", first, f": it is the only site, {first.failed:,} of {devices} failed")]
    if not first.failed and not first.unknown:
        return [*said, Where(f"nowhere: none of {count(len(sites), 'site')} has a failure or an unknown device")]
    if not first.failed:
        most = f" ({first.unknown:,} of {first.total:,})"
        return [*said, Where("no site has a failure; the most unknown devices are at ", first, most)]
    return [*said, _at_sites(sites, whole, is_told=bool(found))]


def _on_server(found: places.Place, whole: places.Place, report: Report) -> Where:
    """How many failed of an MDM server; that its lists lack, where those are why they are not known to be well."""
    bad = (
        each
        for each in report.verdicts
        if report.servers.get(each.serial) == found.name and (each.verdict in FAILED or each.verdict == "unknown")
    )
    lacks = " (lists still to fetch)" if all(_is_open(each) for each in bad) else ""
    unknown = f", {found.unknown:,} unknown" if found.unknown else ""
    return Where("MDM server ", found, f"{lacks}: {_part(found, whole, 'devices')}{unknown}")


def _at_sites(sites: Sequence[places.Place], whole: places.Place, *, is_told: bool) -> Where:
    """At how many sites devices failed, and which stands out; chance blames none.

    `is_told` says that the share of all stands already in another sentence.
    """
    at = sum(bool(site.failed) for site in sites)
    out = [site for site in sites if site.stands_out]
    if out:
        more = f"{len(out):,} stand out, most " if len(out) > 1 else "one stands out, "
        return Where(f"at {at:,} of {count(len(sites), 'site')}; {more}", out[0], f": {_part(out[0], whole, 'sites')}")
    if at <= _FEW:
        named = [f"{site.name or '(no site)'} ({site.failed:,} of {site.total:,} failed)" for site in sites[:at]]
        return Where(f"at {at:,} of {count(len(sites), 'site')}: {', '.join(named)}; none stands out")
    over = f"all {at:,} sites alike" if at == len(sites) else f"at {at:,} of {count(len(sites), 'site')}"
    part = f": {whole.failed:,} of {whole.total:,} failed ({share(whole.failed, whole.total)})"
    return Where(f"{over}, none stands out{'' if is_told else part}")


def _part(place: places.Place, whole: places.Place, noun: str) -> str:
    """How many failed at a place, beside the share of all."""
    of = f"{place.tried:,} tried" if place.is_lost and place.tried < place.total else f"{place.total:,}"
    part = share(place.failed, place.tried if place.is_lost else place.total)
    return f"{place.failed:,} of {of} failed ({part}; all {noun} {share(whole.failed, whole.total)})"


def order(report: Report) -> str:
    """In which order sites stand, for the heading of their list."""
    sites = places.by_site(report)
    whole = places.everywhere(sites)
    first = "what stands out first" if sites and sites[0].stands_out else "most failures first; none stands out"
    return f"{first} (all sites {share(whole.failed, whole.total)})"


def why(report: Report, causes: Sequence[Step]) -> list[Why]:
    """What stopped most of the failed, with its words: a sentence for each verdict of theirs, the vanished first.

    Where one thing stopped them all, it is one sentence.
    """
    if not causes:
        return [Why("no device failed, as far as was read")]
    found = numbers.counts(report)
    kinds = [name for name in FAILED if found[name]] if len(causes) > 1 else [""]
    return [_why(kind if kinds[1:] else "", kind == kinds[0], report, causes) for kind in kinds]


def _why(kind: str, is_first: bool, report: Report, causes: Sequence[Step]) -> Why:  # noqa: FBT001
    """What stopped most of those with a verdict; that it is one of many, and that what was not read may clear some."""
    found = (
        (each, [one for one in each.devices if one.verdict in FAILED and kind in {"", one.verdict}]) for each in causes
    )
    groups = sorted((pair for pair in found if pair[1]), key=lambda pair: (-len(pair[1]), pair[0].name))
    named = [pair for pair in groups if pair[0].name != NO_LAYER]
    first, devices = (named or groups)[0]
    failed, number = sum(len(each) for _, each in groups), len(devices)
    unproved = failed - sum(len(each) for _, each in named) if named else 0
    word = kind.replace("_", " ")
    before = f"{failed:,} {word} – " if kind else ""
    part = f"{number:,} of {failed:,} ({share(number, failed)})" if number < failed else f"all {failed:,}"
    if number * 2 < failed:
        before += f"no single cause but {len(named):,}, the largest " if len(named) > 1 else ""
    elif len(named) > 1:
        part += f", the largest of {len(named):,} causes"
    means = f": {first.means}" if first.means and is_first else ""
    if unproved and (unproved >= number or len(named) == 1):
        means += f"; of {'the other ' if unproved + number == failed else ''}{unproved:,} none is proved"
    name = first.name.removeprefix(f"{word}: ")
    return Why(before, name, f", {part}{means}{_doubt(devices, report)}", first.name)


def _doubt(devices: Sequence[Verdict], report: Report) -> str:
    """That a source which was not read may clear some of these devices, "" where none may."""
    open_ = [each for each in devices if _is_open(each)]
    if not open_:
        return ""
    serials = {each.serial for each in open_}
    fetches = (each for each in report.wanted if each.sides)
    names = [each.name for each in fetches if not serials.isdisjoint(one.serial for one in each.verdicts)]
    names = names or [SIDES[side] for side in SIDES if any(side in each.missing for each in open_)]
    many = f"all {len(open_):,}" if len(open_) == len(devices) else f"{len(open_):,} of them"
    return f"; {' or '.join(names)}, still to fetch, may clear {many}"


def _is_open(verdict: Verdict) -> bool:
    """Whether a side of a device was not read far enough; of the half confirmed the missing side was."""
    return bool(verdict.missing) and verdict.verdict != "half_confirmed"


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
