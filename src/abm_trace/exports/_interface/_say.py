"""The answer in sentences, each made once for the terminal, the page and the paper."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from abm_trace.core.nouns import FAILED, Verdict
from abm_trace.exports._interface import _numbers as numbers
from abm_trace.exports._interface import _places as places
from abm_trace.exports._interface._report import Report
from abm_trace.exports._interface._screen import MARKS, count, moment, share
from abm_trace.exports._interface._steps import Step
from abm_trace.exports._interface._words import NO_LAYER, SIDES, UNPROVED, UNREAD

_COMPARED_MIN: Final = 5
"""Below so many failed or healthy devices nothing is compared (docs/contrast.md)."""

_LOST_MAX: Final = 2
"""So many sites at which everything failed are named."""

_FEW: Final = 3
"""So many sites with failures are all named, whether or not one stands out."""

_CAUSES_MAX: Final = 5
"""So many causes of a verdict are named, and a sixth, which would take the room of "1 more"."""

# What is said of devices that nothing explains, by the name of their group: its words, how many, and what lacks.
_BARE: Final = {
    NO_LAYER: (NO_LAYER, " for {}", ""),
    UNPROVED["rejected"]: ("ABM rejected", " {}", ", no layer explains why"),
    UNPROVED["half_confirmed_mdm"]: ("the MDM has no record", " of {}", ", nothing says why"),
    UNPROVED["half_confirmed_apple"]: ("ABM or DEP has no record", " of {}", ", nothing says why"),
    UNPROVED["half_confirmed"]: ("one side has no record", " of {}", ", nothing says why"),
}

_Parts = list[tuple[str, str]]
"""Words, each with the name of the group that they name, "" for none."""

_Sizes = Sequence[tuple[Step, int]]
"""Groups, each with how many of its devices have the verdict that is told, the most first."""


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
    """A sentence about what stopped the devices with a verdict: its words, and the name of the group that they name.

    The name is that of the group in lists, "" for words that name none.
    """

    parts: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The sentence."""
        return "".join(words for words, _ in self.parts)


def headline(report: Report) -> tuple[str, str, str]:
    """The mark, the verdict that colours it ("" for none), and how many of how many."""
    found, total = numbers.counts(report), len(report.told)
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
    found, total = numbers.counts(report), len(report.told)
    if any(found[name] for name in FAILED):
        return "Every device vanished: none is healthy to compare them with." if found["vanished"] == total else ""
    if found["unknown"]:
        return f"No failure was seen, but {count(found['unknown'], 'device')} cannot be judged: no all-clear."
    if not total:
        return "Nothing that was read names a device: none is judged, no all-clear."
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
    return [each for each in report.told if side in each.missing and _is_open(each)]


def warnings(report: Report) -> list[str]:
    """Which side was not read, or not far enough for some devices, and how many that leaves open."""
    ends: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for side in SIDES:
        until = report.reach.get(side)
        open_ = _open(side, report)
        if until is None or open_:
            ends.setdefault((_end(side, open_, report), tuple(each.serial for each in open_)), []).append(side)
    failed = {each.serial for each in report.told if each.verdict in FAILED}
    return [
        f"{' and '.join(SIDES[side] for side in sides)} {end}{_left_open(serials, failed)}"
        for (end, serials), sides in ends.items()
    ]


def _left_open(serials: Sequence[str], failed: Collection[str]) -> str:
    """What hangs on a side that was not read: devices of which nothing is known, and failed ones that it may clear."""
    doubtful = sum(serial in failed for serial in serials)
    unknown = len(serials) - doubtful
    said = [f"{count(unknown, 'device')} cannot be settled"] if unknown else []
    said += [f"fetching the rest may clear {doubtful:,} of the {len(failed):,} failed"] if doubtful else []
    return f": {', '.join(said)}" if said else ""


