"""`log stream` and `log show` with `--style compact`: milliseconds, no zone (the host's wall time).

2023-08-28 10:19:48.845 Df mdmclient[3270:3694b] [com.apple.ManagedClient:MDMAgent] text
"""

import re

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Stamps, bare, names_in, unwrap

FORMAT = Format(id="log-compact", title="log stream|show, compact style", reference="man log(1) on macOS")
HEAD_LINE = re.compile(
    rf"{STAMP}(?:{ZONE})? +([A-Z][a-z]?) +([^\[\]]+)\[[0-9]+:[0-9a-fA-F]+\] (?:\([^)]*\) )?(.*)", re.DOTALL
)


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is not of this format."""
    match = HEAD_LINE.match(line)
    if match is None:
        return None
    minute, second, fraction, zone, level, process, text = match.groups()
    try:
        at = stamps.at(minute, second, fraction, zone)
    except ValueError:
        return None
    subsystem, category, message = unwrap(text)
    return Record(at, bare(message), process, subsystem, category, level, "", names_in(message))
