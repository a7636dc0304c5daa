"""`idevicesyslog` of an attached device: both stamps, with and without the device's name; macOS system.log too.

Sep 21 21:32:38 TestPhone teslad(ManagedConfiguration)[1234] <Notice>: text
Oct  1 10:00:00.000000 profiled[1] <Error>: text
"""

import re

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import BSD_STAMP, Stamps, bare, names_in, unwrap

FORMAT = Format(id="idevicesyslog", title="idevicesyslog", reference="libimobiledevice, tools/idevicesyslog.c")
HEAD_LINE = re.compile(
    rf"{BSD_STAMP} (?:(\S+) )??(Setup Assistant|[^\s:(\[\]<>]+)(?:\([^)]*\))?\[[0-9]+\] <([A-Za-z]+)>: (.*)", re.DOTALL
)


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is not of this format."""
    match = HEAD_LINE.match(line)
    if match is None:
        return None
    minute, second, fraction, host, process, level, text = match.groups()
    try:
        at = stamps.at(minute, second, fraction)
    except ValueError:
        return None
    subsystem, category, message = unwrap(text)
    return Record(at, bare(message), process, subsystem, category, level, host or "", names_in(message))
