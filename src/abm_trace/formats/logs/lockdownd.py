"""`lockdownd.log` of a sysdiagnose: month, day and year of two digits, the device's wall time.

10/13/21 07:57:42.865446 pid=69 set_response_error: handle_get_value MissingValue
"""

import re

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import Stamps, names_in

FORMAT = Format(
    id="lockdownd",
    title="Log of lockdownd",
    reference="log2timeline/plaso, plaso/parsers/text_plugins/ios_lockdownd.py",
)
HEAD_LINE = re.compile(
    r"([0-9]{2})/([0-9]{2})/([0-9]{2}) ([0-9]{2}:[0-9]{2}):([0-9]{2})[.,]([0-9]{1,9}) pid=[0-9]+ (.*)", re.DOTALL
)


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is not of this format or its time cannot be."""
    match = HEAD_LINE.match(line)
    if match is None:
        return None
    month, day, year, minute, second, fraction, message = match.groups()
    try:
        at = stamps.at(f"20{year}-{month}-{day}T{minute}", second, fraction)
    except ValueError:
        return None
    return Record(at, message, "lockdownd", attrs=names_in(message))
