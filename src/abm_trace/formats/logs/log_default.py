"""`log stream` and `log show` in their default style.

2025-07-27 15:47:10.504275-0400 0x96aa6    Default     0x0    30612  0    teslad: (sender) [subsystem:category] text
"""

import re

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Stamps, bare, names_in, unwrap

FORMAT = Format(id="log-default", title="log stream|show, default style", reference="man log(1) on macOS")
HEAD_LINE = re.compile(
    rf"{STAMP}(?:{ZONE})? +0x[0-9a-fA-F]+ +(\w+) +0x[0-9a-fA-F]+ +[0-9]+ +[0-9]+ +"
    r"(?:\[spid [^\]]*\] )?([^:\[(]+): (?:\([^)]*\) )?(.*)",
    re.DOTALL,
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
