"""What an export is: an object that names it, and `render(report, screen)`, which gives the bytes of a traced case."""

from abm_trace.core.nouns import FAILED, VERDICTS
from abm_trace.exports._interface import _numbers as numbers
from abm_trace.exports._interface import _places as places
from abm_trace.exports._interface import _say as say
from abm_trace.exports._interface import _steps as steps
from abm_trace.exports._interface._change import (
    CHANGE_REASONS,
    CHANGE_TITLES,
    ChangeLine,
    because,
    change_line,
    place_of,
)
from abm_trace.exports._interface._plain import plain
from abm_trace.exports._interface._report import Export, Missing, Report, Telling
from abm_trace.exports._interface._screen import (
    LABEL_WIDTH,
    MARKS,
    Screen,
    cells,
    clip,
    count,
    moment,
    share,
    together,
)
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
from abm_trace.exports._interface._words import (
    LAYERS,
    LEGEND,
    SIDES,
    UNPROVED,
    UNREAD,
    layer_name,
    meaning,
    stopped_by,
    what,
)

__all__ = [
    "CHANGE_REASONS",
    "CHANGE_TITLES",
    "FAILED",
    "LABEL_WIDTH",
    "LAYERS",
    "LEGEND",
    "MARKS",
    "SIDES",
    "UNPROVED",
    "UNREAD",
    "VERDICTS",
    "ChangeLine",
    "Export",
    "FileLine",
    "Missing",
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
    "meaning",
    "moment",
    "numbers",
    "place_of",
    "places",
    "plain",
    "say",
    "share",
    "skipped_line",
    "steps",
    "stopped_by",
    "together",
    "verdict_line",
    "what",
]
