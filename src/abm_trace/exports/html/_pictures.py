"""The bars, each beside its number: by verdict, by layer, the floor by site, and how far the devices came."""

from abm_trace.exports._interface import VERDICTS, Report, count, numbers, share
from abm_trace.exports.html._markup import Markup, join, tag
from abm_trace.exports.html._words import badge, bar, meaning, pick, section, sentence, table, what


def verdicts(report: Report) -> Markup:
    """Devices by verdict, the worst first."""
    found, total = numbers.counts(report), len(report.verdicts)
    most = max(found.values(), default=0)
    rows = [
        (
            pick(badge(name), verdict=name),
            f"{found[name]:,}",
            share(found[name], total),
            bar(found[name], most, f"f-{name}"),
        )
        for name in VERDICTS
        if found[name] or name in {"vanished", "unknown", "confirmed"}
    ]
    caption = f"By verdict, of {count(total, 'device')}"
    return section("verdicts", "How many", table(caption, ("verdict", "devices", "share", ""), rows, numbers=(1, 2)))


def layers(report: Report) -> Markup:
    """The layers and causes of the devices that were stopped, the most first."""
    causes = numbers.by_layer(report)
    stopped = sum(number for _, _, number in causes)
    if not causes:
        return section("layers", "Why", sentence("No device was stopped, as far as was read."))
    most = max(number for _, _, number in causes)
    rows = [
        (
            pick(what(layer, cause), layer=what(layer, cause)),
            f"{number:,}",
            share(number, stopped),
            bar(number, most, "f-vanished"),
            meaning(layer, cause),
        )
        for layer, cause, number in causes
    ]
    caption = f"By layer and cause, of the {count(stopped, 'device')} that were stopped"
    whole = table(caption, ("layer", "devices", "share", "", "means"), rows, numbers=(1, 2))
    return section("layers", "Why", whole, _pending(report), _retried(report))


def _pending(report: Report) -> Markup:
    number = numbers.pending(report)
    if not number:
        return join()
    words = f"✗ Pending: ABM says so of {count(number, 'device')} without a confirmation. Past 90 s that is a failure."
    return tag("p", words, class_="bad")


def _retried(report: Report) -> Markup:
    again, asked = numbers.retried(report)
    return sentence(f"Retried: {again:,} of {count(asked, 'device')} that asked ({share(again, asked)}) asked again.")


def sites(report: Report) -> Markup:
    """The floor: every site, the one with the most failures first."""
    found = numbers.by_site(report)
    rows = [
        (
            pick(site.name or "(no site)", site=site.name),
            f"{site.failed:,}",
            f"{site.total:,}",
            share(site.failed, site.total),
            bar(site.failed, site.total, "f-vanished"),
            f"{site.unknown:,}",
            join(pick(what(*site.mostly), layer=what(*site.mostly)), f" ({site.mostly_count:,})")
            if site.failed
            else "",
        )
        for site in found
    ]
    head = ("site", "failed", "of", "share", "", "unknown", "mostly")
    caption = "The floor by site, the most failures first; failed is vanished, rejected or half confirmed"
    return section("sites", "Where", table(caption, head, rows, numbers=(1, 2, 3, 5)))


def ladder(report: Report) -> Markup:
    """How many devices reached each rung, as a funnel; a reached rung implies those below it."""
    rows = []
    for step in numbers.ladder(report):
        failed = tag("span", f"✗ {step.failed:,}", class_="bad") if step.failed else "0"
        reached = (f"{step.reached:,}", share(step.reached, step.of)) if step.of else ("–", "not applicable")
        funnel = bar(step.reached, step.of, "f-reached", middle=True)
        rows.append((step.rung, *reached, funnel, failed, f"{step.proved:,}"))
    head = ("rung", "reached", "share", "", "failed here", "of these proved")
    note = (
        "Who failed here came no further. Configured is shown by Apple-dialect evidence alone: its share is of the "
        "devices that have some."
    )
    caption = "How far the devices came: the ladder, lowest rung first"
    return section("ladder", "How far", table(caption, head, rows, numbers=(1, 2, 4, 5)), sentence(note))
