"""What an export is: an object that names it, and `render(report, screen)`, which gives the bytes of a traced case."""

from dataclasses import dataclass
from datetime import UTC, tzinfo

from abm_trace.core.errors import AbmTraceError
from abm_trace.core.nouns import Reading, Skipped, Verdict
from abm_trace.exports._interface._plain import plain
from abm_trace.exports._interface._wire import SkippedLine, VerdictLine, encode, encode_lines, skipped_line, verdict_line


class ExportError(AbmTraceError):
    """An export cannot be made."""


@dataclass(frozen=True, slots=True)
class Export:
    """One way to hand over a traced case: its id is its file's name, `reference` says who defines its form."""

    id: str
    title: str
    reference: str
    since: str = "0.1"


@dataclass(frozen=True, slots=True)
class Report:
    """What an export renders. `case` is the path as the user gave it, `as_of` is µs UTC."""

    case: str
    verdicts: tuple[Verdict, ...]
    readings: tuple[Reading, ...]
    skipped: tuple[Skipped, ...]
    as_of: int
    zone: tzinfo = UTC
    zone_name: str = "UTC"
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """What the reader's screen can show: its width in cells, colours, and letters beyond ASCII."""

    width: int = 80
    colour: bool = False
    unicode: bool = True


__all__ = [
    "Export",
    "ExportError",
    "Report",
    "Screen",
    "SkippedLine",
    "VerdictLine",
    "encode",
    "encode_lines",
    "plain",
    "skipped_line",
    "verdict_line",
]
