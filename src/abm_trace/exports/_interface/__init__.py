"""What an export is: an object that names it, and `render(report, screen)`, which gives the bytes of a traced case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from abm_trace.core.nouns import Reading, Skipped, Verdict
from abm_trace.exports._interface._plain import plain
from abm_trace.exports._interface._screen import MARKS, Screen, cells, clip, count, local, moment, share
from abm_trace.exports._interface._wire import (
    FileLine,
    SkippedLine,
    VerdictLine,
    encode,
    encode_lines,
    file_line,
    skipped_line,
    verdict_line,
)
from abm_trace.exports._interface._words import LAYERS, NO_LAYER, SIDES, layer_name

FAILED = ("vanished", "rejected", "half_confirmed")
"""The verdicts that are failures, worst first."""

VERDICTS = (*FAILED, "unknown", "in_progress", "not_started", "confirmed")
"""Every verdict, in the order in which people should see them."""


@dataclass(frozen=True, slots=True)
class Export:
    """One way to hand over a traced case: its id is its file's name, `reference` says who defines its form."""

    id: str
    title: str
    reference: str
    since: str = "0.1"


@dataclass(frozen=True, slots=True)
class Report:
    """What an export renders.

    `case` is the path as the user gave it, `as_of` and `reach` (side → how far it was read) are µs UTC; `files` says
    that how each file was read is wanted too; `shared` are sentences that say what the failed have in common,
    `wanted` what would settle most: (source, devices, up to when in µs UTC, how to get it), `limits` the thresholds
    that held: (name, value in seconds, origin, meaning).
    """

    case: str
    verdicts: tuple[Verdict, ...]
    readings: tuple[Reading, ...]
    skipped: tuple[Skipped, ...]
    as_of: int
    zone: tzinfo = UTC
    zone_name: str = "UTC"
    simulated: bool = False
    reach: Mapping[str, int | None] = field(default_factory=dict)
    files: bool = False
    shared: tuple[str, ...] = ()
    wanted: tuple[tuple[str, int, int | None, str], ...] = ()
    limits: tuple[tuple[str, float, str, str], ...] = ()


__all__ = [
    "FAILED",
    "LAYERS",
    "MARKS",
    "NO_LAYER",
    "SIDES",
    "VERDICTS",
    "Export",
    "FileLine",
    "Report",
    "Screen",
    "SkippedLine",
    "VerdictLine",
    "cells",
    "clip",
    "count",
    "encode",
    "encode_lines",
    "file_line",
    "layer_name",
    "local",
    "moment",
    "plain",
    "share",
    "skipped_line",
    "verdict_line",
]
