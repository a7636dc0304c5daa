"""NDJSON: one strict JSON object a line, a verdict a device and then each thing that was not used.

What changed since an earlier judgement stands at the end, where it was asked for.
"""

from abm_trace.exports._interface import Export, Report, Screen, change_line, encode_lines, skipped_line, verdict_line

EXPORT = Export(
    id="ndjson",
    title="JSON lines: a verdict a device, then what was not used",
    reference="https://github.com/ndjson/ndjson-spec",
)


def render(report: Report, screen: Screen) -> bytes:
    """The lines, in order of serial; they end with a newline each."""
    changes = report.changes.items if report.changes else ()
    return encode_lines(
        [*map(verdict_line, report.verdicts), *map(skipped_line, report.skipped), *map(change_line, changes)]
    )
