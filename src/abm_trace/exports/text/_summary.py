"""The summary: one sentence, then the numbers by verdict, layer and site, then what was not read."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from abm_trace.core.nouns import Skipped, Verdict
from abm_trace.exports._interface import (
    FAILED,
    LAYERS,
    MARKS,
    NO_LAYER,
    SIDES,
    VERDICTS,
    Report,
    Screen,
    count,
    layer_name,
    moment,
    plain,
    share,
)

SITES_MAX: Final = 10
NOT_READ_MAX: Final = 5
SHARED_MAX: Final = 4
WANTED_MAX: Final = 3
SEAT_PRICE_USD: Final = 2.99
"""What a seat costs a year. Origin: guide; what really costs is the MDM's seat, for ABM is free (SPEC F1)."""

_WITH_DIGITS: Final = re.compile(r"\S*\d\S*")
_BAR: Final = 24


def lines(report: Report, screen: Screen) -> Iterator[str]:
    """The lines of the summary."""
    counts = Counter(verdict.verdict for verdict in report.verdicts)
    yield from _headline(report, screen, counts)
    yield from _shared(report, screen)
    yield from _reach(report, screen)
    yield from _by_verdict(report.verdicts, screen, counts)
    yield from _by_layer(report.verdicts, screen)
    yield from _by_site(report.verdicts, screen)
    yield from _retried(report.verdicts, screen)
    yield from _at_stake(report.verdicts, screen)
    yield from _wanted(report, screen)
    yield from _not_read(report, screen)


def _headline(report: Report, screen: Screen, counts: Counter[str]) -> Iterator[str]:
    if report.simulated:
        yield screen.paint("SIMULATED: the lab made this case, no real device is in it", "bold")
    total = len(report.verdicts)
    failures = [f"{counts[name]:,} {name}" for name in FAILED[1:] if counts[name]]
    read = sum(bool(reading.format) for reading in report.readings)
    refused = len(refused_paths(report))
    parts = [
        f"{counts['vanished']:,} vanished of {count(total, 'device')} ({share(counts['vanished'], total)})",
        *failures,
        f"{counts['unknown']:,} unknown; read {read:,} of {count(read + refused, 'file')}, {refused:,} refused",
    ]
    text = f"{', '.join(parts)}; evidence reaches {moment(_newest(report), report.zone)}"
    style = "bad" if any(counts[name] for name in FAILED) else "bold"
    mark = MARKS["vanished"] if style == "bad" else MARKS["unknown"] if counts["unknown"] else "·"
    yield from screen.sentence(f"{mark} {text}", style=style)


def _shared(report: Report, screen: Screen) -> Iterator[str]:
    """What the failed have in common, and the healthy do not; said to be nothing where it was looked for in vain."""
    if report.shared:
        yield from screen.sentence(f"What stands out: {report.shared[0]}", style="bold")
        for each in report.shared[1:SHARED_MAX]:
            yield from screen.sentence(each, indent="  ")


def _newest(report: Report) -> int:
    """The newest time of any file, not beyond `as_of`: expiries and future dates are no events."""
    times = [reading.last_at for reading in report.readings if reading.last_at is not None]
    return max((at for at in times if at <= report.as_of), default=report.as_of)


def refused_paths(report: Report) -> frozenset[str]:
    """The files of which nothing could be used, and what stands in the case and is no file."""
    unread = {reading.path for reading in report.readings if not reading.format}
    known = {reading.path for reading in report.readings}
    strange = {each.path for each in report.skipped if each.path not in known and not _is_aside(each)}
    return frozenset(unread | strange)


def _is_aside(skipped: Skipped) -> bool:
    """Whether it is about the settings or a user's rule, which are no evidence."""
    return skipped.path == "case.toml" or skipped.reason.startswith("signature not used")


def _reach(report: Report, screen: Screen) -> Iterator[str]:
    rows = [("as of", moment(report.as_of, report.zone))]
    for side, name in SIDES.items():
        until = report.reach.get(side)
        read = "not read: the case holds none" if until is None else f"read up to {moment(until, report.zone)}"
        rows.append((name, read))
    yield from screen.columns(rows)


def _by_verdict(verdicts: Sequence[Verdict], screen: Screen, counts: Counter[str]) -> Iterator[str]:
    yield from _title("By verdict", screen)
    total = len(verdicts)
    names = [name for name in VERDICTS if counts[name] or name in {"vanished", "unknown", "confirmed"}]
    most = max(counts.values(), default=1)
    rows = [
        (MARKS[name], name, f"{counts[name]:,}", share(counts[name], total), "█" * round(_BAR * counts[name] / most))
        for name in names
    ]
    for name, line in zip(names, screen.columns(rows, right=(2, 3)), strict=True):
        # A zero of a failure has no colour: neither alarm nor all-clear.
        yield screen.paint(line, name if counts[name] else "")


