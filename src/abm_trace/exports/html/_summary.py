"""The top of the page: how many vanished, what to do next, why and where, to be read in ten seconds."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final
from urllib.parse import quote

from abm_trace.exports._interface import LEGEND, VERDICTS, Report, count, numbers, places, say, share, steps
from abm_trace.exports.html import _runbooks
from abm_trace.exports.html._markup import Markup, join, tag
from abm_trace.exports.html._words import badge, pick, section

_TOP: Final = 3
"""How many steps, causes and sites stand at the top (on a phone one step alone); all of them stand below."""


def top(
    report: Report, every: Sequence[steps.Step], causes: Sequence[steps.Step], books: Mapping[str, _runbooks.Book]
) -> Markup:
    """The label, the headline with what it rests on, the sentence that contrasts, and the four answers.

    What was read stands at once beside a zero, which is worth no more than that, else behind the answers, as does that
    nothing was found which the failed have in common.
    """
    failed = bool(causes)
    shared, reach = _shared(report), _reach(report)
    before = shared if report.shared else "" if failed else reach
    after = reach if report.shared else join(shared, reach) if failed else ""
    return join(
        _label(report), _headline(report), *_warnings(report), before,
        _answers(report, _next(report, every, books), causes), after, _legend(),
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
    return tag("p", tag("span", "In common: ", class_="faint"), *first, class_="contrast") if first else join()


def _answers(report: Report, todo: Markup, causes: Sequence[steps.Step]) -> Markup:
    return tag(
        "div",
        _answer("next", "What next", todo),
        _answer("where", "Where", _where(report)),
        _answer("why", "Why", _why(report, causes)),
        _answer("how-many", "How many", _how_many(report)),
        class_="answers",
    )


def _answer(name: str, title: str, content: Markup) -> Markup:
    return tag("div", tag("h2", title), content, class_=f"answer a-{name}")


def _how_many(report: Report) -> Markup:
    found = numbers.counts(report)
    names = [name for name in VERDICTS if found[name] or name in {"vanished", "unknown"}]
    rows = (
        tag("li", tag("span", f"{found[name]:,}", class_=f"big v-{name}" if found[name] else "big"), " ",
            pick(badge(name), verdict=name))
        for name in names
    )  # fmt: skip
    return tag("ul", *rows)


def _why(report: Report, causes: Sequence[steps.Step]) -> Markup:
    """The terminal's sentences, and where several verdicts have a cause how many it stopped in all."""
    said = say.why(report, causes)
    shown = _in_all(causes) if len(said) > 1 else ""
    return join(*(tag("p", *_picks(each)) for each in said), shown, _more(len(causes), "all causes", "#layers"))


def _in_all(causes: Sequence[steps.Step]) -> Markup:
    """The largest groups and the rest: they add up to the failed."""
    failed = sum(each.failed for each in causes)
    top = causes if len(causes) == _TOP + 1 else causes[:_TOP]
    items = [_ranked(each.failed, pick(each.name, layer=each.name), f"({share(each.failed, failed)})") for each in top]
    if rest := causes[len(top) :]:
        items.append(_ranked(sum(each.failed for each in rest), f"in {len(rest):,} more groups", ""))
    return join(tag("p", f"Of all {failed:,}:", class_="list"), tag("ol", *items))


def _picks(said: say.Why) -> list[str | Markup]:
    """The words, in which each name may be a button, with the sign behind it on the same line."""
    done: list[str | Markup] = []
    held = ""
    for (text, group), (after, _) in pairwise((*said.parts, (".", ""), ("", ""))):
        words = text.removeprefix(held) if done else _begin(text)
        held = after[:1].strip() if group else ""
        if words:
            done.append(tag("span", pick(words, layer=group), held, class_="held") if group else words)
    return done


def _begin(words: str) -> str:
    return words[:1].upper() + words[1:]


def _where(report: Report) -> Markup:
    """The terminal's sentences, and beside them the further sites that stand out."""
    sites = places.by_site(report)
    said = (tag("p", _begin(each.before), _name(each, sites), f"{each.after}.") for each in say.where(report))
    items = [
        _ranked(site.failed, pick(site.name, site=site.name), f"of {site.total:,} failed")
        for site in sites[1:_TOP]
        if site.stands_out
    ]
    worst = sum(bool(site.failed or site.unknown) for site in sites)
    all_ = f"all {count(places.named(sites), 'site')}"
    return join(*said, tag("ol", *items) if items else "", _more(worst, all_, "#sites"))


def _name(said: say.Where, sites: Sequence[places.Place]) -> str | Markup:
    if said.place is None:
        return ""
    name = said.place.name or "(no site)"
    return pick(name, site=said.place.name) if said.place in sites else tag("b", name)


def _ranked(failed: int, name: str | Markup, rest: str) -> Markup:
    """A line of a short list."""
    number = tag("span", f"{failed:,}", class_="big v-vanished" if failed else "big")
    return tag("li", number, " ", name, " ", tag("span", rest, class_="faint"))


def _next(report: Report, every: Sequence[steps.Step], books: Mapping[str, _runbooks.Book]) -> Markup:
    if not every:
        return _calm(report)
    first, *others = every[:_TOP]
    items = [_step(first, report, books), *(tag("li", _title(each)) for each in others)]
    return join(tag("ol", *items), _more(len(every), f"all {count(len(every), 'step')}", "#todo"))


def _calm(report: Report) -> Markup:
    words = say.calm(report)
    return tag("p", f"{words[:1].upper()}{words[1:]}. ", tag("code", steps.kept(report)))


def _more(total: int, words: str, anchor: str) -> Markup:
    return tag("p", tag("a", words, href=anchor), class_="more") if total > _TOP else join()


def _step(step: steps.Step, report: Report, books: Mapping[str, _runbooks.Book]) -> Markup:
    """A step: for which devices, what to do, what to be careful of, the command that it begins with, its runbook."""
    said = f"!\u00a0{step.caution}. {step.lead}" if step.caution else step.lead
    lead = tag("span", said, *_whom(step), ":", class_="caution" if step.caution else "lead")
    return tag(
        "li", _title(step), " ", tag("span", step.do, " ", lead, class_="do"), " ",
        tag("code", steps.command(step, report)), " ", _runbooks.link(step.name, books),
    )  # fmt: skip


def _title(step: steps.Step) -> Markup:
    """For which devices, and where."""
    name = pick(step.name, layer=step.name) if step.page else step.name
    who = tag("span", step.who, class_="v-vanished" if step.tone == "failed" else "v-unknown")
    where = tag("span", f" · {step.place}", class_="place") if step.place else ""
    return tag("span", tag("b", name), " · ", who, where, class_="title")


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


def todo(report: Report, every: Sequence[steps.Step], books: Mapping[str, _runbooks.Book]) -> Markup:
    """Everything that somebody must do, what helps most devices first; a step's name shows its devices."""
    if not every:
        return section("todo", "What next", _calm(report))
    return section("todo", "What next", tag("ol", *(_step(each, report, books) for each in every), class_="steps"))
