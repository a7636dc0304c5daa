"""BSD syslog (RFC 3164), with or without its priority.

<14>May 17 03:47:12 F9FXQ1ABCD teslad[231]: text
"""

import re

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import BSD_STAMP, Stamps, bare, names_in, unwrap

FORMAT = Format(id="rfc3164", title="BSD syslog", reference="RFC 3164")
HEAD_LINE = re.compile(
    rf"(?:<([0-9]{{1,3}})>)?{BSD_STAMP} (\S+) (Setup Assistant|[^\s:\[\]<>]+)(?:\[[^\]]*\])?: ?(.*)",
    re.DOTALL,
)


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a line, None if it is not of this format."""
    match = HEAD_LINE.match(line)
    if match is None:
        return None
    priority, minute, second, fraction, host, process, text = match.groups()
    try:
        at = stamps.at(minute, second, fraction)
    except ValueError:
        return None
    subsystem, category, message = unwrap(text)
    return Record(at, bare(message), process, subsystem, category, severity(priority), host, names_in(message))


_SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")


def severity(priority: str | None) -> str:
    """The severity's name in a syslog priority (RFC 5424, 6.2.1)."""
    return _SEVERITIES[int(priority) % 8] if priority else ""
