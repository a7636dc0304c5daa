"""`unifiedlog_iterator --format jsonl`: a `.logarchive` read off a Mac, one object a line, times in UTC.

{"subsystem":"com.apple.…","thread_id":1,"pid":231,"euid":0,"library":"…","event_type":"Log","log_type":"Error",…}
"""

import re
from typing import Final

import msgspec

from abm_trace.core.instants import FIRST, LAST
from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Stamps, bare, inner, names_in

FORMAT = Format(
    id="unifiedlog-json",
    title="unifiedlog_iterator, jsonl",
    reference="mandiant/macos-UnifiedLogs, examples/unifiedlog_iterator",
)
HEAD_LINE = re.compile(
    r'\s*\[?\s*\{(?=.*"(?:event_type|log_type|boot_uuid|library_uuid)"\s*:)(?=.*"(?:activity_id|euid)"\s*:)'
    r'.*"(?:thread_id|library)"\s*:'
)
OBJECTS = True
_STAMP = re.compile(STAMP + ZONE + "$")
_NS: Final = 1000
"""Nanoseconds in a microsecond: `time` is a number of the former."""


class _Entry(msgspec.Struct, gc=False):
    timestamp: str = ""
    time: float | None = None
    message: str | None = None
    process: str = ""
    subsystem: str = ""
    category: str = ""
    log_type: str = ""


_DECODER = msgspec.json.Decoder(_Entry)


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is no entry of the tool or is damaged. Its older versions print `time` alone."""
    try:
        entry = _DECODER.decode(inner(line))
    except (msgspec.DecodeError, RecursionError):
        return None
    at = _at(entry, stamps)
    if at is None or entry.message is None:
        return None
    message = bare(entry.message)
    process = entry.process.rpartition("/")[2]
    names = names_in(message)
    return Record(at, message, process, entry.subsystem, entry.category, entry.log_type, "", names)


def _at(entry: _Entry, stamps: Stamps) -> int | None:
    if match := _STAMP.match(entry.timestamp):
        try:
            return stamps.at(*match.groups(""))
        except ValueError:
            return None
    if entry.timestamp or entry.time is None or not 0 < entry.time / _NS <= LAST:
        return None
    return max(FIRST, int(entry.time // _NS))
