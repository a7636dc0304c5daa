"""The frame of the list of devices; report.js fills it from the embedded verdicts."""

from collections import Counter
from collections.abc import Sequence

from abm_trace.core.nouns import Verdict
from abm_trace.exports._interface import VERDICTS, Report, numbers, stopped_by
from abm_trace.exports.html._listed import left_out, listed_sites
from abm_trace.exports.html._markup import Markup, tag
from abm_trace.exports.html._words import section, wide

COLUMNS = (
    ("serial", "serial"), ("site", "site"), ("verdict", "verdict"), ("layer", "stopped by"), ("rung", "last rung"),
    ("seen", "last seen (UTC)"), ("attempts", "attempts"), ("confidence", "confidence"),
)  # fmt: skip
"""Column → its heading, each a way to sort."""


def devices(report: Report, rows: Sequence[Verdict]) -> Markup:
    """The section: what is not listed, filter, list, and pages; `rows` are the verdicts that are listed."""
    layers = sorted({name for verdict in report.told if (name := stopped_by(verdict))})
    sites = sorted(site.name for site in listed_sites(report))
    form = tag(
        "form",
        _field("Find", tag("input", type="search", id="find", autocomplete="off", spellcheck="false",
                           placeholder="serial, site, cause, any word", aria_controls="rows")),
        _choice("verdict", _verdicts(report, rows)),
        _choice("site", [(name, name or "(no site)") for name in sites]),
        _choice("layer", [(name, name) for name in layers]),
        tag("button", "Clear", type="reset", id="clear"),
        id="filter", class_="filter", role="search", aria_label="Filter the devices",
    )  # fmt: skip
    head = [
        tag("th", tag("button", title, tag("span", class_="arrow", aria_hidden="true"), type="button", data_sort=key),
            scope="col", class_=f"c-{key}")
        for key, title in COLUMNS
    ]  # fmt: skip
    whole = tag(
        "table",
        tag("caption", "Devices, the worst first; open one by its serial", id="devices-caption"),
        tag("thead", tag("tr", *head)), tag("tbody", id="rows"),
        class_="devices",
    )  # fmt: skip
    pages = tag(
        "nav",
        tag("button", "Previous", type="button", id="previous"),
        tag("span", "", id="page"),
        tag("button", "Next", type="button", id="next"),
        class_="pages", aria_label="Pages of devices",
    )  # fmt: skip
    status = tag("p", "", id="status", role="status")
    if len(rows) < len(report.told):  # The script counts what it has.
        status = tag("p", "Of those that are listed: ", tag("span", "", id="status", role="status"))
    words = "The list of devices is made by the script of this file, which does not run here. Everything else stands."
    script = tag("p", words, class_="bad", id="script-needed")
    return section(
        "devices", "Devices", script, left_out(report, rows), form, status, wide(whole, "The list of devices"), pages
    )


def _verdicts(report: Report, rows: Sequence[Verdict]) -> list[tuple[str, str]]:
    """The verdicts that occur, each with how many devices have it, and how many are listed where not all are."""
    found, listed = numbers.counts(report), Counter(each.verdict for each in rows)
    said = {name: f"{listed[name]:,} listed of " if listed[name] < found[name] else "" for name in found}
    return [(name, f"{name.replace('_', ' ')} ({said[name]}{found[name]:,})") for name in VERDICTS if found[name]]


def _field(name: str, control: Markup) -> Markup:
    return tag("label", tag("span", name), control)


def _choice(key: str, options: list[tuple[str, str]]) -> Markup:
    # A site may have no name, so the value of "all" cannot be the empty one.
    every = tag("option", "all", value="", data_all=True)
    return _field(key, tag("select", every, *(tag("option", name, value=f"={value}") for value, name in options),
                           id=f"by-{key}", aria_controls="rows"))  # fmt: skip
