"""Requested against registered over time, with the guide's alert band, as a picture and as its table."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from abm_trace.core.instants import local
from abm_trace.exports._interface import Report, count, moment, share
from abm_trace.exports.html._markup import Markup, join, tag
from abm_trace.exports.html._words import section, sentence, table, wide

WINDOWS_MAX: Final = 960
"""Ten days of quarter hours; of a longer time the newest are shown, and how many are not."""

WINDOW_US: Final = 15 * 60 * 1_000_000
ALERT_SHARE: Final = 0.03
"""Above this share of requests without a registration, in a window of 15 minutes, the guide alerts (SPEC S2)."""

_RIGHT: Final = 120
"""Room for the name of a day that begins in the last window."""

_STEP, _LEFT, _TOP, _HIGH, _GAP, _LOW = 8, 44, 24, 150, 30, 90


@dataclass(frozen=True, slots=True)
class Window:
    """A quarter of an hour: how many devices asked in it, and how many of those came to be registered."""

    at: int
    asked: int
    registered: int

    @property
    def alert(self) -> bool:
        """Whether more than the guide's share of them did not."""
        return self.asked - self.registered > ALERT_SHARE * self.asked


def over_time(report: Report, asked: Sequence[tuple[int, bool]]) -> Markup:
    """The section; `asked` is when each device asked, with whether it came to be registered."""
    every = windows(asked)
    shown = every[-WINDOWS_MAX:]
    never = sum(verdict.last_rung == "booted" for verdict in report.told)
    blind = f"It is blind to devices that never ask: {count(never, 'device')} booted and did not." if never else ""
    if not shown:
        return section("time", "When", sentence("No request with a time was read. ", blind))
    alerts = sum(window.alert for window in shown)
    words = (
        f"In {alerts:,} of {count(len(shown), 'window')} of 15 minutes more than 3 % of the devices that asked were "
        "never registered; at 3 % the guide alerts. "
    )
    hidden = len(every) - len(shown)
    more = f"{count(hidden, 'older window')} not shown. " if hidden else ""
    lead = tag("p", "✗ " if alerts else "✓ ", words, more, blind, class_="bad" if alerts else None)
    whole = tag("details", tag("summary", "The same as a table"), _table(shown, report.zone), class_="twin")
    return section("time", "When", lead, _picture(shown, report.zone), whole)


def _table(shown: Sequence[Window], zone: tzinfo) -> Markup:
    rows = [
        (
            moment(each.at, zone), f"{each.asked:,}", f"{each.registered:,}", f"{each.asked - each.registered:,}",
            share(each.asked - each.registered, each.asked),
            tag("span", "✗ alert", class_="bad") if each.alert else "✓ below",
        )
        for each in shown
    ]  # fmt: skip
    head = ("from", "asked", "registered", "not registered", "share", "3 % alert")
    return table("Each 15 minutes in which a device asked", head, rows, numbers=(1, 2, 3, 4))


def _picture(shown: Sequence[Window], zone: tzinfo) -> Markup:
    width = max(_LEFT + _STEP * len(shown) + 8, 320)
    height = _TOP + _HIGH + _GAP + _LOW + 26
    most = max(each.asked for each in shown)
    floor = _TOP + _HIGH
    below = floor + _GAP + _LOW
    alert_y = round(below - _LOW * ALERT_SHARE, 2)
    parts = [
        _label(_LEFT + 6, 14, f"devices that asked, each 15 minutes (at most {most:,})"),
        tag("rect", class_="band", x=_LEFT, y=floor + _GAP, width=width - _LEFT - 8, height=alert_y - floor - _GAP),
        _label(_LEFT + 6, floor + _GAP - 8, "share never registered; shaded: above the guide’s 3 % alert"),
        _label(_LEFT - 6, floor + _GAP + 9, "100 %", end=True),
        _label(_LEFT - 6, below, "3 %", end=True),
        _label(_LEFT - 6, _TOP + 9, f"{most:,}", end=True),
        *_days(shown, zone, below),
        *_bars(shown, most, floor, below),
        tag("line", class_="axis", x1=_LEFT, x2=width - 8, y1=floor, y2=floor),
        tag("line", class_="limit", x1=_LEFT, x2=width - 8, y1=alert_y, y2=alert_y),
        tag("line", class_="axis", x1=_LEFT, x2=width - 8, y1=below, y2=below),
        *(_words(at, each, below, zone) for at, each in enumerate(shown)),
    ]  # fmt: skip
    asked, came = sum(each.asked for each in shown), sum(each.registered for each in shown)
    name = f"Requested against registered: {asked:,} devices asked, {came:,} were registered; the table below has each"
    picture = tag(
        "svg", tag("title", name), tag("defs", _hatch()), *parts,
        viewBox=f"0 0 {width + _RIGHT} {height}", width=width + _RIGHT, height=height, role="img", class_="chart",
    )  # fmt: skip
    legend = tag(
        "p", _key("f-confirmed"), " registered ", _key("f-lost"), " never registered (hatched)", class_="legend"
    )
    return join(legend, wide(picture, "Requested against registered over time"))


