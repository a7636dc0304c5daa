"""JSON: one document with the counts, the verdicts and what was not used."""

from collections import Counter

import msgspec

from abm_trace.core.instants import render as rendered
from abm_trace.exports._interface import (
    Export,
    FileLine,
    Report,
    Screen,
    SkippedLine,
    VerdictLine,
    encode,
    file_line,
    skipped_line,
    verdict_line,
)

EXPORT = Export(
    id="json",
    title="One JSON document: counts, verdicts, what was not used",
    reference="https://www.rfc-editor.org/rfc/rfc8259",
)


class Document(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/triage/1"):
    """The document; `counts` is the devices by verdict, `time_zone` the case's.

    `shared` says what the failed have in common; `files` stands there on demand.
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


def render(report: Report, screen: Screen) -> bytes:
    """The document, indented, with a newline at its end."""
    return encode(
        Document(
            as_of=rendered(report.as_of),
            time_zone=report.zone_name,
            simulated=report.simulated,
            devices=len(report.verdicts),
            counts=dict(sorted(Counter(verdict.verdict for verdict in report.verdicts).items())),
            files_read=sum(bool(reading.format) for reading in report.readings),
            files_refused=sum(not reading.format for reading in report.readings),
            shared=report.shared,
            verdicts=[verdict_line(verdict) for verdict in report.verdicts],
            skipped=[skipped_line(skipped) for skipped in report.skipped],
            files=[file_line(reading) for reading in report.readings] if report.files else None,
        )
    )
