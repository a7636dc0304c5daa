"""The devices that need someone: grouped by what stopped them, worst first, each group with what to do."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Generator, Sequence

from abm_trace.core.nouns import Verdict
from abm_trace.exports._interface import FAILED, MARKS, VERDICTS, Report, Screen, count, layer_name, moment, plain

ACTION = VERDICTS[:4]
"""The verdicts that somebody must do something about."""

WIDE = 120
"""From this width on a row also says when the last rung was reached and how often the device asked."""

_UNPROTECTED = (" off", " no")
"""How a statement of exposure ends that says that something does not protect the device."""

_Group = tuple[str, str, str, tuple[str, ...]]


def lines(report: Report, screen: Screen) -> Generator[str, None, str]:
    """The lines of the groups; returns the serial of the worst device, "" if none needs anything."""
    groups: dict[_Group, list[Verdict]] = defaultdict(list)
    for verdict in report.verdicts:
        if verdict.verdict in ACTION:
            groups[verdict.verdict, verdict.layer or "", verdict.cause or "", verdict.missing].append(verdict)
    ranked = sorted(groups.items(), key=lambda item: (ACTION.index(item[0][0]), -len(item[1]), item[0]))
    each_max = None if screen.rows is None else max(screen.rows // max(len(ranked), 1), 2)
    hidden = 0
    for key, members in ranked:
        members.sort(key=lambda verdict: (-verdict.confidence, verdict.serial))
        shown = members if each_max is None else members[:each_max]
        hidden += len(members) - len(shown)
        yield ""
        yield from _group(key, members, shown, report, screen)
    if hidden:
        yield ""
        yield f"  {count(hidden, 'more device')} like these; all of them:"
        yield f"    abm-trace triage {plain(shlex.quote(report.case))} --out devices.txt"
    return ranked[0][1][0].serial if ranked else ""


def _group(
    key: _Group, members: Sequence[Verdict], shown: Sequence[Verdict], report: Report, screen: Screen
) -> Generator[str, None, None]:
    name, layer, cause, missing = key
    what = f"{layer} {layer_name(layer, cause)}".strip()
    lack = f", missing: {' and '.join(missing)}" if missing else ""
    yield screen.paint(plain(f"{MARKS[name]} {name} · {what}{lack} · {count(len(members), 'device')}"), name)
    yield from screen.sentence(f"To do: {members[0].next_action}", indent="  ")
    rows = [_row(verdict, report, screen) for verdict in shown]
    style = "failed" if name in FAILED else name
    yield from (screen.paint(row, style) for row in screen.columns(rows, right=(len(rows[0]) - 1,), indent="    "))
    if len(shown) < len(members):
        yield f"    and {len(members) - len(shown):,} more"
    open_ = Counter(text for verdict in members for text in verdict.exposure if text.endswith(_UNPROTECTED))
    if open_:
        said = ", ".join(f"{plain(text)} ({number:,})" for text, number in open_.most_common(4))
        yield from screen.sentence(f"Exposed, as far as is known: {said}", indent="  ", style="failed")


def _row(verdict: Verdict, report: Report, screen: Screen) -> tuple[str, ...]:
    last = verdict.last_rung or "no rung"
    if screen.width >= WIDE and verdict.last_rung_at is not None:
        last = f"{last} {moment(verdict.last_rung_at, report.zone)}"
    attempts = (count(verdict.attempts, "attempt"),) if screen.width >= WIDE else ()
    layer = verdict.layer or "–"
    site = verdict.site or "(no site)"
    return (verdict.serial, site, verdict.verdict, last, layer, *attempts, f"{verdict.confidence} %")
