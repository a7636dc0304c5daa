"""`pymobiledevice3 syslog live --format json`: one object a line, the wall time of the computer that captures.

{"pid":231,"procid":231,"thread_id":1,"timestamp":"2026-06-23T16:41:07.512345","level":"ERROR","filename":"/usr/…",…}
"""

import re

import msgspec

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Stamps, bare, inner, names_in

FORMAT = Format(
    id="pymobiledevice3-json",
    title="pymobiledevice3 syslog live, json",
    reference="pymobiledevice3, pymobiledevice3/cli/syslog.py",
)
HEAD_LINE = re.compile(r'\s*\[?\s*\{(?=.*"(?:procid|image_offset|mach_timestamp)"\s*:).*"(?:thread_id|image_name)"\s*:')
OBJECTS = True
_STAMP = re.compile(STAMP + f"(?:{ZONE})?$")


class _Label(msgspec.Struct, gc=False):
    subsystem: str | None = None
    category: str | None = None


class _Entry(msgspec.Struct, gc=False):
    timestamp: str = ""
    message: str | None = None
    filename: str | None = None
    level: str | None = None
    label: _Label | None = None


_DECODER = msgspec.json.Decoder(_Entry)


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is no entry of the tool or is damaged."""
    try:
        entry = _DECODER.decode(inner(line))
    except (msgspec.DecodeError, RecursionError):
        return None
    match = _STAMP.match(entry.timestamp)
    if match is None or entry.message is None:
        return None
    try:
        at = stamps.at(*match.groups(""))
    except ValueError:
        return None
    message = bare(entry.message)
    process = (entry.filename or "").rpartition("/")[2]
    label = entry.label or _Label()
    names = names_in(message)
    return Record(at, message, process, label.subsystem or "", label.category or "", entry.level or "", "", names)
