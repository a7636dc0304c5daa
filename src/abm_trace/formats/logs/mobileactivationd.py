"""`mobileactivationd.log` of a sysdiagnose, and the logs of `containermanagerd` and `installd`: the device's wall time.

Wed May 24 13:08:13 2023 [135] <debug> (0x16f1db000) MA: main: build_version: 19H349
"""

import re
from typing import Final

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import MONTHS, Stamps, bare, names_in

FORMAT = Format(
    id="mobileactivationd",
    title="Log of mobileactivationd",
    reference="log2timeline/plaso, plaso/parsers/text_plugins/ios_sysdiag_log.py",
)
HEAD_LINE = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +([0-9]{1,2}) ([0-9]{2}:[0-9]{2}):([0-9]{2}) ([0-9]{4}) \[[0-9]+\]"
    r"(?: <([A-Za-z]+)>)?(?: \(0x[0-9a-fA-F]+\))? (.*)",
    re.DOTALL,
)
_OWN: Final = "MA: "
"""What mobileactivationd puts before its own messages; the other daemons do not say who they are."""


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is not of this format or its time cannot be."""
    match = HEAD_LINE.match(line)
    if match is None or match[1] not in MONTHS:
        return None
    month, day, minute, second, year, level, message = match.groups("")
    try:
        at = stamps.at(f"{year}-{MONTHS[month]:02d}-{int(day):02d}T{minute}", second)
    except ValueError:
        return None
    own = message.startswith(_OWN)
    message = bare(message.removeprefix(_OWN))
    return Record(at, message, "mobileactivationd" if own else "", level=level, attrs=names_in(message))
