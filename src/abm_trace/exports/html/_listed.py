"""Which devices the page has rows for: all, or of very many as many as a browser handles well, failures first."""

import shlex
from collections import Counter
from collections.abc import Sequence
from heapq import nsmallest
from typing import Final

from abm_trace.core.nouns import VERDICTS, Verdict
from abm_trace.exports._interface import Report, count, places, steps, stopped_by
from abm_trace.exports.html._markup import Markup, join, tag

LISTED_MAX: Final = 50_000
"""So many devices are listed. Origin: measured; with a log each they are a page of 21 MB, which Chromium
has read in 0.3 s and filters in 0.1 s, holding 50 MB."""

SITES_MAX: Final = 2_000
"""So many sites are listed, and can be chosen. Origin: ours, some 2 MB."""

_EXAMPLES: Final = 100
"""So many devices of each verdict and cause are listed before more of a worse verdict. Origin: ours."""


def listed(verdicts: Sequence[Verdict], told: Sequence[Verdict]) -> Sequence[Verdict]:
    """The verdicts that have a row, in their order; `told` are the same as summaries read them (`Report.told`).

    Of too many they are first some of each verdict and cause, so that none is without an example; then the worst
    verdicts, shared out over causes and sites: of each the same number, as far as it reaches. The surest go first.
    """
    if len(verdicts) <= LISTED_MAX:
        return list(verdicts)  # Packed ones are decoded once.
    return [verdicts[number] for number in _chosen(told)]


def listed_sites(report: Report) -> list[places.Place]:
    """The sites that have a row and can be filtered, what stands out first."""
    return places.by_site(report)[:SITES_MAX]


def _chosen(told: Sequence[Verdict]) -> list[int]:
    surest = sorted(range(len(told)), key=lambda number: -told[number].confidence)
    causes: Counter[tuple[str, str]] = Counter()
    groups: Counter[tuple[str, str, str]] = Counter()
    ranks = []
    for number in surest:
        each = told[number]
        cause = (each.verdict, stopped_by(each))
        group = (*cause, each.site)
        before = groups[group]
        ranks.append((causes[cause] >= _EXAMPLES, VERDICTS.index(each.verdict), before, number))
        causes[cause] += 1
        groups[group] += 1
    return sorted(number for *_, number in nsmallest(LISTED_MAX, ranks))


def left_out(report: Report, rows: Sequence[Verdict]) -> Markup:
    """What the list leaves out, and which commands show it; nothing where every device has a row."""
    total = len(report.told)
    if len(rows) == total:
        return join()
    found = Counter(each.verdict for each in report.told)
    found.subtract(each.verdict for each in rows)
    rest = ", ".join(f"{found[name]:,} {name.replace('_', ' ')}" for name in VERDICTS if found[name])
    case = shlex.quote(report.case)
    return tag(
        "div",
        tag("p", tag("b", "!\u00a0"), f"{total - len(rows):,} of {count(total, 'device')} are not listed here: {rest}.",
            class_="warning"),
        tag("p", f"The list, its filter and its search have {len(rows):,}: some of each verdict and cause, then the "
                 f"worst, shared out over causes and sites. All else on this page counts all {total:,}."),
        tag("p", "A device that is not listed: ", tag("code", f"abm-trace explain SERIAL --case {case}")),
        tag("p", "All devices, as ndjson or csv: ", tag("code", steps.kept(report))),
        id="left-out",
    )  # fmt: skip
