"""The top of the page: how many vanished, what to do next, why and where, to be read in ten seconds."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from abm_trace.exports._interface import LEGEND, VERDICTS, Report, count, numbers, places, say, share, steps
from abm_trace.exports.html._markup import Markup, join, tag
from abm_trace.exports.html._words import badge, pick, section

_TOP: Final = 3
"""How many steps, causes and sites stand at the top; all of them stand below."""


def top(report: Report, every: Sequence[steps.Step], causes: Sequence[steps.Step]) -> Markup:
    """The label, the headline with what it rests on, the sentence that contrasts, and the four answers."""
    return join(
        _label(report), _headline(report), *_warnings(report), _reach(report), _shared(report),
        _answers(report, every, causes), _legend(),
    )  # fmt: skip


def _label(report: Report) -> Markup:
    if not report.simulated:
        return join()
    return tag("p", tag("strong", "SIMULATED"), " by the lab: no real device", class_="simulated")


def _headline(report: Report) -> Markup:
    mark, kind, words = say.headline(report)
    first, rest = words.split(" of ", 1)
    whole = tag("h1", tag("span", mark, aria_hidden="true"), " ", tag("strong", first), f" of {rest}",
                class_=f"h-{kind}" if kind else None)  # fmt: skip
    plainly = say.plainly(report)
    return join(whole, tag("p", plainly, class_="plainly") if plainly else "")


def _warnings(report: Report) -> list[Markup]:
    return [tag("p", tag("b", "!\u00a0"), each, class_="warning") for each in say.warnings(report)]


def _reach(report: Report) -> Markup:
    return tag("p", f"Read {say.read(report)}.", class_="reach")


def _shared(report: Report) -> Markup:
    first = say.shared(report)[:1]
    return tag("p", tag("span", "Shared: ", class_="faint"), *first, class_="contrast") if first else join()


def _answers(report: Report, every: Sequence[steps.Step], causes: Sequence[steps.Step]) -> Markup:
    return tag(
        "div",
        _answer("next", "What next", _next(report, every)),
        _answer("why", "Why", _why(causes)),
        _answer("where", "Where", _where(report)),
        _answer("how-many", "How many", _how_many(report)),
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


def _why(causes: Sequence[steps.Step]) -> Markup:
    failed = sum(each.failed for each in causes)
    if not causes:
        return tag("p", "No device failed, as far as was read.")
    items = [
        _ranked(each.failed, pick(each.name, layer=each.name), f" ({share(each.failed, failed)})")
        for each in causes[:_TOP]
    ]
    return join(tag("ol", *items), _more(len(causes), "cause", "#layers"))


def _where(report: Report) -> Markup:
    sites = places.by_site(report)
    worst = [site for site in sites if site.failed or site.unknown]
    if len(sites) == 1 or not worst or not any(site.name for site in sites):
        return join(*(tag("p", f"{each[:1].upper()}{each[1:]}.") for each in say.where(report)))
    items = [_place(site, pick(site.name or "(no site)", site=site.name)) for site in worst[:_TOP]]
    if found := places.server(report):
        items.insert(0, _place(found, join("MDM server ", tag("b", found.name))))
    peak = places.peak(sites)
    if peak and peak.share > worst[0].share:
        said = tag("span", f"{peak.failed:,} of {peak.total:,} ({share(peak.failed, peak.total)})", class_="faint")
        items.append(tag("li", "Highest share ", pick(peak.name, site=peak.name), said))
    return join(tag("ol", *items), _more(len(worst), "site", "#sites"))


def _place(place: places.Place, name: Markup) -> Markup:
    unknown = f", {place.unknown:,} unknown" if place.unknown else ""
    return _ranked(place.failed, name, f" of {place.total:,} ({share(place.failed, place.total)}){unknown}")


def _ranked(number: int, name: Markup, rest: str) -> Markup:
    """A line of a short list."""
    return tag("li", tag("span", f"{number:,}", class_="big"), " ", name, tag("span", rest, class_="faint"))


def _next(report: Report, every: Sequence[steps.Step]) -> Markup:
    if not every:
        return tag("p", "Nothing: no device needs anyone. See what was read under Coverage.")
    items = [_step(each, report, short=True) for each in every[:_TOP]]
    return join(tag("ol", *items), _more(len(every), "step", "#todo"))


def _more(total: int, noun: str, anchor: str) -> Markup:
    left = total - _TOP
    return tag("p", tag("a", count(left, f"more {noun}"), href=anchor), class_="more") if left > 0 else join()


def _step(step: steps.Step, report: Report, *, short: bool = False) -> Markup:
    """A step: for which devices, what to do, and what to be careful of; a short one leaves out the command."""
    if step.page:
        title = join(tag("b", pick(step.name, layer=step.name)), f" · {step.who}")
    else:
        title = join(tag("b", step.name), f" · {step.who}")
    where = tag("span", f" · {step.place}", class_="place") if step.place else ""
    caution = tag("span", f"!\u00a0{step.caution}", *_whom(step), class_="caution") if step.caution else join()
    command = steps.explain(step, report) if step.page else steps.again(report)
    return tag(
        "li", tag("span", title, where, class_="title"), " ",
        tag("span", step.do, " ", caution, class_="do" if step.page else "do fetch"),
        "" if short else join(" ", tag("code", command)),
    )  # fmt: skip


def _whom(step: steps.Step) -> tuple[str | Markup, ...]:
    """The device of a step that is the surest, for whoever is to look at one first."""
    if not (step.page and step.devices):
        return ()
    serial = step.devices[0].serial
    where = f"#device={quote(serial.encode('utf-8', 'replace'), safe='')}"
    return " (", tag("a", serial, href=where), ")"


def _legend() -> Markup:
    words = [part for word, said in LEGEND for part in (tag("dt", word), tag("dd", said))]
    return tag("details", tag("summary", "What the words mean"), tag("dl", *words), class_="legend")


def todo(report: Report, every: Sequence[steps.Step]) -> Markup:
    """Everything that somebody must do, what helps most devices first; a step's name shows its devices."""
    if not every:
        return join()
    return section("todo", "What next", tag("ol", *(_step(each, report) for each in every), class_="steps"))
