"""How each file was read: format and why, lines, facts, what was not used, first and last time."""

from collections.abc import Iterator
from datetime import UTC

from abm_trace.core.nouns import Reading
from abm_trace.exports._interface import Report, Screen, count, moment, plain


def lines(report: Report, screen: Screen) -> Iterator[str]:
    """Two lines a file: its path, then what became of it."""
    yield screen.paint(f"Files: {len(report.readings):,}", "bold")
    for reading in report.readings:
        mark = "✓" if reading.format and not reading.skipped else "◐" if reading.format else "✗"
        yield f"{screen.paint(mark, '' if reading.format else 'bad')} {plain(reading.path)}"
        yield from screen.sentence(_how(reading), indent="    ")


def _how(reading: Reading) -> str:
    if not reading.format:
        reasons = "; ".join(dict.fromkeys(each.reason for each in reading.skipped)) or reading.why
        return f"refused: {reasons}"
    parts = [
        f"{reading.format} ({reading.why})",
        count(reading.lines, "line"),
        count(len(reading.facts), "fact"),
        f"{len(reading.skipped):,} not used",
    ]
    if reading.first_at is not None and reading.last_at is not None:
        parts.append(f"{moment(reading.first_at, UTC)[:-4]} – {moment(reading.last_at, UTC)}")
    return " · ".join(parts)
