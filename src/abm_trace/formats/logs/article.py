"""The two forms of the field guide's own logs.

2026-05-17 03:47:12.883 DEBUG com.apple.DeviceManagement.Enrollment [ABM] Sending enrollment request to https://…
2026-05-17T03:47:12.883Z ERROR com.apple.DeviceManagement.Enrollment ABMRegistrationFailedWithErrorDomain: …
"""

import re

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Stamps, bare, names_in

FORMAT = Format(id="article", title="Log of the field guide", reference="CASE.md, Device logs")
LEVELS = r"(DEBUG|INFO|NOTICE|DEFAULT|WARN|WARNING|ERROR|FAULT|CRITICAL|TRACE)"
HEAD_LINE = re.compile(rf"{STAMP}(?:{ZONE})? +{LEVELS} +([A-Za-z][\w-]*(?:\.[\w-]+)+)(?::([\w-]*))?:? +(.*)", re.DOTALL)


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is not of this format."""
    match = HEAD_LINE.match(line)
    if match is None:
        return None
    minute, second, fraction, zone, level, subsystem, category, message = match.groups()
    try:
        at = stamps.at(minute, second, fraction, zone)
    except ValueError:
        return None
    return Record(at, bare(message), "", subsystem, category or "", level, "", names_in(message))
