"""NDJSON: one strict JSON object a line, a verdict a device and then each thing that was not used."""

from abm_trace.exports._interface import Export, Report, Screen, encode_lines, skipped_line, verdict_line

EXPORT = Export(
    id="ndjson",
    title="JSON lines: a verdict a device, then what was not used",
    reference="https://github.com/ndjson/ndjson-spec",
)


def render(report: Report, screen: Screen) -> bytes:
    """The lines, in order of serial; they end with a newline each."""
    return encode_lines([*map(verdict_line, report.verdicts), *map(skipped_line, report.skipped)])
