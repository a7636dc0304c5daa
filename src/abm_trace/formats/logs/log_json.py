r"""`log … --style ndjson` and `--style json` (the same objects in one array); events without a message are no records.

{"timestamp":"2025-07-27 15:47:10.504275-0400","eventMessage":"text","processImagePath":"\/usr\/libexec\/teslad",…}
"""

import re

import msgspec

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Stamps, bare, inner, names_in

FORMAT = Format(id="log-json", title="log stream|show, json and ndjson style", reference="man log(1) on macOS")
HEAD_LINE = re.compile(r'\s*\[?\s*\{.*"(?:eventMessage|machTimestamp|traceID)"\s*:', re.DOTALL)
OBJECTS = True
_STAMP = re.compile(STAMP + f"(?:{ZONE})?$")


class _Event(msgspec.Struct, gc=False):
    timestamp: str = ""
    eventMessage: str | None = None  # noqa: N815
    processImagePath: str | None = None  # noqa: N815
    subsystem: str | None = None
    category: str | None = None
    messageType: str | None = None  # noqa: N815


class _Clock(msgspec.Struct, gc=False):
    bootUUID: str = ""  # noqa: N815
    machTimestamp: int = 0  # noqa: N815


_DECODER = msgspec.json.Decoder(_Event)
_CLOCK = msgspec.json.Decoder(_Clock)


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is no event of the unified log or is damaged."""
    try:
        event = _DECODER.decode(inner(line))
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


def clock(line: str) -> tuple[str, int] | None:
    """The boot of an event and how many ticks of the machine's own clock went by since; None where it does not say."""
    try:
        said = _CLOCK.decode(inner(line))
    except (msgspec.DecodeError, RecursionError):
        return None
    return (said.bootUUID, said.machTimestamp) if said.bootUUID and said.machTimestamp > 0 else None
