"""What the failed share and the healthy do not: the sentences, and the columns that they rest on."""

from typing import Final

from abm_trace.exports._interface import FAILED, Report, Telling, count, numbers, say, share, what
from abm_trace.exports.html._markup import Markup, join, tag
from abm_trace.exports.html._words import section, sentence, table

_ROWS_MAX: Final = 100
_CHANCE_MAX: Final = 0.01
"""What sets one layer or cause apart is shown where it could hardly come by chance (docs/contrast.md)."""


def contrast(report: Report) -> Markup:
    """The section, which says so where nothing stands out; nothing where no device failed."""
    found = numbers.counts(report)
    failed = sum(found[name] for name in FAILED)
    if not failed:
        return join()
    said = tag("ul", *(tag("li", f"{each[:1].upper()}{each[1:]}") for each in say.shared(report)))
    if not report.shared:
        return section("contrast", "In common", said)
    telling = [each for each in report.contrast if each.layer is None or each.chance <= _CHANCE_MAX]
    rows = [_row(each) for each in telling[:_ROWS_MAX]]
    head = ("of those with", "have", "of them", "of the healthy", "difference (95 %)", "by chance")
    caption = (
        "Each column’s most telling value, of the failed and of the confirmed; it shows what goes together, no cause"
    )
    hidden = len(telling) - len(rows)
    more = sentence(f"{count(hidden, 'more row')}, of smaller groups.") if hidden else join()
    return section("contrast", "In common", said, table(caption, head, rows, numbers=(2, 3, 4, 5)), more)


def _row(each: Telling) -> tuple[str, ...]:
    return (
        "any failure" if each.layer is None else what(each.layer, each.cause),
        each.condition,
        f"{each.failed:,} of {each.failed_of:,} ({share(each.failed, each.failed_of)})",
        f"{each.healthy:,} of {each.healthy_of:,} ({share(each.healthy, each.healthy_of)})",
        f"{each.low * 100:+.0f} to {each.high * 100:+.0f} points".replace("-", "−"),
        "< 0.01 %" if each.chance < 0.0001 else f"{each.chance * 100:.3g} %",
    )
