"""The bars, each beside its number: by verdict, by layer, the floor by site, and how far the devices came."""

from collections.abc import Sequence

from abm_trace.exports._interface import VERDICTS, Report, count, numbers, places, say, share, steps
from abm_trace.exports.html._listed import listed_sites
from abm_trace.exports.html._markup import Markup, join, tag
from abm_trace.exports.html._words import badge, bar, failures, pick, section, sentence, table


def verdicts(report: Report) -> Markup:
    """Devices by verdict, the worst first."""
    found, total = numbers.counts(report), len(report.told)
    rows = [
        (
            pick(badge(name), verdict=name),
            f"{found[name]:,}",
            share(found[name], total),
            bar(found[name], total, f"f-{name}"),
        )
        for name in VERDICTS
        if found[name] or name in {"vanished", "unknown", "confirmed"}
    ]
    caption = f"By verdict, of {count(total, 'device')}"
    return section("verdicts", "How many", table(caption, ("verdict", "devices", "share", ""), rows, numbers=(1, 2)))


def layers(report: Report, causes: Sequence[steps.Step]) -> Markup:
    """What stopped the failed, the most first, who add up to all of them; and the undecided with the same layer."""
    failed = sum(each.failed for each in causes)
    if not causes:
        return section("layers", "Why", sentence("No device failed, as far as was read."), _unknown(report))
    rows = [
        (
            pick(each.name, layer=each.name),
            failures(each.failed),
            share(each.failed, failed),
            bar(each.failed, failed, "f-vanished"),
            each.means,
        )
        for each in causes
    ]
    caption = f"By layer and cause, of the {count(failed, 'device')} that failed"
    said = join(
        *(tag("p", f"{each.text[:1].upper()}{each.text[1:]}.", class_="bad") for each in say.why(report, causes))
    )
    whole = table(caption, ("what stopped them", "failed", "share", "", "means"), rows, numbers=(1, 2))
    return section("layers", "Why", said, whole, _unknown(report), _pending(report), _retried(report))


def _unknown(report: Report) -> Markup:
    """The undecided of which a layer is proved all the same."""
    said = [(each, each.count - each.failed) for each in steps.proved(report) if each.count > each.failed]
    if not said:
        return join()
    names = ", ".join(f"{each.name} ({number:,})" for each, number in said)
    total = count(sum(number for _, number in said), "device")
    return tag("p", f"? Beside them {total} unknown with a proved layer: {names}.", class_="v-unknown")


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
    """The floor: every site, or of very many the first, what stands out first."""
    every, shown = places.by_site(report), listed_sites(report)
    rows = [
        (
            pick(site.name or "(no site)", site=site.name),
            failures(site.failed),
            f"{site.total:,}",
            share(site.failed, site.total),
            bar(site.failed, site.total, "f-vanished"),
            f"{site.unknown:,}",
            join(pick(site.mostly, layer=site.mostly), ", ", failures(site.mostly_count)) if site.failed else "",
        )
        for site in shown
    ]
    head = ("site", "failed", "of", "share", "", "unknown", "mostly")
    caption = f"The floor by site, {say.order(report)}; failed is vanished, rejected or half confirmed"
    bad = "bad" if any(site.failed for site in every) else None
    said = [tag("p", f"{each.text[:1].upper()}{each.text[1:]}.", class_=bad) for each in say.where(report)]
    rest = places.everywhere(every[len(shown) :])
    hidden = count(len(every) - len(shown), "more site")
    more = f"{hidden} not listed: {rest.failed:,} failed of {rest.total:,}, {rest.unknown:,} unknown. The CSV has all."
    whole = table(caption, head, rows, numbers=(1, 2, 3, 5))
    return section("sites", "Where", *said, whole, sentence(more) if len(shown) < len(every) else join())


def ladder(report: Report) -> Markup:
    """How many devices reached each rung, as a funnel; a reached rung implies those below it."""
    rows = []
    for step in numbers.ladder(report):
        failed = tag("span", f"✗ {step.failed:,}", class_="bad") if step.failed else "0"
        reached = (f"{step.reached:,}", share(step.reached, step.of)) if step.of else ("–", "not told")
        funnel = bar(step.reached, step.of, "f-reached", middle=True)
        rows.append((step.rung, *reached, funnel, failed, f"{step.proved:,}"))
    head = ("rung", "reached", "share", "", "failed here", "of these proved")
    note = (
        "Who failed here came no further. Few sources tell of configured, all of them Apple’s: its share is of the "
        "devices with such evidence, and where none tells of any it is not told."
    )
    caption = "How far the devices came: the ladder, lowest rung first"
    return section("ladder", "How far", table(caption, head, rows, numbers=(1, 2, 4, 5)), sentence(note))
