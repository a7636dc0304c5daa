"""The pictures of a summary: what stopped them, the worst sites, bars by verdict, the ladder as bars."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from abm_trace.core.nouns import APPLES_OWN, GUIDE_ONLY
from abm_trace.exports._interface import (
    MARKS,
    VERDICTS,
    Report,
    Screen,
    clip,
    count,
    numbers,
    places,
    say,
    share,
    steps,
    what,
)

BESIDE_WIDTH: Final = 150
"""From this width on two pictures stand beside each other."""

_ROWS_SHORT: Final = 4
_ROWS_BESIDE: Final = 7
"""Of the causes and of the sites, where the screen wants a short list."""

_BAR_MAX: Final = 40
_UNKNOWN_MAX: Final = 3

_HALF: Final = "half confirmed: "
"""What the last column has no room for."""


def lines(report: Report, screen: Screen) -> Iterator[str]:
    """The four pictures, each with an empty line before it; a wide screen has them in two columns.

    One that would show nothing beyond the answer is left out.
    """
    pairs = ((_layers, _sites), (_verdicts, _ladder))
    if screen.width < BESIDE_WIDTH:
        screen = replace(screen, rows=None if screen.rows is None else _ROWS_SHORT)
        for picture in (picture for pair in pairs for picture in pair):
            if shown := list(picture(report, screen)):
                yield from ("", *shown)
        return
    half = replace(screen, width=(screen.width - 4) // 2, rows=None if screen.rows is None else _ROWS_BESIDE)
    for left, right in pairs:
        blocks = [shown for picture in (left, right) if (shown := list(picture(report, half)))]
        if blocks:
            yield ""
            yield from half.beside(*blocks) if len(blocks) > 1 else blocks[0]


def _verdicts(report: Report, screen: Screen) -> Iterator[str]:
    found, total = numbers.counts(report), len(report.told)
    yield screen.paint(f"How many, of {count(total, 'device')}", "bold")
    names = [name for name in VERDICTS if found[name] or name in {"vanished", "confirmed"}]
    room = min(screen.width - 38, _BAR_MAX)
    rows = [
        (
            MARKS[name], name.replace("_", " "), f"{found[name]:,}", share(found[name], total),
            screen.bar(found[name], total, room),
        )
        for name in names
    ]  # fmt: skip
    for name, line in zip(names, screen.columns(rows, right=(2, 3)), strict=True):
        # A zero of a failure has no colour: neither alarm nor all-clear.
        yield screen.paint(line, name if found[name] else "")


def _ladder(report: Report, screen: Screen) -> Iterator[str]:
    """How many reached each rung, and who stopped there: a device that never booted is no failure."""
    total = len(report.told)
    yield screen.paint("How far: who reached each rung, and whose last it was", "bold")
    steps = numbers.ladder(report)
    runs = [[step] for step in steps] if screen.rows is None else _runs(steps)
    room = min(screen.width - 66, _BAR_MAX)
    rows = [
        (
            " to ".join(dict.fromkeys((run[0].rung, run[-1].rung))),
            f"{run[0].reached:,}" if run[0].of else "–",
            share(run[0].reached, run[0].of) if run[0].of else "",
            screen.bar(run[0].reached, total, room),
        )
        for run in runs
    ]
    for run, line in zip(runs, screen.columns(rows, right=(1, 2)), strict=True):
        step = run[-1]
        if not step.of and total:
            said = f"{line}  not told by any source that was read"
            yield said if screen.whole else clip(said, screen.width)
            continue
        seldom = [screen.paint("few sources show it", "faint")] if run[0].rung == APPLES_OWN else []
        here = [
            screen.paint(f"{MARKS[name]} {step.stopped[name]:,}", name)
            for name in VERDICTS[:-1]
            if step.stopped.get(name)
        ]
        yield "  ".join((line, *here, *seldom))


def _runs(steps: Sequence[numbers.Rung]) -> list[list[numbers.Rung]]:
    """The rungs, those together between which nobody was lost."""
    runs: list[list[numbers.Rung]] = []
    for step in steps:
        last = runs[-1][-1] if runs else None
        if last and not last.stopped and (last.reached, last.of) == (step.reached, step.of):
            runs[-1].append(step)
        else:
            runs.append([step])
    return runs


def _layers(report: Report, screen: Screen) -> Iterator[str]:
    """What stopped the failed, who add up to all of them; the undecided with a proved layer are told beside them."""
    causes = steps.causes(report)
    failed = sum(each.failed for each in causes)
    if causes:
        yield screen.paint(f"Why, of the {count(failed, 'device')} that failed", "bold")
        shown = causes[: screen.rows]
        rows = [
            (f"{each.failed:,}", share(each.failed, failed), each.name + (f": {each.means}" if each.means else ""))
            for each in shown
        ]
        yield from (screen.paint(row, "failed") for row in screen.columns(rows, right=(0, 1)))
        if len(causes) > len(shown):
            rest = sum(each.failed for each in causes[len(shown) :])
            more = f"  and {len(causes) - len(shown):,} more, {count(rest, 'device')}"
            yield screen.paint(more, "failed")
    unknown = Counter({each.name: each.count - each.failed for each in steps.proved(report)})
    if unknown.total():
        said = ", ".join(f"{name} ({number:,})" for name, number in unknown.most_common(_UNKNOWN_MAX) if number)
        text = f"? beside them {count(unknown.total(), 'device')} unknown with a proved layer: {said}"
        yield from screen.sentence(text, indent="  ", style="unknown")
    if {dialect for verdict in report.told for dialect in verdict.dialects} == {"apple"}:
        names = " and ".join(what(layer, "") for layer in sorted(GUIDE_ONLY))
        text = f"– {names}: not applicable, all evidence is Apple’s own"
        yield from screen.sentence(text, indent="  ", style="faint")
    if number := numbers.pending(report):
        text = f"✗ Pending: {count(number, 'device')} without a confirmation; past 90 s that is a failure"
        yield from screen.sentence(text, indent="  ", style="bad")


def _sites(report: Report, screen: Screen) -> Iterator[str]:
    sites = places.by_site(report)
    worst = [site for site in sites if site.failed or site.unknown]
    if not any(site.name for site in sites) or len(sites) == 1 or not worst:
        return
    yield screen.paint(f"Where, {say.order(report)}", "bold")
    shown = worst[: screen.rows]
    rows = [("site", "failed", "of", "share", "unknown", "mostly")]
    rows += [
        (
            site.name or "(no site)", f"{site.failed:,}", f"{site.total:,}", share(site.failed, site.total),
            f"{site.unknown:,}", f"{site.mostly_count:,} {site.mostly.removeprefix(_HALF)}" if site.failed else "",
        )
        for site in shown
    ]  # fmt: skip
    header, *rest = screen.columns(rows, right=(1, 2, 3, 4))
    yield screen.paint(header, "faint")
    for site, row in zip(shown, rest, strict=True):
        yield screen.paint(row, "failed" if site.failed else "unknown")
    if len(worst) > len(shown):
        more = f"  and {count(len(worst) - len(shown), 'more site')} with failures or unknown devices"
        yield screen.paint(more, "failed" if worst[len(shown)].failed else "unknown")
