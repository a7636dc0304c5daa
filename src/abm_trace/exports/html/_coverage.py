"""What stands below the verdicts: how far was read, what was not used, which limits held."""

from collections import defaultdict
from typing import Final

from abm_trace.core.nouns import Reading
from abm_trace.exports._interface import SIDES, UNREAD, Report, count, moment, numbers
from abm_trace.exports.html._data import SKIPPED_MAX
from abm_trace.exports.html._markup import Markup, join, tag
from abm_trace.exports.html._words import section, sentence, table

_GROUPS_MAX: Final = 100


def coverage(report: Report) -> Markup:
    """How far each side was read, and what each format gave."""
    rows: list[tuple[str, ...]] = []
    for side, name in SIDES.items():
        until = report.reach.get(side)
        none = tag("span", f"? {UNREAD[report.held.get(side, '')]}", class_="v-unknown")
        rows.append((name, none if until is None else f"read up to {moment(until, report.zone)}"))
    rows.append(("as of", moment(report.as_of, report.zone)))
    reach = table("How far each side was read", ("side", "reach"), rows)
    return section("coverage", "Coverage", reach, _formats(report))


def _formats(report: Report) -> Markup:
    kinds: dict[str, list[Reading]] = defaultdict(list)
    for reading in report.readings:
        kinds[reading.format].append(reading)
    rows = []
    for name, each in sorted(kinds.items()):
        first = min((at.first_at for at in each if at.first_at is not None), default=None)
        last = max((at.last_at for at in each if at.last_at is not None), default=None)
        rows.append((
            name or tag("span", "✗ refused", class_="bad"), f"{len(each):,}", f"{sum(len(r.facts) for r in each):,}",
            f"{sum(len(r.skipped) for r in each):,}",
            "–" if first is None else moment(first, report.zone), "–" if last is None else moment(last, report.zone),
        ))  # fmt: skip
    head = ("format", "files", "facts", "not used", "first", "last")
    return table("What was read, by format", head, rows, numbers=(1, 2, 3))


def not_used(report: Report) -> Markup:
    """What was not used, alike things together."""
    if not report.skipped:
        return section("not-used", "Not used", sentence("Everything that was found was used in full."))
    kinds = numbers.alike(report.skipped)
    files = len({each.path for each in report.skipped})
    rows = [(alike[0].reason, f"{len(alike):,}", tag("code", numbers.place(alike[0]))) for alike in kinds[:_GROUPS_MAX]]
    caption = f"Not used: {count(len(report.skipped), 'thing')} in {count(files, 'file')}, alike ones together"
    hidden = len(kinds) - _GROUPS_MAX
    more = sentence(f"{count(hidden, 'more group')}; each thing is named in the NDJSON.") if hidden > 0 else join()
    late = len(report.skipped) - SKIPPED_MAX
    cut = sentence(f"The pages of the devices leave out the last {late:,}.") if late > 0 else join()
    whole = table(caption, ("why", "things", "the first"), rows, numbers=(1,))
    return section("not-used", "Not used", whole, more, cut)


def limits(report: Report) -> Markup:
    """The thresholds that held, each with where it comes from; nothing where the report has none."""
    rows = [(name, f"{value:g}", origin, meaning) for name, value, origin, meaning in report.limits]
    if not rows:
        return join()
    caption = "The thresholds of this run, in seconds, each with its origin"
    return section(
        "limits", "Thresholds", table(caption, ("threshold", "value", "origin", "means"), rows, numbers=(1,))
    )
