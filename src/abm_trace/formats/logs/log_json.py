r"""`log … --style ndjson`: one object a line; its trailer and events without a message are no records.

{"timestamp":"2025-07-27 15:47:10.504275-0400","eventMessage":"text","processImagePath":"\/usr\/libexec\/teslad",…}
"""

import re

import msgspec

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Stamps, bare, names_in

FORMAT = Format(id="log-json", title="log stream|show, ndjson style", reference="man log(1) on macOS")
HEAD_LINE = re.compile(r'\s*\{.*"(?:eventMessage|machTimestamp|traceID)"\s*:', re.DOTALL)
_STAMP = re.compile(STAMP + f"(?:{ZONE})?$")


class _Event(msgspec.Struct, gc=False):
    timestamp: str = ""
    eventMessage: str | None = None  # noqa: N815
    processImagePath: str | None = None  # noqa: N815
    subsystem: str | None = None
    category: str | None = None
    messageType: str | None = None  # noqa: N815


_DECODER = msgspec.json.Decoder(_Event)


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is no event of the unified log or is damaged."""
    try:
        event = _DECODER.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None
    match = _STAMP.match(event.timestamp)
    if match is None or event.eventMessage is None:
        return None
    try:
        at = stamps.at(*match.groups(""))
    except ValueError:
        return None
    message = bare(event.eventMessage)
    process = (event.processImagePath or "").rpartition("/")[2]
    names = names_in(message)
    return Record(at, message, process, event.subsystem or "", event.category or "", event.messageType or "", "", names)
