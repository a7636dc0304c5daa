"""Syslog (RFC 5424), also with the octet count of RFC 6587 before each message.

<14>1 2026-05-17T03:47:12.883Z F9FXQ1ABCD teslad 231 - [abm@32473 serial="F9FXQ1ABCD"] text
"""

import re

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Stamps, bare, names_in, unwrap

FORMAT = Format(id="rfc5424", title="Syslog", reference="RFC 5424, RFC 6587")
HEAD_LINE = re.compile(
    rf"(?:[0-9]{{1,7}} )?<([0-9]{{1,3}})>1 {STAMP}{ZONE} (\S+) (\S+) (\S+) (\S+) "
    r"(-|(?:\[(?:[^\]\"]|\"(?:[^\"\\]|\\.)*\")*\])+) ?(?:\ufeff)?(.*)",
    re.DOTALL,
)
_SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is not of this format."""
    match = HEAD_LINE.match(line)
    if match is None:
        return None
    priority, minute, second, fraction, zone, host, process, _, _, structured, text = match.groups()
    try:
        at = stamps.at(minute, second, fraction, zone)
    except ValueError:
        return None
    subsystem, category, message = unwrap(text)
    level = _SEVERITIES[int(priority) % 8]
    names = names_in(structured if structured != "-" else "") or names_in(message)
    return Record(at, bare(message), _nil(process), subsystem, category, level, _nil(host), names)


def _nil(value: str) -> str:
    return "" if value == "-" else value
