"""Lines that tools print around a log and that are no records: headers, trailers, notices. They say whose log it is."""

import re
from typing import Final

LINES: Final = {
    "log-default": r"Timestamp +Thread +Type +Activity +PID(?: +TTL)?",
    "log-compact": r"Timestamp +Ty +Process\[PID:TID\]",
    "log-syslog": r"Timestamp +\(process\)\[PID\]",
    "idevicesyslog": r"\[(?:dis)?connected(?::[^\]]*)?\]|Exiting\.\.\.|\*\*\* Device is passcode protected.*",
    "log-json": r'\{ *"count" *: *[0-9]+ *, *"finished" *: *[0-9]+ *\}',
    "unifiedlog-csv": r"Timestamp,Event Type,Log Type,Subsystem,.*",
    "": (
        r'Filtering the log data using ".*|Skipping (?:info and )?debug messages, pass .*|-{20,}'
        r"|(?:Log|Activity) +- (?:Default|Create): .*|=== .*"
    ),
}
"""Format → what only its tool prints; "" for what several of them print."""

_ANY: Final = re.compile(r"\s*(?:" + "|".join(f"({each})" for each in LINES.values()) + r")\s*$")
_IDS: Final = tuple(LINES)


def noise_of(line: str) -> str | None:
    """The format whose tool prints this line around a log, "" for one that several print, None for any other line."""
    match = _ANY.match(line)
    return None if match is None or match.lastindex is None else _IDS[match.lastindex - 1]
