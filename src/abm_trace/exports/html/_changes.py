"""What is said otherwise than by the verdicts of `--since`: the hand-over of a shift, in the words of the terminal."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from abm_trace.core.changes import KINDS, Change, Changes
from abm_trace.core.nouns import FAILED, VERDICTS, Verdict
from abm_trace.exports._interface import (
    CHANGE_REASONS,
    CHANGE_TITLES,
    MARKS,
    Report,
    because,
    count,
    moment,
    numbers,
    place_of,
    share,
    stopped_by,
    what,
)
from abm_trace.exports.html._markup import Markup, join, tag
from abm_trace.exports.html._words import badge, pick, section, sentence, table

_SITES_MAX: Final = 3
_DEVICES_MAX: Final = 500
"""So many devices are named; the NDJSON has all. Origin: ours, some 100 kB."""


def changes(report: Report, rows: Sequence[Verdict]) -> Markup:
    """The section; nothing where nobody asked what changed."""
    found = report.changes
    if found is None:
        return join()
    return section(
        "changes", "What changed", _headline(report, found), *_doubts(report, found), _groups(found),
        _devices(found, rows),
        _open(report, found),
    )  # fmt: skip


def _headline(report: Report, found: Changes) -> Markup:
    kinds = Counter(each.kind for each in found.items)
    newly = [each.later for each in found.items if each.kind in {"failed", "new"} and each.later]
    failed = Counter(each.verdict for each in newly if each.verdict in FAILED)
    said = ", ".join(f"{failed[name]:,} {name.replace('_', ' ')}" for name in FAILED if failed[name])
    devices = len(report.told)
    now = sum(each.verdict in FAILED for each in report.told)
    same = devices - sum(each.later is not None for each in found.items)
    words = (
        f"{count(sum(failed.values()), 'device')} newly failed since {moment(found.as_of, report.zone)}"
        f"{f' ({said})' if said else ''}, {kinds['recovered']:,} recovered, {kinds['changed']:,} changed otherwise, "
        f"{kinds['new']:,} new, {kinds['gone']:,} gone, {same:,} unchanged; "
        f"now {now:,} of {count(devices, 'device')} stand failed ({share(now, devices)})"
    )
    return tag("p", f"{MARKS['vanished'] if failed else '·'} {words}", class_="bad" if failed else None)


def _doubts(report: Report, found: Changes) -> list[Markup]:
    """What was compared, and what makes that doubtful."""
    doubts = []
    if found.as_of > report.as_of:
        doubts.append("The earlier verdicts are of a later time than these: are they the right way round?")
    if number := sum(each.why == "withdrawn" and each.kind != "gone" for each in found.items):
        doubts.append(
            f"Of {count(number, 'device')} evidence went away: what is said better of them now is no recovery."
        )
    if sum(each.kind == "gone" for each in found.items) == found.before:
        doubts.append("No device stands in both: is it the same rollout?")
    if any(each.earlier.simulated for each in found.items if each.earlier) and not report.simulated:
        doubts.append("SIMULATED: the lab made this case, no real device is in it")
    earlier = f"earlier: as of {moment(found.as_of, report.zone)}, {count(found.before, 'device')}, {found.since}"
    return [
        tag("p", earlier, class_="faint"),
        *(tag("p", tag("b", "!\u00a0"), each, class_="warning") for each in doubts),
    ]


def _groups(found: Changes) -> Markup:
    """What happened to how many, the most urgent first."""
    groups: dict[tuple[str, str, str, str], list[Change]] = defaultdict(list)
    for each in found.items:
        said = each.later or each.earlier
        state = said.verdict if said else "unknown"
        groups[each.kind, state, _state(each.earlier), _state(each.later)].append(each)
    ranked = sorted(
        groups.items(), key=lambda item: (KINDS.index(item[0][0]), VERDICTS.index(item[0][1]), -len(item[1]))
    )
    rows = [
        (CHANGE_TITLES[kind], _path(state, before, after), f"{len(each):,}", _why(kind, each), _sites(each))
        for (kind, state, before, after), each in ranked
    ]
    caption = "What is said otherwise, by what happened, the most urgent first"
    return (
        table(caption, ("what happened", "verdict", "devices", "why", "where"), rows, numbers=(2,)) if rows else join()
    )


def _state(verdict: Verdict | None) -> str:
    """A verdict with what stopped the device; "" where there is none."""
    if verdict is None:
        return ""
    word = verdict.verdict.replace("_", " ")
    return f"{word} {what(verdict.layer, verdict.cause or '')}" if verdict.layer else word


def _path(state: str, before: str, after: str) -> Markup:
    path = before if before == after else " → ".join(name for name in (before, after) if name)
    return tag("span", f"{MARKS[state]} {path}", class_=f"v-{state}")


def _why(kind: str, each: Sequence[Change]) -> str:
    if kind in {"new", "gone"}:
        return ""
    found = Counter(change.why for change in each)
    return ", ".join(f"{found[why]:,} {words}" for why, words in CHANGE_REASONS.items() if found[why])


def _sites(each: Sequence[Change]) -> str:
    found = Counter(change.site or "(no site)" for change in each)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    rest = len(ranked) - _SITES_MAX
    more = f" and {count(rest, 'more site')}" if rest > 0 else ""
    return ", ".join(f"{site} ({number:,})" for site, number in ranked[:_SITES_MAX]) + more


def _devices(found: Changes, listed: Sequence[Verdict]) -> Markup:
    """Each device of which something is said otherwise; its serial leads to its page, where it has one."""
    if not found.items:
        return join()
    serials = {each.serial for each in listed}
    rows = [_device(each, has_page=each.serial in serials) for each in found.items[:_DEVICES_MAX]]
    left = len(found.items) - len(rows)
    more = sentence(f"and {left:,} more") if left else join()
    head = ("serial", "site", "what happened", "why", "where")
    whole = table("Each device of which something is said otherwise", head, rows)
    return tag("details", tag("summary", count(len(found.items), "device")), whole, more)


def _device(each: Change, *, has_page: bool) -> tuple[str, ...]:
    serial: str = each.serial
    if has_page:
        serial = tag("a", serial, href=f"#device={quote(serial.encode('utf-8', 'replace'), safe='')}")
    place = next((said for ground in each.cited or each.dropped if (said := place_of(ground.origin))), "–")
    return serial, each.site or "(no site)", CHANGE_TITLES[each.kind], because(each), tag("code", place)


def _open(report: Report, found: Changes) -> Markup:
    """What failed before and still stands so, and what is still waited for."""
    newly = {each.serial for each in found.items if each.kind in {"failed", "new"}}
    still = [each for each in report.told if each.verdict in numbers.ACTION and each.serial not in newly]
    groups = Counter((each.verdict, stopped_by(each)) for each in still)
    ranked = sorted(groups.items(), key=lambda item: (VERDICTS.index(item[0][0]), -item[1], item[0]))
    rows = [(badge(verdict), f"{number:,}", pick(layer, layer=layer)) for (verdict, layer), number in ranked]
    caption = f"Still open from before: {count(len(still), 'device')}"
    whole = table(caption, ("verdict", "devices", "stopped by"), rows, numbers=(1,)) if rows else sentence(caption)
    waiting = [each.deadline_at for each in report.told if each.verdict == "in_progress"]
    if not waiting:
        return whole
    due = max((at for at in waiting if at is not None), default=None)
    last = "" if due is None else f"; the last deadline is {moment(due, report.zone)}"
    words = f"{MARKS['in_progress']} {count(len(waiting), 'device')} in progress{last}"
    return join(whole, tag("p", words, class_="v-in_progress"))
