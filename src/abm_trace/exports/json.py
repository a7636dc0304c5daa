"""JSON: one document with the counts, the verdicts and what was not used."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

import msgspec

from abm_trace.core.instants import render as rendered
from abm_trace.exports._interface import (
    ChangeLine,
    Export,
    FileLine,
    Report,
    Screen,
    SkippedLine,
    VerdictLine,
    change_line,
    encode,
    file_line,
    numbers,
    skipped_line,
    verdict_line,
)

EXPORT = Export(
    id="json",
    title="One JSON document: counts, verdicts, what was not used",
    reference="https://www.rfc-editor.org/rfc/rfc8259",
)


_PART_VERDICTS: Final = 1_000
_PLACE: Final = b'"verdicts": []'
"""Where the verdicts go; inside of a text its quotes would be escaped."""


class Document(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/triage/1"):
    """The document; `counts` is the devices by verdict, `time_zone` the case's.

    `shared` says what the failed have in common; `files` and `changes` stand there on demand.
    """

    as_of: str
    time_zone: str
    simulated: bool
    devices: int
    counts: dict[str, int]
    files_read: int
    files_refused: int
    shared: tuple[str, ...]
    verdicts: list[VerdictLine]
    skipped: list[SkippedLine]
    files: list[FileLine] | None
    changes: list[ChangeLine] | None


def render(report: Report, screen: Screen) -> bytes:
    """The document, indented, with a newline at its end."""
    return b"".join(parts(report, screen))


def parts(report: Report, screen: Screen, each: Callable[..., Iterable[bytes]] = map) -> Iterator[bytes]:
    """The same in parts of some verdicts each: of a large fleet nobody need hold all."""
    document = _without_verdicts(report)
    if not report.verdicts:
        yield document
        return
    head, tail = document.split(_PLACE, 1)
    yield head + _PLACE[:-1]
    verdicts = (encode(verdict_line(verdict)).rstrip().replace(b"\n", b"\n  ") for verdict in report.verdicts)
    between = b"\n  "
    while some := list(islice(verdicts, _PART_VERDICTS)):
        yield between + b",\n  ".join(some)
        between = b",\n  "
    yield b"\n ]" + tail


def _without_verdicts(report: Report) -> bytes:
    return encode(
        Document(
            as_of=rendered(report.as_of),
            time_zone=report.zone_name,
            simulated=report.simulated,
            devices=len(report.verdicts),
            counts=dict(sorted(numbers.counts(report).items())),
            files_read=numbers.read(report),
            files_refused=len(numbers.refused(report)),
            shared=report.shared,
            verdicts=[],
            skipped=[skipped_line(skipped) for skipped in report.skipped],
            files=[file_line(reading) for reading in report.readings] if report.files else None,
            changes=[change_line(change) for change in report.changes.items] if report.changes else None,
        )
    )
