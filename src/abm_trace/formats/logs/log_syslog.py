"""`log … --style syslog`, and syslog files with ISO stamps: date, host, process, message.

2022-08-25 15:22:01.008417+0100 localhost teslad[1766]: (sender) [subsystem:category] text
2026-05-17T03:47:12.883+00:00 F9FXQ1ABCD teslad[231]: text
"""

import re

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Stamps, bare, names_in, unwrap

FORMAT = Format(id="log-syslog", title="log stream|show, syslog style", reference="man log(1) on macOS; rsyslog")
HEAD_LINE = re.compile(
    rf"(?:<[0-9]{{1,3}}>)?{STAMP}(?:{ZONE})? +(?!(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FAULT) )(\S+) (Setup Assistant|[^\s:\[\]<>]+)(?:\[[0-9]+\])?: (?:\([^)]*\) )?(.*)",
    re.DOTALL,
)


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is not of this format."""
    match = HEAD_LINE.match(line)
    if match is None:
        return None
    minute, second, fraction, zone, host, process, text = match.groups()
    try:
        at = stamps.at(minute, second, fraction, zone)
    except ValueError:
        return None
    subsystem, category, message = unwrap(text)
    return Record(at, bare(message), process, subsystem, category, "", host, names_in(message))
