"""What an export is: an object that names it, and `render(report, screen)`, which gives the bytes of a traced case."""

from abm_trace.core.nouns import FAILED, VERDICTS
from abm_trace.exports._interface import _numbers as numbers
from abm_trace.exports._interface._change import ChangeLine, because, change_line, place_of
from abm_trace.exports._interface._plain import plain
from abm_trace.exports._interface._report import Export, Report, Telling
from abm_trace.exports._interface._screen import LABEL_WIDTH, MARKS, Screen, cells, clip, count, local, moment, share
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

__all__ = [
    "FAILED",
    "LABEL_WIDTH",
    "LAYERS",
    "MARKS",
    "NO_LAYER",
    "SIDES",
    "VERDICTS",
    "ChangeLine",
    "Export",
    "FileLine",
    "Report",
    "Screen",
    "SkippedLine",
    "Telling",
    "VerdictLine",
    "because",
    "cells",
    "change_line",
    "clip",
    "count",
    "encode",
    "encode_lines",
    "file_line",
    "layer_name",
    "local",
    "moment",
    "numbers",
    "place_of",
    "plain",
    "share",
    "skipped_line",
    "verdict_line",
]