def _end(side: str, open_: Sequence[Verdict], report: Report) -> str:
    """Where the reading of a side ended."""
    until = report.reach.get(side)
    if until is None:
        return UNREAD[report.held.get(side, "")]
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
        if (named := places.named(sites)) == 1:
            return [*said, Where("nowhere: no device failed, and none is unknown")]
        return [*said, Where(f"nowhere: none of {named:,} sites has a failure or an unknown device")]
    if not first.failed:
        most = f" ({first.unknown:,} of {first.total:,})"
        return [*said, Where("no site has a failure; the most unknown devices are at ", first, most)]
    return [*said, _at_sites(sites, whole)]


def _on_server(found: places.Place, whole: places.Place, report: Report) -> Where:
    """How many failed of an MDM server; that its lists lack, where those are why they are not known to be well."""
    bad = (
        each
        for each in report.told
        if report.servers.get(each.serial) == found.name and (each.verdict in FAILED or each.verdict == "unknown")
    )
    lacks = " (lists still to fetch)" if all(_is_open(each) for each in bad) else ""
    unknown = f", {found.unknown:,} unknown" if found.unknown else ""
    return Where("MDM server ", found, f"{lacks}: {_part(found, whole, 'devices')}{unknown}")


def _at_sites(sites: Sequence[places.Place], whole: places.Place) -> Where:
    """At how many sites devices failed, and which stands out; chance blames none, and the headline has the sum."""
    failing = [site for site in sites if site.failed]
    at, of = places.named(failing), places.named(sites)
    part = f"at {at:,} of {count(of, 'site')}"
    out = [site for site in sites if site.stands_out]
    if out:
        more = f"{len(out):,} stand out, most " if len(out) > 1 else "one stands out, "
        return Where(f"{part}; {more}", out[0], f": {_part(out[0], whole, 'sites')}")
    if len(failing) <= _FEW:
        each = [f"{site.name or '(no site)'} ({site.failed:,} of {site.total:,} failed)" for site in failing]
        return Where(f"{part}: {', '.join(each)}; none stands out")
    return Where(f"{f'all {at:,} sites alike' if at == of else part}, none stands out")


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
    """What stopped the failed: a sentence for each of their verdicts, the vanished first, or one for all alike."""
    if not causes:
        return [Why((("no device failed, as far as was read", ""),))]
    if len(causes) == 1 and causes[0].is_cause:
        return [_why("", causes, report, is_first=True)]
    found = numbers.counts(report)
    kinds = [name for name in FAILED if found[name]]
    return [_why(kind, causes, report, is_first=kind == kinds[0]) for kind in kinds]


def _why(kind: str, causes: Sequence[Step], report: Report, *, is_first: bool) -> Why:
    """What stopped those with a verdict, the most first; what is not known goes before where it is more."""
    told = FAILED if not kind else (kind,)
    groups = [(each, [one for one in each.devices if one.verdict in told]) for each in causes]
    sizes = sorted(
        ((each, len(devices)) for each, devices in groups if devices), key=lambda each: (-each[1], each[0].name)
    )
    failed = sum(number for _, number in sizes)
    named, bare = [each for each in sizes if each[0].is_cause], [each for each in sizes if not each[0].is_cause]
    said = [_causes(named, failed, whole="" if kind else f", all {failed:,}", is_meant=is_first), _bare(bare, failed)]
    if named and sum(number for _, number in bare) > named[0][1]:
        said.reverse()
    before = f"{failed:,} {kind.replace('_', ' ')} – " if kind else ""
    doubt = _doubt([one for _, devices in groups for one in devices], report)
    return Why(((before, ""), *_joined((part for part in said if part), "; "), (doubt, "")))


def _causes(named: _Sizes, failed: int, *, whole: str, is_meant: bool) -> _Parts:
    """Each cause with its number, those of the same number together: of equals none is the largest."""
    if not named:
        return []
    shown = named if len(named) <= _CAUSES_MAX + 1 else named[:_CAUSES_MAX]
    ranks = [(number, [step for step, _ in each]) for number, each in groupby(shown, key=lambda each: each[1])]
    said = [_alike(each, number, failed, whole=whole, is_meant=is_meant) for number, each in ranks]
    if rest := named[len(shown) :]:
        said.append([(f"{len(rest):,} more, {sum(number for _, number in rest):,} together", "")])
    return [(_how_many(named, failed), ""), *_joined(said, "; ")]