def _key(style: str) -> Markup:
    box = tag("rect", class_=style, width=14, height=14)
    return tag("svg", box, class_="key", viewBox="0 0 14 14", aria_hidden="true", focusable="false")


def _hatch() -> Markup:
    ground = tag("rect", class_="f-vanished", width=4, height=4)
    stripe = tag("rect", class_="stripe", width=1.5, height=4)
    return tag(
        "pattern", ground, stripe, id="hatch", width=4, height=4, patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )  # fmt: skip


def _bars(shown: Sequence[Window], most: int, floor: int, below: int) -> list[Markup]:
    """The bars as one path a colour: a thousand elements would be slow to open."""
    paths: dict[tuple[str, int], list[str]] = defaultdict(list)
    for number, each in enumerate(shown):
        x, lost = _LEFT + _STEP * number, each.asked - each.registered
        tall, good = round(_HIGH * each.asked / most, 2), round(_HIGH * each.registered / most, 2)
        paths["f-confirmed", floor].append(_bar(x, floor, good))
        paths["f-lost", floor].append(_bar(x, round(floor - good, 2), round(tall - good, 2)))
        paths["f-vanished" if each.alert else "f-confirmed", below].append(
            _bar(x, below, round(_LOW * lost / each.asked, 2))
        )
    return [tag("path", class_=style, d=said) for (style, _), each in paths.items() if (said := "".join(each))]


def _bar(x: int, y: float, high: float) -> str:
    return f"M{x} {y}v-{high}h{_STEP - 2}v{high}z" if high else ""


def _words(number: int, each: Window, below: int, zone: tzinfo) -> Markup:
    """What a pointer is told anywhere in the column of a window."""
    lost = each.asked - each.registered
    words = (
        f"{moment(each.at, zone)}, 15 min: {each.asked:,} asked, {lost:,} never registered ({share(lost, each.asked)})"
    )
    column = f"M{_LEFT + _STEP * number - 1} {_TOP}h{_STEP}V{below}h-{_STEP}z"
    return tag("path", tag("title", words), class_="hit", d=column)


def _days(shown: Sequence[Window], zone: tzinfo, below: int) -> list[Markup]:
    """A line and a date where the site's day changes."""
    parts, day, free = [], "", 0
    for number, each in enumerate(shown):
        wall = local(each.at, zone)
        name = f"{wall:%a %d %b}" if wall is not None else ""
        if name == day:
            continue
        day, x = name, _LEFT + _STEP * number - 1
        parts.append(tag("line", class_="day", x1=x, x2=x, y1=_TOP, y2=below + 4))
        if x >= free and wall is not None:
            parts.append(_label(x + 3, below + 18, f"{name}, from {wall:%H:%M %Z}"))
            free = x + 150
    return parts


def _label(x: int, y: int, words: str, *, end: bool = False) -> Markup:
    return tag("text", words, x=x, y=y, text_anchor="end" if end else None)


def windows(times: Sequence[tuple[int, bool]]) -> list[Window]:
    """The windows in which anybody asked, of (when a device asked, whether it came to be registered)."""
    asked: Counter[int] = Counter()
    registered: Counter[int] = Counter()
    for at, came in times:
        asked[at // WINDOW_US] += 1
        registered[at // WINDOW_US] += came
    return [Window(number * WINDOW_US, asked[number], registered[number]) for number in sorted(asked)]
