"""/var/log/jamf.log of a Mac: its lines are the jamf binary's and prove nothing of an enrolment, so that it is named.

So is the log of ReEnroller, Jamf's tool for moving Macs; what profiles(1) said in it can be read by itself.

Fri May 17 08:40:21 MacBook-Lab1 jamf[1234]: Enroll return code: 0
"""

import re
from collections.abc import Iterator
from typing import Final

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head

FORMAT = Format(id="jamf-log", title="Log of the jamf binary (named)", reference="docs/facts.md#jamf-log")

_LINE: Final = re.compile(
    rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [^\n]{1,255}? jamf\[[0-9]{1,8}\]: "
)
# Fri Apr 25 09:20:00 host.example.com [ReEnroller]:    command result: Error fetching Device Enrollment configuration
_REENROLLER: Final = re.compile(
    rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [^\n]{1,255}? \[ReEnroller\]: "
)
_RESULTS: Final = (
    "a log of ReEnroller is not read, its dates have no year: save what stands behind `command result:` as SERIAL.txt"
)
_REASON: Final = (
    "a log of the jamf binary is not read: no line of it is of an enrolment process, and its dates have no year;"
    " what the Mac did while it enrolled is in `log show --style syslog > SERIAL.log`"
)


def score(head: Head) -> float:
    """Sure where one of the first lines is the jamf binary's."""
    rows = head.data[:8192].split(b"\n", 8)[:8]
    return 0.95 if any(_LINE.match(row) or _REENROLLER.match(row) for row in rows) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """No fact, but what to do."""
    if not content.offset:
        yield Skipped(content.path, _RESULTS if b" [ReEnroller]: " in content.data[:8192] else _REASON)