def _how_many(named: _Sizes, failed: int) -> str:
    """How many causes, where they are many or alike."""
    largest, least = named[0][1], named[-1][1]
    if len(named) == 1:
        return ""
    if largest == least:
        return f"{'two' if len(named) == 2 else f'{len(named):,} causes'} alike: "
    if len(named) == 2:
        return ""
    return f"{len(named):,} causes{', none above half' * (largest * 2 <= failed)}: "


def _alike(causes: Sequence[Step], number: int, failed: int, *, whole: str, is_meant: bool) -> _Parts:
    """Causes of as many devices each, or one, with what it means where it is that of more than half."""
    names = [[(each.name, each.name)] for each in causes]
    if len(causes) > 1:
        return [*_joined(names[:-1], ", "), (" and ", ""), *names[-1], (f", {number:,} each", "")]
    most = number * 2 > failed
    part = f", {number:,}{f' ({share(number, failed)})' if most else ''}" if number < failed else whole
    means = f": {causes[0].means}" if causes[0].means and most and is_meant else ""
    return [*names[0], (f"{part}{means}", "")]


def _bare(groups: _Sizes, failed: int) -> _Parts:
    """What is known of devices that nothing explains, which is no cause."""
    said: list[_Parts] = []
    lack = ""
    for step, number in reversed(groups):
        words, of, lacks = _BARE.get(step.name) or _BARE[UNPROVED[step.devices[0].verdict]]
        many = of.format("them" if number == failed else f"{number:,}")
        if number == failed and step.means and not lacks:
            many = f": {step.means}"
        # What two lack alike is said behind the last.
        said.insert(0, [(words, step.name), (f"{many}{'' if lacks == lack else lacks}", "")])
        lack = lacks
    return _joined(said, ", ")


def _joined(each: Iterable[Sequence[tuple[str, str]]], sign: str) -> _Parts:
    """The parts of each, with a sign between."""
    said: _Parts = []
    for parts in each:
        said += [*([(sign, "")] if said else []), *parts]
    return said


def _doubt(devices: Sequence[Verdict], report: Report) -> str:
    """That a source which was not read may clear some of these devices, "" where none may."""
    open_ = [each for each in devices if _is_open(each)]
    if not open_:
        return ""
    serials = {each.serial for each in open_}
    fetches = (each for each in report.wanted if each.sides)
    names = [each.name for each in fetches if not serials.isdisjoint(one.serial for one in each.verdicts)]
    names = names or [SIDES[side] for side in SIDES if any(side in each.missing for each in open_)]
    many = f"all {len(open_):,}" if len(open_) == len(devices) else f"{len(open_):,} of the {len(devices):,}"
    return f"; {' or '.join(names)}, still to fetch, may clear {many}"


def _is_open(verdict: Verdict) -> bool:
    """Whether a side of a device was not read far enough; of the half confirmed the missing side was."""
    return bool(verdict.missing) and verdict.verdict != "half_confirmed"


def calm(report: Report) -> str:
    """What to do where nobody is needed."""
    found, total = numbers.counts(report), len(report.told)
    if not total:
        return "name the devices first: nothing that was read names one, a manifest.csv with a column serial would"
    if waiting := found["in_progress"]:
        ends = (each.deadline_at for each in report.told if each.verdict == "in_progress")
        due = max((at for at in ends if at is not None), default=None)
        until = "" if due is None else f" until {moment(due, report.zone)}"
        return f"wait{until}, then trace again: {count(waiting, 'device')} may still come"
    if idle := found["not_started"]:
        return f"nothing to mend; {count(idle, 'device')} not switched on yet: trace again when they are"
    return "nothing to mend, no device needs anyone: go on, and keep these verdicts for the next shift"
