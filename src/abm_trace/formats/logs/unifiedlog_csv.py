"""`unifiedlog_iterator --format csv`: the same as a table, times in UTC.

2026-05-17T03:47:12.883Z,Log,Error,com.apple.ManagedClient,1,231,0,/usr/lib/…,UUID,0,0,MDM,/usr/libexec/teslad,UUID,…
"""

import csv
import re
from typing import Final

from abm_trace.core.nouns import Record
from abm_trace.formats._interface import Format
from abm_trace.formats.logs._interface import STAMP, ZONE, Stamps, bare, names_in

FORMAT = Format(
    id="unifiedlog-csv",
    title="unifiedlog_iterator, csv",
    reference="mandiant/macos-UnifiedLogs, examples/unifiedlog_iterator",
)
HEAD_LINE = re.compile(
    rf"{STAMP}{ZONE},(?:Unknown|Log|Activity|Trace|Signpost|Simpledump|Statedump|Loss),(?P<level>[A-Za-z]+),"
)
_ACTIVITY: Final = 9
"""Columns up to here stand in every version; newer ones have the parent activity behind it."""


def frame(line: str, stamps: Stamps) -> Record | None:
    """The record of a row, or of the first line of one whose message has several; None for anything else."""
    match = HEAD_LINE.match(line)
    if match is None:
        return None
    try:
        row = next(csv.reader([line]))
        at = stamps.at(match["minute"], match["second"], match["fraction"] or "", match["zone"])
    except (csv.Error, StopIteration, ValueError):
        return None
    rest = row[_ACTIVITY + 1 :]
    if rest and rest[0].isdigit():
        rest = rest[1:]
    if len(rest) < 4:
        return None
    category, process, _, message = rest[:4]
    message = bare(message)
    return Record(at, message, process.rpartition("/")[2], row[3], category, row[2], "", names_in(message))
