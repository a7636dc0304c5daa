"""CSV: one row a device, for spreadsheets, tickets and data bases; no text in it is run as a formula."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Final

from abm_trace.core.nouns import Origin, Verdict
from abm_trace.exports._interface import Export, Report, Screen, plain, verdict_line

EXPORT = Export(
    id="csv",
    title="A table: one row a device, safe to open in a spreadsheet",
    reference="https://www.rfc-editor.org/rfc/rfc4180",
)

COLUMNS: Final = (
    "serial", "site", "verdict", "last_rung", "last_rung_at", "layer", "cause", "contributing", "confidence",
    "attempts", "missing", "first_seen", "last_seen", "deadline_at", "as_of", "clock_offset", "journeys", "simulated",
    "exposure", "next_action", "evidence", "sighted_at", "sighted_place",
)  # fmt: skip
"""The columns, in this order; new ones come behind them."""

CHANGE: Final = "change"
"""The column behind them where `--since` asks what changed; a device that is gone has no row."""

# What Excel, LibreOffice and Google Sheets take for a formula (From: owasp.org/www-community/attacks/CSV_Injection):
# = + - @ TAB CR LF, also behind blanks and as full-width letters. An apostrophe is doubled, so that taking away the
# first one of a cell always gives back its text.
_RUN: Final = re.compile(r"['\t\r\n]|\s*[=+\-@＝＋－＠]")  # noqa: RUF001  # The full-width letters are meant.


_PART_ROWS: Final = 10_000


def render(report: Report, screen: Screen) -> bytes:
    """The table with its header, in order of serial; UTF-8, every row ended by CR LF."""
    return b"".join(parts(report, screen))


def parts(report: Report, screen: Screen, each: Callable[..., Iterable[bytes]] = map) -> Iterator[bytes]:
    """The same in parts of some rows each: of a large fleet nobody need hold all."""
    rows = chain([COLUMNS], map(_row, report.verdicts))
    if report.changes is not None:
        kinds = {change.serial: change.kind for change in report.changes.items}
        changed = ((*_row(verdict), kinds.get(verdict.serial, "unchanged")) for verdict in report.verdicts)
        rows = chain([(*COLUMNS, CHANGE)], changed)
    while some := list(islice(rows, _PART_ROWS)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows(some)
        yield text.getvalue().encode()


def safe(text: str) -> str:
    """The text with control characters as escapes, and an apostrophe before what a spreadsheet would run."""
    return ("'" if _RUN.match(text) else "") + plain(text)


def _row(verdict: Verdict) -> Iterable[str]:
    line = verdict_line(verdict)
    for name in COLUMNS[:-3]:
        yield _cell(getattr(line, name))
    yield safe(_place(verdict))
    seen = line.sighting
    yield _cell(seen and seen.at)
    yield _cell(seen and seen.place)


def _cell(value: object) -> str:
    """A field as a cell: nothing for null, several texts with `; ` between."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return safe("; ".join(value) if isinstance(value, tuple) else str(value))


def _place(verdict: Verdict) -> str:
    """Where the first evidence stands that the verdict rests on: `path:line`, or `path record N` without lines.

    What was overcome (`info`) is no evidence for it, nor is a sighting.
    """
    seen = verdict.sighting and verdict.sighting.origin
    proofs = (each for each in verdict.findings if each.severity != "info" and seen not in each.evidence)
    origins = (origin for finding in proofs for origin in finding.evidence)
    origin: Origin | None = next(origins, None)
    if origin is None:
        return ""
    if origin.line is not None:
        return f"{origin.path}:{origin.line}"
    return f"{origin.path} record {origin.record}" if origin.record is not None else origin.path
