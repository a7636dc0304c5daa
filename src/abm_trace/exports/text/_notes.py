"""What else a summary says: retries, licences at stake, exposure, what was not used."""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final

from abm_trace.core.nouns import FAILED, Verdict
from abm_trace.exports._interface import Report, Screen, count, numbers, plain, say, share

_NOT_READ_MAX: Final = 5
_NOT_READ_SHORT: Final = 1
_SHARED_MAX: Final = 4
_EXPOSED_MAX: Final = 4

UNPROTECTED: Final = (" off", " no")
"""How a statement of exposure ends that says that something does not protect the device."""


def lines(report: Report, screen: Screen) -> Iterator[str]:
    """The notes."""
    yield ""
    again, asked = numbers.retried(report)
    text = f"{again:,} of {count(asked, 'device')} that asked ({share(again, asked)}) asked more than once"
    yield from screen.labelled("Retried", text)
    for label, text in report.notes:
        yield from screen.labelled(label, text)
    yield from _exposed(report, screen)
    for each in say.shared(report)[1:_SHARED_MAX] if screen.rows is None else ():
        yield from screen.labelled("In common", each)
    yield from _not_used(report, screen)


def _exposed(report: Report, screen: Screen) -> Iterator[str]:
    if said := exposed(tuple(verdict for verdict in report.told if verdict.verdict in FAILED)):
        yield from screen.labelled("Exposed", f"as far as is known: {said}", style="failed")


def exposed(verdicts: Collection[Verdict]) -> str:
    """What does not protect these devices, with how many of them; "" where nothing is known."""
    found = Counter(text for verdict in verdicts for text in verdict.exposure if text.endswith(UNPROTECTED))
    return ", ".join(f"{plain(text)} ({number:,})" for text, number in found.most_common(_EXPOSED_MAX))


def _not_used(report: Report, screen: Screen) -> Iterator[str]:
    if not report.skipped:
        return
    files = len({each.path for each in report.skipped})
    many = f"{count(len(report.skipped), 'thing')} in {count(files, 'file')}"
    yield from screen.labelled("Not used", f"{many}; each is named on standard error, or in the NDJSON")
    kinds = numbers.alike(report.skipped)
    for alike in kinds[: _NOT_READ_MAX if screen.rows is None else _NOT_READ_SHORT]:
        more = f" (and {len(alike) - 1:,} more like this)" if len(alike) > 1 else ""
        yield from screen.labelled("", f"{numbers.place(alike[0])}: {alike[0].reason}{more}")
