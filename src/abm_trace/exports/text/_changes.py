"""The hand-over of a shift: what is said otherwise than before, grouped by what happened, and what is still open."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from abm_trace.core.changes import KINDS, Change, Changes
from abm_trace.core.instants import render
from abm_trace.core.nouns import FAILED, VERDICTS, Verdict
from abm_trace.exports._interface import (
    CHANGE_REASONS,
    CHANGE_TITLES,
    MARKS,
    Report,
    Screen,
    because,
    count,
    moment,
    place_of,
    plain,
    share,
    what,
)

_SITES_MAX: Final = 3
"""How many sites of a group a terminal is told."""

_OPEN: Final = VERDICTS[:4]
_Group = tuple[str, str, str]
"""The verdict that is shown, and what was said before and after."""


def lines(report: Report, changes: Changes, screen: Screen) -> Iterator[str]:
    """The lines of the page, the most urgent first."""
    if report.simulated or any(each.earlier.simulated for each in changes.items if each.earlier):
        yield screen.paint("SIMULATED: the lab made this case, no real device is in it", "bold")
    yield from _headline(report, changes, screen)
    yield from _both(report, changes, screen)
    groups = _groups(changes.items)
    number = sum(map(len, groups.values()))
    each_max = None if screen.rows is None else max(screen.rows // max(number, 1) - 2, 1)
    for kind in KINDS:
        if groups[kind]:
            number = sum(map(len, groups[kind].values()))
            yield from _title(f"{CHANGE_TITLES[kind]}: {count(number, 'device')}", screen)
        for key, members in sorted(groups[kind].items(), key=lambda item: _worst(*item)):
            yield from _group(key, members, each_max, screen)
    yield from _open(report, changes, screen)
    yield ""
    yield from _next(report, changes, screen)


def _headline(report: Report, changes: Changes, screen: Screen) -> Iterator[str]:
    counts = Counter(change.kind for change in changes.items)
    newly = [change.later for change in changes.items if change.kind in {"failed", "new"} and change.later]
    failed = Counter(verdict.verdict for verdict in newly if verdict.verdict in FAILED)
    said = ", ".join(f"{failed[name]:,} {name.replace('_', ' ')}" for name in FAILED if failed[name])
    devices = len(report.told)
    now = sum(verdict.verdict in FAILED for verdict in report.told)
    same = devices - sum(change.later is not None for change in changes.items)
    text = (
        f"{count(sum(failed.values()), 'device')} newly failed since {moment(changes.as_of, report.zone)}"
        f"{f' ({said})' if said else ''}, {counts['recovered']:,} recovered, {counts['changed']:,} changed otherwise, "
        f"{counts['new']:,} new, {counts['gone']:,} gone, {same:,} unchanged; "
        f"now {now:,} of {count(devices, 'device')} stand failed ({share(now, devices)})"
    )
    style = "bad" if failed else "bold"
    yield from screen.sentence(f"{MARKS['vanished'] if failed else '·'} {text}", style=style)


def _both(report: Report, changes: Changes, screen: Screen) -> Iterator[str]:
    rows = [
        ("earlier", f"as of {moment(changes.as_of, report.zone)}", count(changes.before, "device"), changes.since),
        ("now", f"as of {moment(report.as_of, report.zone)}", count(len(report.told), "device"), report.case),
    ]
    yield from screen.columns(rows)
    if changes.as_of > report.as_of:
        text = "The earlier verdicts are of a later time than these: are they the right way round?"
        yield from screen.sentence(text, indent="  ", style="bold")
    if withdrawn := sum(change.why == "withdrawn" and change.kind != "gone" for change in changes.items):
        text = f"Of {count(withdrawn, 'device')} evidence went away: what is said better of them now is no recovery."
        yield from screen.sentence(text, indent="  ", style="bold")
    gone = sum(change.kind == "gone" for change in changes.items)
    if gone == changes.before:
        yield from screen.sentence("No device stands in both: is it the same rollout?", indent="  ", style="bold")


def _groups(items: Sequence[Change]) -> dict[str, dict[_Group, list[Change]]]:
    groups: dict[str, dict[_Group, list[Change]]] = {kind: defaultdict(list) for kind in KINDS}
    for change in items:
        said = change.later or change.earlier
        state = said.verdict if said else "unknown"
        groups[change.kind][state, _state(change.earlier), _state(change.later)].append(change)
    return groups


def _state(verdict: Verdict | None) -> str:
    """A verdict with what stopped the device; "" where there is none."""
    if verdict is None:
        return ""
    layer = f" {what(verdict.layer, verdict.cause or '')}" if verdict.layer else ""
    return f"{verdict.verdict.replace('_', ' ')}{layer}"


def _worst(key: _Group, members: Sequence[Change]) -> tuple[int, int, _Group]:
    return VERDICTS.index(key[0]), -len(members), key


def _group(key: _Group, members: Sequence[Change], each_max: int | None, screen: Screen) -> Iterator[str]:
    state, before, after = key
    path = before if before == after else " → ".join(name for name in (before, after) if name)
    yield screen.paint(plain(f"  {MARKS[state]} {path} · {count(len(members), 'device')}"), state)
    sites = Counter(change.site or "(no site)" for change in members)
    ranked = sorted(sites.items(), key=lambda item: (-item[1], item[0]))
    named = ranked if each_max is None else ranked[:_SITES_MAX]
    rest = f" and {count(len(ranked) - len(named), 'more site')}" if len(ranked) > len(named) else ""
    where = "at " + ", ".join(f"{site} ({number:,})" for site, number in named) + rest
    if members[0].kind not in {"new", "gone"}:
        whys = Counter(change.why for change in members)
        where = ", ".join(f"{whys[why]:,} {words}" for why, words in CHANGE_REASONS.items() if whys[why]) + f"; {where}"
    yield from screen.sentence(where, indent="    ")
    order = {site: number for number, (site, _) in enumerate(ranked)}
    listed = sorted(members, key=lambda change: (order[change.site or "(no site)"], change.serial))
    shown = listed if each_max is None else listed[:each_max]
    rows = [_row(change) for change in shown]
    yield from screen.columns(rows, indent="      ")
    if len(shown) < len(listed):
        yield f"      and {len(listed) - len(shown):,} more"


def _row(change: Change) -> tuple[str, ...]:
    before, after = change.earlier, change.later
    rungs = [each.last_rung or "no rung" for each in (before, after) if each]
    rung = rungs[0] if len(set(rungs)) == 1 else " → ".join(rungs)
    grounds = change.cited or change.dropped
    place = next((text for ground in grounds if (text := place_of(ground.origin))), "–")
    return change.serial, change.site or "(no site)", rung, place, _short(change)


def _short(change: Change) -> str:
    """Why, as short as a row needs it: its group says the rest."""
    after = change.later
    if change.why == "time" and after is not None and after.deadline_at is not None:
        return f"it was due at {render(after.deadline_at)}"
    ground = next(iter(change.cited or change.dropped), None)
    if ground is None:
        return because(change)
    return ground.text if ground.kind == "rung" else f"{ground.id}: {ground.text}"


def _open(report: Report, changes: Changes, screen: Screen) -> Iterator[str]:
    """What failed before and still stands so, and what is still waited for."""
    newly = {change.serial for change in changes.items if change.kind in {"failed", "new"}}
    still = [each for each in report.told if each.verdict in _OPEN and each.serial not in newly]
    waiting = [each for each in report.told if each.verdict == "in_progress"]
    yield from _title(f"Still open from before: {count(len(still), 'device')}", screen)
    groups = Counter((each.verdict, each.layer or "", each.cause or "") for each in still)
    ranked = sorted(groups.items(), key=lambda item: (VERDICTS.index(item[0][0]), -item[1], item[0]))
    rows = [
        (MARKS[verdict], verdict.replace("_", " "), f"{number:,}", what(layer, cause) if layer else "")
        for (verdict, layer, cause), number in ranked
    ]
    for ((verdict, _, _), _), line in zip(ranked, screen.columns(rows, right=(2,)), strict=True):
        yield screen.paint(line, "failed" if verdict in FAILED else verdict)
    if waiting:
        yield from screen.sentence(f"{_waited(waiting, report)}", indent="  ", style="in_progress")


def _waited(waiting: Sequence[Verdict], report: Report) -> str:
    due = [each.deadline_at for each in waiting if each.deadline_at is not None]
    last = f"; the last deadline is {moment(max(due), report.zone)}" if due else ""
    return f"{MARKS['in_progress']} {count(len(waiting), 'device')} in progress{last}"


def _next(report: Report, changes: Changes, screen: Screen) -> Iterator[str]:
    """The commands to type next; a command is never wrapped, so that it can be copied."""
    case = plain(shlex.quote(report.case))
    newly = (change for change in changes.items if change.later and change.later.verdict in FAILED)
    worst = next((change.serial for change in newly), "")
    if worst:
        yield f"{screen.paint('next', 'bold')}  abm-trace explain {plain(shlex.quote(worst))} --case {case}"
    kept = f"abm-trace triage {case} --format ndjson --out verdicts.ndjson"
    yield f"{screen.paint('then' if worst else 'next', 'bold')}  {kept}   (for the next hand-over's --since)"


def _title(text: str, screen: Screen) -> Iterator[str]:
    yield ""
    yield screen.paint(plain(text), "bold")