def _by_layer(verdicts: Sequence[Verdict], screen: Screen) -> Iterator[str]:
    stopped = [verdict for verdict in verdicts if verdict.layer or verdict.verdict in FAILED]
    if not stopped:
        return
    yield from _title("By layer, of the devices that were stopped", screen)
    counts = Counter((verdict.layer or "", verdict.cause or "") for verdict in stopped)
    rows = [
        (layer or "–", f"{number:,}", share(number, len(stopped)), layer_name(layer, cause) + _meaning(layer, cause))
        for (layer, cause), number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    yield from (screen.paint(row, "failed") for row in screen.columns(rows, right=(1, 2)))


def _meaning(layer: str, cause: str) -> str:
    if not layer:
        return f": {NO_LAYER}"
    return "" if cause else f": {LAYERS[layer][1]}"


def _by_site(verdicts: Sequence[Verdict], screen: Screen) -> Iterator[str]:
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[verdict.site].append(verdict)
    ranked = []
    for site, each in groups.items():
        failed = [verdict for verdict in each if verdict.verdict in FAILED]
        unknown = sum(verdict.verdict == "unknown" for verdict in each)
        if failed or unknown:
            ranked.append((-len(failed), -unknown, site, len(each), _mostly(failed)))
    if not ranked:
        return
    yield from _title("Worst sites", screen)
    ranked.sort()
    shown = ranked if screen.rows is None else ranked[:SITES_MAX]
    rows = [("site", "failed", "of", "share", "unknown", "mostly")]
    rows += [
        (site or "(no site)", f"{-failed:,}", f"{total:,}", share(-failed, total), f"{-unknown:,}", mostly)
        for failed, unknown, site, total, mostly in shown
    ]
    header, *rest = screen.columns(rows, right=(1, 2, 3, 4))
    yield screen.paint(header, "faint")
    yield from rest
    if len(ranked) > len(shown):
        yield f"  and {count(len(ranked) - len(shown), 'more site')} with failures"


def _mostly(failed: Sequence[Verdict]) -> str:
    if not failed:
        return ""
    counts = Counter((verdict.layer or "", verdict.cause or "") for verdict in failed)
    (layer, cause), number = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return f"{layer} {layer_name(layer, cause)} ({number:,})".strip()


def _retried(verdicts: Sequence[Verdict], screen: Screen) -> Iterator[str]:
    asked = sum(verdict.attempts >= 1 for verdict in verdicts)
    retried = sum(verdict.attempts >= 2 for verdict in verdicts)
    yield ""
    text = f"Retried: {retried:,} of {count(asked, 'device')} that asked ({share(retried, asked)}) asked more than once"
    yield from screen.sentence(text)


def _at_stake(verdicts: Sequence[Verdict], screen: Screen) -> Iterator[str]:
    """The MDM seats of the devices that failed; the price is the guide's, and said to be."""
    failed = sum(verdict.verdict in FAILED for verdict in verdicts)
    if failed:
        cost = failed * SEAT_PRICE_USD
        text = f"At stake: {count(failed, 'MDM seat')} of devices that failed, ${cost:,.0f} a year at the guide's price"
        yield from screen.sentence(f"{text} of ${SEAT_PRICE_USD} a device; ABM itself is free")


def _wanted(report: Report, screen: Screen) -> Iterator[str]:
    """What would settle the undecided, the most useful source first."""
    if not report.wanted:
        return
    yield from _title("What would settle most", screen)
    for name, devices, until, how in report.wanted[:WANTED_MAX]:
        past = "" if until is None else f" past {moment(until, report.zone)}"
        yield from screen.sentence(f"{name}{past} would settle {count(devices, 'device')}: {how}", indent="  ")


def _not_read(report: Report, screen: Screen) -> Iterator[str]:
    if not report.skipped:
        return
    files = len({each.path for each in report.skipped})
    yield from _title(f"Not used: {count(len(report.skipped), 'thing')} in {count(files, 'file')}", screen)
    kinds: dict[str, list[Skipped]] = defaultdict(list)
    for each in report.skipped:
        kinds[_WITH_DIGITS.sub("", each.reason)].append(each)
    shown = sorted(kinds.values(), key=len, reverse=True)[:NOT_READ_MAX]
    for alike in shown:
        more = f" (and {len(alike) - 1:,} more like this)" if len(alike) > 1 else ""
        yield from screen.sentence(f"{place(alike[0])}: {alike[0].reason}{more}", indent="  ")
    if len(report.skipped) > len(shown):
        yield from screen.sentence(
            "each one is named on standard error, or in the NDJSON if you asked for that", indent="  "
        )


def place(skipped: Skipped) -> str:
    """Where a skipped thing stands: `path:line`, or the offset where there is no line."""
    if skipped.line is not None:
        return f"{skipped.path}:{skipped.line}"
    return skipped.path if skipped.offset is None else f"{skipped.path} at byte {skipped.offset:,}"


def _title(text: str, screen: Screen) -> Iterator[str]:
    yield ""
    yield screen.paint(plain(text), "bold")
