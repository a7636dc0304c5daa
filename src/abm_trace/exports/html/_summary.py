"""The top of the page: how many vanished, where, why, and what to do next, to be read in ten seconds."""

from typing import Final

from abm_trace.exports._interface import FAILED, MARKS, VERDICTS, Report, count, moment, plain, share
from abm_trace.exports.html import _numbers
from abm_trace.exports.html._markup import Markup, join, tag
from abm_trace.exports.html._words import badge, pick, section, table, what

_TOP: Final = 3
"""How many causes and sites stand at the top; all of them stand below."""


def top(report: Report) -> Markup:
    """The label, the headline, the sentence that contrasts, and the four answers."""
    return join(_label(report), _headline(report), _reach(report), _contrast(report), _answers(report))


def _label(report: Report) -> Markup:
    if not report.simulated:
        return join()
    words = "The lab made this case: no real device is in it."
    return tag("p", tag("strong", "SIMULATED"), " ", words, class_="simulated")


def _headline(report: Report) -> Markup:
    found = _numbers.counts(report)
    total, gone = len(report.verdicts), found["vanished"]
    bad = any(found[name] for name in FAILED)
    others = [f"{found[name]:,} {name.replace('_', ' ')}" for name in FAILED[1:] if found[name]]
    words = tag("strong", f"{gone:,} vanished")
    rest = ", ".join((f" of {count(total, 'device')} ({share(gone, total)})", *others, f"{found['unknown']:,} unknown"))
    mark = tag("span", MARKS["vanished"] if bad else MARKS["unknown"] if found["unknown"] else "·", aria_hidden="true")
    return tag("h1", mark, " ", words, rest, class_="bad" if bad else None)


def _reach(report: Report) -> Markup:
    read = sum(bool(reading.format) for reading in report.readings)
    lost = len(_numbers.refused(report))
    files = f"Read {read:,} of {count(read + lost, 'file')}, {lost:,} refused; "
    reach = f"evidence reaches {moment(_numbers.newest(report), report.zone)}; judged as of "
    return tag("p", files, reach, moment(report.as_of, report.zone), ".", class_="reach")


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
    return tag("section", tag("h2", title), content, class_=f"answer a-{name}", aria_label=title)


def _how_many(report: Report) -> Markup:
    found = _numbers.counts(report)
    names = [name for name in VERDICTS if found[name] or name in {"vanished", "unknown"}]
    rows = (
        tag("li", tag("span", f"{found[name]:,}", class_="big"), " ", pick(badge(name), verdict=name)) for name in names
    )
    return tag("ul", *rows)


def _why(report: Report) -> Markup:
    causes = _numbers.by_layer(report)
    stopped = sum(number for _, _, number in causes)
    if not causes:
        return tag("p", "No device was stopped, as far as was read.")
    items = [
        tag(
            "li",
            tag("span", share(number, stopped), class_="big"), " ", pick(what(layer, cause), layer=what(layer, cause)),
            tag("span", f" {count(number, 'device')}", class_="faint"),
        )
        for layer, cause, number in causes[:_TOP]
    ]  # fmt: skip
    return join(tag("ol", *items), _more(len(causes), "cause", "causes"))


def _where(report: Report) -> Markup:
    sites = _numbers.by_site(report)
    worst = [site for site in sites if site.failed or site.unknown]
    if not worst:
        return tag("p", f"None of {count(len(sites), 'site')} has a failure or an unknown device.")
    items = [
        tag(
            "li",
            tag("span", share(site.failed, site.total), class_="big"), " ",
            pick(site.name or "(no site)", site=site.name),
            tag("span", f" {site.failed:,} of {site.total:,} failed", class_="faint"),
        )
        for site in worst[:_TOP]
    ]  # fmt: skip
    failing = sum(site.failed > 0 for site in sites)
    peak = max(worst, key=lambda site: (site.failed / site.total, site.failed))
    if peak not in worst[:_TOP]:
        said = f"Highest share: {share(peak.failed, peak.total)} at "
        items.append(tag("li", said, pick(peak.name or "(no site)", site=peak.name), class_="faint"))
    hit = tag("p", f"{failing:,} of {count(len(sites), 'site')} with failures. ", tag("a", "All sites", href="#sites"))
    return join(tag("ol", *items), hit)


def _next(report: Report) -> Markup:
    groups = _numbers.groups(report)
    if not groups:
        return tag("p", "Nothing: no device needs anyone. See what was read under Coverage.")
    items = [
        tag(
            "li",
            tag("b", f"{what(each.layer, each.cause)}, {each.count:,} {each.verdict.replace('_', ' ')}: "),
            _generally(each),
        )
        for each in groups[:_TOP]
    ]
    note = tag("p", "Each names the device of which it is surest. ", class_="faint")
    return join(tag("ol", *items), note, _more(len(groups), "group", "groups", "#todo"))


def _more(total: int, one: str, many: str, anchor: str = "#layers") -> Markup:
    left = total - _TOP
    if left <= 0:
        return join()
    return tag("p", tag("a", f"{left:,} more {one if left == 1 else many}", href=anchor))


def _generally(group: _numbers.Group) -> str:
    """The next action of a group, which names one of its devices."""
    return plain(group.first.next_action)


def todo(report: Report) -> Markup:
    """Everything that somebody must do, in groups, the worst first."""
    groups = _numbers.groups(report)
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
            _generally(each),
        )
        for each in groups
    ]
    caption = "What to do, worst first; the action names the device of which it is surest"
    return section("todo", "What next", table(caption, ("verdict", "what stopped them", "devices", "to do"), rows,
                                              numbers=(2,)))  # fmt: skip
