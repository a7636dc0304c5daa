"""NDJSON: one strict JSON object a line, a verdict a device and then each thing that was not used.

What changed since an earlier judgement stands at the end, where it was asked for.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Final

from abm_trace.core.nouns import Verdict
from abm_trace.core.packed import Packed, unpacked
from abm_trace.exports._interface import Export, Report, Screen, change_line, encode_lines, skipped_line, verdict_line

_PART_LINES: Final = 10_000

EXPORT = Export(
    id="ndjson",
    title="JSON lines: a verdict a device, then what was not used",
    reference="https://github.com/ndjson/ndjson-spec",
)


def render(report: Report, screen: Screen) -> bytes:
    """The lines, in order of serial; they end with a newline each."""
    return b"".join(parts(report, screen))


def parts(
    report: Report, screen: Screen, each: Callable[[Callable[[bytes], bytes], Iterable[bytes]], Iterable[bytes]] = map
) -> Iterator[bytes]:
    """The same in parts of some lines each: of a large fleet nobody need hold all.

    `each` makes the parts of packed verdicts, in order: `map`, or what does the same in several processes.
    """
    changes = report.changes.items if report.changes else ()
    verdicts = report.verdicts
    if isinstance(verdicts, Packed):
        yield from each(_unpacked_lines, verdicts.blocks)
        verdicts = ()
    lines = chain(map(verdict_line, verdicts), map(skipped_line, report.skipped), map(change_line, changes))
    while some := list(islice(lines, _PART_LINES)):
        yield encode_lines(some)


def _unpacked_lines(block: bytes) -> bytes:
    return encode_lines(map(verdict_line, unpacked(block, list[Verdict])))
