"""The top of the page: how many vanished, where, why, and what to do next, to be read in ten seconds."""

from typing import Final

from abm_trace.exports._interface import FAILED, MARKS, SIDES, VERDICTS, Report, count, moment, numbers, share
from abm_trace.exports.html._markup import Markup, join, tag
from abm_trace.exports.html._words import badge, pick, section, table, what

_TOP: Final = 3
"""How many causes and sites stand at the top; all of them stand below."""


def top(report: Report) -> Markup:
    """The label, the headline, the sentence that contrasts, and the four answers."""
    return join(
        _label(report), _headline(report), _plainly(report), _reach(report), _contrast(report), _answers(report)
    )


def _label(report: Report) -> Markup:
    if not report.simulated:
        return join()
    return tag("p", tag("strong", "SIMULATED"), " by the lab: no real device", class_="simulated")


def _headline(report: Report) -> Markup:
    found = numbers.counts(report)
    total, gone = len(report.verdicts), found["vanished"]
    bad = any(found[name] for name in FAILED)
    others = [f"{found[name]:,} {name.replace('_', ' ')}" for name in FAILED[1:] if found[name]]
    words = tag("strong", f"{gone:,} vanished")
    rest = ", ".join((f" of {count(total, 'device')} ({share(gone, total)})", *others, f"{found['unknown']:,} unknown"))
    mark = tag("span", MARKS["vanished"] if bad else MARKS["unknown"] if found["unknown"] else "·", aria_hidden="true")
    return tag("h1", mark, " ", words, rest, class_="bad" if bad else None)


def _plainly(report: Report) -> Markup:
    """What the numbers alone leave to be guessed: that all are lost, or that none is, as far as anybody knows."""
    found, total = numbers.counts(report), len(report.verdicts)
    if any(found[name] for name in FAILED):
        words = "Every device vanished: none is healthy to compare them with." if found["vanished"] == total else ""
    elif found["unknown"]:
        words = f"No failure was seen, but {count(found['unknown'], 'device')} cannot be judged: no all-clear."
    elif found["confirmed"] == total:
        words = "Every device is confirmed."
    else:
        words = "No device failed, as far as was read."
    return tag("p", words, class_="plainly") if words else join()


def _reach(report: Report) -> Markup:
    read = sum(bool(reading.format) for reading in report.readings)
    lost = len(numbers.refused(report))
    newest = numbers.newest(report)
    files = f"Read {read:,} of {count(read + lost, 'file')}, {lost:,} refused; "
    reach = f"evidence reaches {moment(newest, report.zone)}"
    judged = "" if newest == report.as_of else f"; judged as of {moment(report.as_of, report.zone)}"
    lacking = " and ".join(f"no {name}" for side, name in SIDES.items() if report.reach.get(side) is None)
    without = join(" ", tag("strong", f"The case holds {lacking}.")) if lacking else ""
    return tag("p", files, reach, judged, ".", without, class_="reach")


def _contrast(report: Report) -> Markup:
    if not report.shared:
        return join()
    return tag("p", tag("span", "What stands out: ", class_="faint"), report.shared[0], class_="contrast")


def _answers(report: Report) -> Markup:
    return tag(
        "div",
        _answer("how-many", "How many", _how_many(report)),
        _answer("why", "Why", _why(report)),
        _answer("where", "Where", _where(report)),
        _answer("next", "What next", _next(report)),
        class_="answers",
    )


def _answer(name: str, title: str, content: Markup) -> Markup:
    return tag("div", tag("h2", title), content, class_=f"answer a-{name}")


def _how_many(report: Report) -> Markup:
    found = numbers.counts(report)
    names = [name for name in VERDICTS if found[name] or name in {"vanished", "unknown"}]
    rows = (
        tag("li", tag("span", f"{found[name]:,}", class_="big"), " ", pick(badge(name), verdict=name)) for name in names
    )
    return tag("ul", *rows)


def _why(report: Report) -> Markup:
    causes = numbers.by_layer(report)
    stopped = sum(number for _, _, number in causes)
    if not causes:
        return tag("p", "No device was stopped, as far as was read.")
    items = [
        _ranked(number, pick(what(layer, cause), layer=what(layer, cause)), "", share(number, stopped))
        for layer, cause, number in causes[:_TOP]
    ]
    return join(tag("ol", *items), tag("p", _more(len(causes), "cause", "#layers")))


def _where(report: Report) -> Markup:
    sites = numbers.by_site(report)
    if len(sites) == 1:
        (only,) = sites
        name = f"All are at one site, {only.name}" if only.name else "No source names a site"
        return tag("p", f"{name}: {only.failed:,} of {only.total:,} failed ({share(only.failed, only.total)}).")
    worst = [site for site in sites if site.failed or site.unknown]
    if not worst:
        return tag("p", f"None of {count(len(sites), 'site')} has a failure or an unknown device.")
    items = [
        _ranked(site.failed, _site(site), f" of {site.total:,}", share(site.failed, site.total))
        for site in worst[:_TOP]
    ]
    failing = sum(site.failed > 0 for site in sites)
    peak = max(worst, key=lambda site: (site.failed / site.total, site.failed))
    if peak not in worst[:_TOP]:
        said = f"Highest share: {peak.failed:,} of {peak.total:,} ({share(peak.failed, peak.total)}) at "
        items.append(tag("li", said, _site(peak), class_="faint roomy"))
    hit = tag("p", f"{failing:,} of {count(len(sites), 'site')} with failures. ", tag("a", "All sites", href="#sites"))
    return join(tag("ol", *items), hit)


def _ranked(number: int, name: Markup, whole: str, part: str) -> Markup:
    """A line of a short list; a phone has no room for the share, which stands in the table below."""
    rest = tag("span", whole, tag("span", f" ({part})", class_="roomy"), class_="faint")
    return tag("li", tag("span", f"{number:,}", class_="big"), " ", name, rest)


def _site(site: numbers.Site) -> Markup:
    return pick(site.name or "(no site)", site=site.name)


def _next(report: Report) -> Markup:
    groups = numbers.groups(report)
    if not groups:
        return tag("p", "Nothing: no device needs anyone. See what was read under Coverage.")
    items = [
        tag(
            "li",
            tag("b", f"{what(each.layer, each.cause)}, {each.count:,} {each.verdict.replace('_', ' ')}: "),
            each.advice,
        )
        for each in groups[:_TOP]
    ]
    return join(tag("ol", *items), tag("p", _more(len(groups), "group", "#todo")))


def _more(total: int, noun: str, anchor: str) -> Markup:
    left = total - _TOP
    words = f"{left:,} more {noun}{'s' * (left != 1)}"
    return tag("a", words, href=anchor) if left > 0 else join()


def todo(report: Report) -> Markup:
    """Everything that somebody must do, in groups, the worst first."""
    groups = numbers.groups(report)
    if not groups:
        return join()
    rows = [
        (
            join(pick(badge(each.verdict), verdict=each.verdict)),
            join(
                pick(what(each.layer, each.cause), layer=what(each.layer, each.cause)),
                f"; missing: {' and '.join(each.missing)}" if each.missing else "",
            ),
            f"{each.count:,}",
            each.advice,
        )
        for each in groups
    ]
    caption = "What to do, worst first"
    return section("todo", "What next", table(caption, ("verdict", "what stopped them", "devices", "to do"), rows,
                                              numbers=(2,)))  # fmt: skip
